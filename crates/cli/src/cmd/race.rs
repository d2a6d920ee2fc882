//! `flagrace race`: runs several engines at once, for a class to watch.
//!
//! Each engine runs `flagrace get --json -v` in its own process, so that threads, memory and
//! processor time belong to one engine. A line of its output moves the engine's bar.

use std::env;
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::panic::resume_unwind;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use anyhow::{Context, bail};
use flagrace_core::{BaseUrl, CountryCode};
use flagrace_measure::Engine;
use flagrace_server::{Delay, Profile};
use humantime::format_duration;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::args::{Network, Usage, at_least_one, built_in};
use crate::interrupt;
use crate::output::table;
use crate::output::text::count;
use crate::server::start;

#[derive(clap::Args)]
#[command(mut_arg("concurrency", |arg| arg.default_value("5")))]
#[command(after_help = "\
Without codes, the engines download all built-in flags; seq takes about half a minute for them.
They share one machine, so do not compare their times: `flagrace compare` measures.
Exit code: 0 if nothing failed, 1 if an engine failed, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// Codes such as BR, or first letters such as B for all 26 codes
    #[arg(value_name = "CC")]
    codes: Vec<String>,
    /// Download only the first N
    #[arg(short, long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
    /// Engines to race
    #[arg(short = 'E', long, value_enum, value_delimiter = ',')]
    #[arg(default_value = "seq,threads,rayon,async")]
    engine: Vec<Engine>,
    #[command(flatten)]
    network: Network,
    /// URL of a running server
    #[arg(short, long, value_name = "URL")]
    server: Option<BaseUrl>,
    /// Delay of the server to start if there is no --server
    #[arg(long, value_name = "TIME", conflicts_with = "server")]
    #[arg(default_value = "50ms..150ms")]
    delay: Delay,
}

struct Finish {
    /// What the process printed; null if it printed nothing.
    document: Value,
    /// Why it failed.
    complaint: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut codes = match args.codes.is_empty() {
        true => built_in(),
        false => CountryCode::select(&args.codes).map_err(Usage::error)?,
    };
    codes.truncate(args.limit.unwrap_or(codes.len()));
    let (_server, url) = match &args.server {
        Some(url) => (None, url.clone()),
        None => {
            let server = start(&Profile::delayed_by(args.delay))?;
            let url = server.base_url();
            (Some(server), url)
        }
    };
    let interrupted = interrupt::cancels()?;
    let engines = Engine::each_once(&args.engine);
    let names: Vec<_> = engines.into_iter().map(Engine::name).collect();
    let (racing, each) = (count(names.len(), "engine"), count(codes.len(), "flag"));
    let most = args.network.concurrency;
    writeln!(io::stdout(), "{racing}, {each} each, {most} at a time.")?;

    let bars = MultiProgress::new();
    let style = "{prefix:18} {wide_bar:.green} {pos:>3}/{len} {elapsed:>4}";
    let style = ProgressStyle::with_template(style)?;
    let finishes: Vec<Finish> = thread::scope(|scope| {
        let start = |name: &String| {
            let bar = bars.add(ProgressBar::new(codes.len() as u64));
            bar.set_style(style.clone());
            bar.set_prefix(name.clone());
            bar.tick();
            let command = args.command(name, &url, &codes);
            scope.spawn(move || watch(command?, &bar))
        };
        let threads: Vec<_> = names.iter().map(start).collect();
        let join = threads.into_iter().map(|thread| thread.join());
        join.map(|finish| finish.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect::<anyhow::Result<_>>()
    })?;
    print(&names, &finishes, codes.len())?;
    // This process may receive Ctrl-C after the others have ended.
    let cancelled = |one: &Finish| one.document["counts"]["cancelled"].as_u64() > Some(0);
    if interrupted.is_cancelled() || finishes.iter().any(cancelled) {
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
    /// The process of an engine. Ctrl-C on the terminal reaches it too: it cancels its downloads
    /// and prints the result so far.
    fn command(
        &self,
        engine: &str,
        url: &BaseUrl,
        codes: &[CountryCode],
    ) -> anyhow::Result<Command> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["get", "--json", "-v", "--no-save", "-E", engine]);
        command.args(["-s", url.as_str()]);
        let network = &self.network;
        command.arg(format!("--concurrency={}", network.concurrency));
        command.arg(format!("--timeout={}", format_duration(network.timeout)));
        command.arg(format!("--max-body={}", network.max_body));
        if let Some(path) = &network.ca {
            command.arg("--ca").arg(path);
        }
        command.args(codes.iter().map(CountryCode::as_str));
        Ok(command)
    }
}

/// Runs the process of an engine, and moves its bar.
fn watch(mut command: Command, bar: &ProgressBar) -> anyhow::Result<Finish> {
    // A pipe would fill up while this thread reads the lines.
    let mut printed = tempfile::tempfile().context("cannot make a temporary file")?;
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let child = command.stdout(printed.try_clone()?).spawn();
    let mut child = child.context("cannot start a process")?;
    let mut complaint = None;
    let lines = child.stderr.take().map(BufReader::new);
    for line in lines.into_iter().flat_map(BufRead::lines) {
        match line?.strip_prefix("flagrace: ") {
            Some(why) => complaint = Some(why.to_owned()),
            None => bar.inc(1),
        }
    }
    child.wait()?;
    bar.abandon();
    printed.rewind()?;
    let document = serde_json::from_reader(printed).unwrap_or(Value::Null);
    if document.is_null() && complaint.is_none() {
        complaint = Some("its process exited without a result".to_owned());
    }
    Ok(Finish {
        document,
        complaint,
    })
}

fn print(names: &[String], finishes: &[Finish], flags: usize) -> io::Result<()> {
    let rows = names.iter().zip(finishes).map(|(name, finish)| {
        let number = |path| finish.document.pointer(path)?.as_f64();
        let time = number("/elapsed_s").map(|seconds| format!("{seconds:.1} s"));
        let downloaded = number("/counts/ok").map(|ok| format!("{ok} of {flags}"));
        // Without the thread that waits for Ctrl-C.
        let threads = || Some(1.0 + number("/done/threads")? - number("/idle/threads")?);
        let threads = threads().map(|threads| threads.to_string());
        let memory = number("/done/peak_resident_kib").map(|kib| kib / 1024.0);
        let memory = memory.map(|mib| format!("{mib:.1} MiB"));
        let cpu = || Some(number("/done/user_s")? + number("/done/system_s")?);
        let cpu = cpu().map(|seconds| format!("{:.0} ms", seconds * 1e3));
        let cells = [Some(name.clone()), time, downloaded, threads, memory, cpu];
        cells.map(|cell| cell.unwrap_or_else(|| "–".to_owned()))
    });
    let header = ["", "time", "downloaded", "threads", "memory", "CPU time"];
    writeln!(io::stdout(), "\n{}", table(header, &[0], rows))
}
