//! `flagrace race`: several engines at once, for a class to watch.
//!
//! Each engine runs in a process of its own, `flagrace get --json -v`: only then have threads,
//! memory and processor time an owner. A line of its output moves the engine's bar.

use std::env;
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::panic::resume_unwind;
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, bail};
use flagrace_core::{BaseUrl, Cancel, CountryCode, Selection};
use flagrace_measure::Engine;
use flagrace_server::{Delay, Profile};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::args::{Network, at_least_one, built_in};
use crate::interrupt;
use crate::output::aside::can_draw;
use crate::output::table;
use crate::output::text::count;
use crate::server::{address, start};
use crate::usage::Usage;

#[derive(clap::Args)]
#[command(mut_arg("concurrency", |arg| arg.default_value("5")))]
#[command(after_help = "\
Without codes, the engines download all built-in flags; seq takes about half a minute for them.
All share one machine, so their times cannot be compared: `flagrace compare` measures.
Exit code: 0 if nothing failed, 1 if an engine failed, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// Codes such as BR, or first letters such as B for all 26 codes
    #[arg(value_name = "CC")]
    codes: Vec<String>,
    /// Download only the first N
    #[arg(short, long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
    /// Engines that race
    #[arg(
        short = 'E',
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "seq,threads,rayon,async"
    )]
    engine: Vec<Engine>,
    #[command(flatten)]
    network: Network,
    /// URL of a running server
    #[arg(short, long, value_name = "URL", value_parser = address)]
    server: Option<BaseUrl>,
    /// Delay of the server that is started if there is no --server
    #[arg(
        long,
        value_name = "TIME",
        default_value = "50ms..150ms",
        conflicts_with = "server"
    )]
    delay: Delay,
}

/// How an engine ended.
struct Finish {
    /// How many flags have an outcome.
    done: u64,
    /// What its process printed; null if it was stopped or could not run.
    document: Value,
    /// Why it failed.
    complaint: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let selection = match args.codes.is_empty() {
        true => Selection::Codes(built_in()),
        false => Selection::Words(args.codes.clone()),
    };
    let codes = selection.codes(args.limit).map_err(Usage::error)?;
    let (_server, url) = match &args.server {
        Some(url) => (None, url.clone()),
        None => {
            let (server, url) = start(&Profile::delayed_by(args.delay))?;
            (Some(server), url)
        }
    };
    let interrupted = Cancel::default();
    interrupt::cancels(&interrupted)?;
    let engines = Engine::each_once(&args.engine);
    let names: Vec<_> = engines.into_iter().map(Engine::name).collect();
    let (racing, each) = (count(names.len(), "engine"), count(codes.len(), "flag"));
    let most = args.network.concurrency;
    writeln!(io::stdout(), "{racing}, {each} each, {most} at a time.")?;

    let bars = MultiProgress::with_draw_target(match can_draw() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    });
    let style = ProgressStyle::with_template("{prefix:18} {wide_bar} {pos:>3}/{len} {elapsed:>4}")?;
    let finishes: Vec<Finish> = thread::scope(|scope| {
        let start = |name| {
            let bar = bars.add(ProgressBar::new(codes.len() as u64));
            bar.set_style(style.clone());
            bar.set_prefix(String::clone(name));
            bar.tick();
            let (url, codes, interrupted) = (&url, &codes, &interrupted);
            scope.spawn(move || args.download(name, url, codes, &bar, interrupted))
        };
        let threads: Vec<_> = names.iter().map(start).collect();
        let join = threads.into_iter().map(|thread| thread.join());
        join.map(|finish| finish.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect::<anyhow::Result<_>>()
    })?;
    print(&names, &finishes, codes.len())?;
    if interrupted.is_cancelled() {
        return Ok(ExitCode::from(interrupt::EXIT_CODE));
    }
    for (name, finish) in names.iter().zip(&finishes) {
        if let Some(why) = &finish.complaint {
            bail!("{name}: {why}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// Runs an engine in a process, and moves its bar until that has ended.
    fn download(
        &self,
        engine: &str,
        url: &BaseUrl,
        codes: &[CountryCode],
        bar: &ProgressBar,
        interrupted: &Cancel,
    ) -> anyhow::Result<Finish> {
        // Not a pipe, which would fill up before anybody reads it.
        let mut printed = tempfile::tempfile().context("cannot make a temporary file")?;
        let mut command = Command::new(env::current_exe()?);
        command.args([
            "get",
            "--json",
            "--verbose",
            "--no-save",
            "--engine",
            engine,
        ]);
        command.args(["--server", url.as_str()]);
        command.args(self.network.arguments());
        command.args(codes.iter().map(CountryCode::as_str));
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        command.stdout(printed.try_clone()?);
        // Ctrl-C on the terminal is for this process, which stops the others.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn();
        let mut child = child.with_context(|| format!("cannot start a process for {engine}"))?;
        let lines = child.stderr.take().map(BufReader::new);
        let child = Arc::new(Mutex::new(child));
        let stopped = Arc::clone(&child);
        let _stop = interrupted.on_cancel(move || {
            let _ = stopped
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .kill();
        });

        let mut complaint = None;
        for line in lines.into_iter().flat_map(BufRead::lines) {
            match line?.strip_prefix("flagrace: ") {
                Some(why) => complaint = Some(why.to_owned()),
                None => bar.inc(1),
            }
        }
        child
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .wait()?;
        bar.abandon();
        printed.rewind()?;
        let document: Option<Value> = serde_json::from_reader(printed).ok();
        if document.is_none() && complaint.is_none() {
            complaint = Some("its process ended without a result".to_owned());
        }
        Ok(Finish {
            done: bar.position(),
            document: document.unwrap_or_default(),
            complaint,
        })
    }
}

fn print(names: &[String], finishes: &[Finish], flags: usize) -> io::Result<()> {
    let rows = names.iter().zip(finishes).map(|(name, finish)| {
        let number = |path| finish.document.pointer(path)?.as_f64();
        let cell = |number: Option<f64>, text: fn(f64) -> String| number.map_or("–".into(), text);
        let user = number("/done/user_s");
        let processor_time = user.zip(number("/done/system_s"));
        // The thread that waits for Ctrl-C is not the engine's.
        let threads = number("/done/threads").zip(number("/idle/threads"));
        let threads = threads.map(|(done, idle)| 1.0 + done - idle);
        [
            name.clone(),
            cell(number("/elapsed_s"), |seconds| format!("{seconds:.1} s")),
            format!(
                "{} of {flags}",
                number("/counts/ok").unwrap_or(finish.done as f64)
            ),
            cell(threads, |threads| threads.to_string()),
            cell(number("/done/peak_resident_kib"), |kib| {
                format!("{:.1} MiB", kib / 1024.0)
            }),
            cell(
                processor_time.map(|(user, system)| user + system),
                |seconds| format!("{:.0} ms", seconds * 1e3),
            ),
        ]
    });
    let header = [
        "",
        "time",
        "downloaded",
        "threads",
        "memory",
        "processor time",
    ];
    writeln!(io::stdout(), "\n{}", table::render(header, rows, 5))
}
