//! `flagrace decide`: predicts what threads and tasks will take, from a calibration of this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use flagrace_core::{Cancel, Job, Origin, Setup, Status, UrlList};
use flagrace_measure::{Comparison, Engine, Scenario, map};
use flagrace_report::analysis::{Analysis, Margins, analyse};
use flagrace_report::data::{Meta, Run, Writer};
use flagrace_report::document::Block;
use flagrace_report::law::{Cell, Law};
use flagrace_report::{advice, sentence};

use super::compare::{HERE, complain, meta, with_bar};
use crate::args::{Network, Urls, Usage, at_least_one, some_time};
use crate::interrupt;
use crate::output::{print, tell};

/// The longest trial of --check, in seconds.
const LONGEST_S: f64 = 5.0;

#[derive(clap::Args)]
#[command(after_help = "\
The first call calibrates this machine in at most 30 seconds. The result is kept in
$XDG_CACHE_HOME/flagrace or ~/.cache/flagrace, and used while machine and revision are the same.
Calibrating leaves the server a core of its own; a prediction for all cores scales the result.
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
    let here = cores();
    let cores = args.cores.unwrap_or(here);
    if args.check && cores > here {
        let error = format!("--check measures here, so --cores must be at most {here}");
        return Err(Usage::error(error));
    }
    let urls = match (&args.url, &args.urls) {
        (Some(url), _) => Some(Urls::parse(url.clone())?),
        (None, path) => path.as_deref().map(Urls::read).transpose()?,
    };
    let cancel = interrupt::cancels()?;
    let measured = urls.map(|urls| ask(urls.list, &args.network, &cancel));
    let delay = measured.or(args.delay.map(Ok)).transpose();
    let law = delay.and_then(|delay| Ok((delay, args.law(cores, &cancel)?)));
    if cancel.is_cancelled() {
        return Ok(interrupt::exit_code(&cancel, false));
    }
    let (delay, law) = law?;
    let (delay, cpu) = (delay.unwrap_or_default(), args.cpu.unwrap_or_default());
    let cell = Cell {
        requests: args.requests,
        concurrency: args.network.concurrency,
        delay_s: delay.as_secs_f64(),
        cpu_s: cpu.as_secs_f64(),
        cores,
    };
    let prediction = law.predict(&cell, args.check);
    let mut blocks = advice::document(&prediction, &cell, None);
    blocks.push(Block::Text(advice::advice(&prediction, &cell)));
    let mut failed = false;
    if args.check {
        let times = prediction.models.iter().map(|one| one.time_s);
        let longest_s = times.fold(0.0, f64::max);
        if longest_s > LONGEST_S {
            return Err(Usage::error(format!(
                "a trial of --check would take {longest_s:.1} s, at most {LONGEST_S} s are right: \
                 give fewer requests (-n) or less delay"
            )));
        }
        let scenario = Scenario {
            name: "check".to_owned(),
            pin: cores < here,
            cores: Some(cores),
            ..map::cell(args.requests, cell.concurrency, delay, cpu)
        };
        let mut writer = Writer::in_memory(meta(HERE));
        failed = measure(vec![scenario], fastrand::u64(..), &cancel, &mut writer)?;
        let analyses = analyse(writer.run(), Margins::default());
        blocks = advice::document(&prediction, &cell, analyses.first());
        let took = |one: &Analysis| Some(sentence::took(one, one.row("async-bare")?));
        let took = analyses.first().and_then(took);
        let took = took.unwrap_or_else(|| "did not run".to_owned());
        blocks.push(Block::Text(format!("Measured here: async-bare {took}.")));
    }
    print(&blocks)?;
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
        setup: Setup::default(),
        seed,
        folder: PathBuf::new(),
        cancel: cancel.clone(),
    };
    let missed = with_bar(&comparison, None, writer)?;
    Ok(complain(writer.run(), &missed))
}

/// The number of cores that this program may use.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

impl Args {
    /// The law from the file, from an earlier calibration, or from one now.
    fn law(&self, cores: usize, cancel: &Cancel) -> anyhow::Result<Law> {
        if let Some(path) = &self.from {
            let without = || format!("{} has no calibration of `flagrace map`", path.display());
            return Law::of(&Run::read(path)?).with_context(without);
        }
        let meta = meta(HERE);
        let cores = cores.min(self::cores() - 1).max(1);
        let path = cache().map(|cache| cache.join(format!("calibration-{cores}.jsonl")));
        let kept = path.as_deref().filter(|_| !self.fresh);
        if let Some(law) = kept.and_then(|path| kept_law(path, &meta)) {
            return Ok(law);
        }
        let mut writer = Writer::in_memory(meta);
        let scenarios = map::calibration(cores);
        measure(scenarios, fastrand::u64(..), cancel, &mut writer)?;
        let law =
            Law::of(writer.run()).context("the calibration failed: try again with --fresh")?;
        // Without a cache only the next call takes longer.
        if let Some(Err(error)) = path.map(|path| writer.run().write(&path)) {
            tell(format_args!("flagrace: calibration not kept: {error:#}"));
        }
        Ok(law)
    }
}

/// The folder of calibrations.
fn cache() -> Option<PathBuf> {
    let named = |name| std::env::var_os(name).filter(|path| !path.is_empty());
    let home = || named("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = named("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    cache.map(|cache| cache.join("flagrace"))
}

/// The law of a calibration, if it is of this machine and of the same committed source.
fn kept_law(path: &Path, meta: &Meta) -> Option<Law> {
    let run = Run::read(path).ok()?;
    let is_same = run.meta.is_like(meta) && !meta.dirty;
    is_same.then(|| Law::of(&run)).flatten()
}

/// The median time of 10 requests for the URLs in turn.
fn ask(list: UrlList, network: &Network, cancel: &Cancel) -> anyhow::Result<Duration> {
    let list = Arc::new(list);
    let items: Vec<_> = list.items().collect();
    let setup = network.setup(1, list.needs_tls())?;
    let engine = Engine::Seq.build(&setup, None)?;
    let host = list.url(0).split('/').nth(2).unwrap_or("").to_owned();
    let others = match items.len() {
        1 => "",
        _ => " and others",
    };
    tell(format_args!("10 requests, 2 a second, to {host}{others}"));
    let mut times = Vec::new();
    for item in items.into_iter().cycle().take(10) {
        if !times.is_empty() {
            thread::sleep(Duration::from_millis(500));
        }
        let job = Job {
            cancel: cancel.clone(),
            ..Job::of(Origin::Urls(Arc::clone(&list)), [item].into())
        };
        for one in engine.download_many(&job)?.outcomes {
            let (url, timing) = (job.origin.url(item), one.timing);
            ensure!(one.status == Status::Ok, "{url}: {}", one.reason());
            times.push(timing.finished - timing.started.unwrap_or_default());
        }
    }
    times.sort_unstable();
    Ok((times[4] + times[5]) / 2)
}
