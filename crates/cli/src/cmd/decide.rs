//! `flagrace decide`: predicts what threads and tasks take, from a calibration of this machine.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use flagrace_core::{Cancel, Job, Status, UrlList};
use flagrace_measure::{Comparison, Engine, Scenario, map};
use flagrace_report::advice;
use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::data::{Run, Writer};
use flagrace_report::law::{Cell, Law, Prediction};

use super::compare::{HERE, complain, meta, with_bar};
use crate::args::{Network, Urls, Usage, at_least_one, some_time};
use crate::interrupt;
use crate::output::{print, tell};

/// The longest trial of --check, in seconds.
const LONGEST_S: f64 = 5.0;

#[derive(clap::Parser)]
#[command(after_help = "\
The first call calibrates this machine in at most 30 seconds, on Linux. The result is kept in
$XDG_CACHE_HOME/flagrace or ~/.cache/flagrace, and used while machine and revision are the same.
Calibrating leaves the server half of the cores; a prediction for more scales the result. Requests
are for small bodies over http: https and large bodies take more processor time.
The prediction is for a server elsewhere, with --check for the flag server on this machine.
Exit code: 0, 1 after an error, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// Number of requests
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one, default_value_t = 1000)]
    requests: usize,
    /// How long the server takes for an answer [default: no time]
    #[arg(long, value_name = "TIME", value_parser = some_time, conflicts_with_all = ["url", "urls"])]
    delay: Option<Duration>,
    /// Processor time to compute on each body [default: none]
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    cpu: Option<Duration>,
    /// Cores of the client [default: all of this machine]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    cores: Option<usize>,
    /// Measure the delay of this URL instead: the median of 10 requests, 2 a second
    #[arg(long, value_name = "URL", conflicts_with = "urls")]
    url: Option<String>,
    /// Measure the delay of the URLs in a file, in the same way; - is standard input
    #[arg(long, value_name = "FILE")]
    urls: Option<PathBuf>,
    /// Measure the workload too, in 20 rounds with trials of up to 5 seconds
    #[arg(long)]
    check: bool,
    /// Calibrate again
    #[arg(long)]
    fresh: bool,
    /// Predict from a run of `flagrace map` instead of calibrating
    #[arg(long, value_name = "FILE", conflicts_with = "fresh")]
    from: Option<PathBuf>,
    #[command(flatten)]
    network: Network,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let cancel = interrupt::cancels()?;
    let decided = args.decide(&cancel);
    let failed = !cancel.is_cancelled() && decided?.1;
    Ok(interrupt::exit_code(&cancel, failed))
}

/// Measures scenarios, reports what failed, and returns whether anything did.
pub fn measure(
    scenarios: Vec<Scenario>,
    seed: u64,
    cancel: &Cancel,
    writer: &mut Writer,
) -> anyhow::Result<bool> {
    let comparison = Comparison {
        scenarios,
        seed,
        cancel: cancel.clone(),
        ..Comparison::default()
    };
    let missed = with_bar(&comparison, None, writer)?;
    Ok(complain(writer.run(), &missed))
}

impl Args {
    /// Returns the prediction, and whether a trial of --check failed.
    pub fn decide(&self, cancel: &Cancel) -> anyhow::Result<(Prediction, bool)> {
        let here = meta(HERE).cores;
        let cores = self.cores.unwrap_or(here);
        if self.check && cores > here {
            let most = format!("--check measures here: --cores must be at most {here}");
            return Err(Usage::error(most));
        }
        let (delay, cpu) = (self.delay(cancel)?, self.cpu.unwrap_or_default());
        let cell = Cell {
            requests: self.requests,
            concurrency: self.network.concurrency,
            delay_s: delay.as_secs_f64(),
            spread_s: 0.0,
            cpu_s: cpu.as_secs_f64(),
            cores,
        };
        let prediction = self.law(cores, cancel)?.predict(&cell, self.check);
        if !self.check {
            print(&advice::document(&prediction, &cell, None))?;
            return Ok((prediction, false));
        }
        let times = prediction.models.iter().map(|one| one.time_s);
        let longest_s = times.fold(0.0, f64::max);
        if longest_s > LONGEST_S {
            return Err(Usage::error(format!(
                "a trial of --check would take {longest_s:.1} s, but at most {LONGEST_S} s are \
                 right: give fewer requests (-n) or less --delay"
            )));
        }
        let mut scenario = map::cell(self.requests, cell.concurrency, delay, cpu);
        scenario.name = "check".to_owned();
        scenario.pin = cores < here;
        scenario.cores = Some(cores);
        let mut writer = Writer::in_memory(meta(HERE));
        let failed = measure(vec![scenario], fastrand::u64(..), cancel, &mut writer)?;
        let measured = analyse(writer.run(), Margins::default());
        print(&advice::document(&prediction, &cell, measured.first()))?;
        Ok((prediction, failed))
    }

    /// The given delay, or the median time of 10 requests to the user's service.
    fn delay(&self, cancel: &Cancel) -> anyhow::Result<Duration> {
        let list = match (&self.url, &self.urls) {
            (Some(url), _) => UrlList::parse(url)?,
            (None, Some(path)) => Urls::read(path)?.list,
            (None, None) => return Ok(self.delay.unwrap_or_default()),
        };
        let setup = self.network.setup(1, list.needs_tls())?;
        let engine = Engine::Seq.build(&setup)?;
        let host = list.url(0).split('/').nth(2).unwrap_or_default();
        tell(format_args!("10 requests, 2 a second, the first to {host}"));
        let mut job = Job::of_urls(Arc::new(list));
        job.cancel = cancel.clone();
        let mut times = Vec::new();
        for item in job.items.iter().cycle().take(10) {
            let mut single = job.clone();
            single.items = [*item].into();
            for one in engine.download_many(&single)?.outcomes {
                let url = job.origin.url(one.item);
                ensure!(one.status == Status::Ok, "{url}: {}", one.reason());
                times.push(one.timing.finished - one.timing.started.unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(500));
        }
        times.sort_unstable();
        Ok((times[4] + times[5]) / 2)
    }

    /// The law from the file, from a kept calibration, or from one now.
    fn law(&self, cores: usize, cancel: &Cancel) -> anyhow::Result<Law> {
        if let Some(path) = &self.from {
            let without = || format!("{} has no calibration of `flagrace map`", path.display());
            return Law::of(&Run::read(path)?).with_context(without);
        }
        let meta = meta(HERE);
        // The server needs cores too.
        let cores = cores.min(meta.cores / 2).max(1);
        let named = |name| env::var_os(name).filter(|path| !path.is_empty());
        let home = || Path::new(&named("HOME").unwrap_or_default()).join(".cache");
        let cache = named("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
        let path = cache.join(format!("flagrace/calibration-{cores}.jsonl"));
        if !self.fresh
            && let Ok(run) = Run::read(&path)
            && run.meta.is_like(&meta)
            && !meta.dirty
            && let Some(law) = Law::of(&run)
        {
            return Ok(law);
        }
        let mut writer = Writer::in_memory(meta);
        let scenarios = map::calibration(cores);
        let failed = measure(scenarios, fastrand::u64(..), cancel, &mut writer)?;
        // A part would give a wrong law, and be kept.
        let is_whole = !failed && !cancel.is_cancelled();
        ensure!(is_whole, "the calibration is not complete");
        let law = Law::of(writer.run()).context("not every engine could be calibrated")?;
        // Without the file, only the next call takes longer.
        if let Err(error) = writer.run().write(&path) {
            tell(format!("flagrace: the calibration is not kept: {error:#}"));
        }
        Ok(law)
    }
}
