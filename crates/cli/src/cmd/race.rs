//! `flagrace race`: runs several engines at once, for a class to watch.
//!
//! Each engine runs `flagrace get --json -v` in its own process, so that threads, memory and
//! processor time belong to one engine. They are beside its bar; a line of its output moves it.

use std::env;
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::panic::resume_unwind;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use flagrace_core::{BaseUrl, CountryCode};
use flagrace_measure::{Cost, Engine};
use flagrace_server::{Delay, Profile};
use humantime::format_duration;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use serde_json::{Value, json};

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
    complaint: Option<String>,
}

impl Finish {
    fn is_cancelled(&self) -> bool {
        number(&self.document, "/counts/cancelled") > Some(0.0)
    }

    /// The time of an engine that reached its goal.
    fn time(&self) -> Option<f64> {
        let has_place = self.complaint.is_none() && !self.is_cancelled();
        number(&self.document, "/elapsed_s").filter(|_| has_place)
    }
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
    let longest = names.iter().map(String::len).max().unwrap_or(0);
    let style = "{wide_bar:.green} {pos:>3}/{len} {elapsed:>4} {costs}";
    let style = ProgressStyle::with_template(&format!("{{prefix:{longest}}} {style}"))?;
    let finishes: Vec<Finish> = thread::scope(|scope| {
        let start = |name: &String| {
            let bar = bars.add(ProgressBar::new(codes.len() as u64));
            bar.set_style(style.clone());
            bar.set_prefix(name.clone());
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
    if interrupted.is_cancelled() || finishes.iter().any(Finish::is_cancelled) {
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

/// Runs the process of an engine, moves its bar, and shows what it uses.
fn watch(mut command: Command, bar: &ProgressBar) -> anyhow::Result<Finish> {
    // A pipe would fill up while this thread reads the lines.
    let mut printed = tempfile::tempfile().context("cannot make a temporary file")?;
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let child = command.stdout(printed.try_clone()?).spawn();
    let mut child = child.context("cannot start a process")?;
    let process = child.id();
    let mut complaint = None;
    let lines = child.stderr.take().map(BufReader::new);
    // As in its result: two threads wait, this for the download and one for Ctrl-C.
    let so_far = move || json!({"idle": {"threads": 2}, "done": Cost::of_process(process)});
    show(bar, move || costs(&so_far()));
    bar.enable_steady_tick(Duration::from_millis(100));
    for line in lines.into_iter().flat_map(BufRead::lines) {
        match line?.strip_prefix("flagrace: ") {
            Some(why) => complaint = Some(why.to_owned()),
            None => bar.inc(1),
        }
    }
    child.wait()?;
    printed.rewind()?;
    let document = serde_json::from_reader(printed).unwrap_or(Value::Null);
    if document.is_null() && complaint.is_none() {
        complaint = Some("its process exited without a result".to_owned());
    }
    let costs = costs(&document);
    show(bar, move || costs.clone());
    bar.abandon();
    Ok(Finish {
        document,
        complaint,
    })
}

/// Shows what a process has used, whenever its bar is drawn.
fn show(bar: &ProgressBar, costs: impl Fn() -> [String; 3] + Clone + Send + Sync + 'static) {
    let write = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        let [threads, memory, cpu] = costs();
        let _ = write!(out, "threads{threads:>4}{memory:>10}  CPU{cpu:>8}");
    };
    bar.set_style(bar.style().with_key("costs", write));
}

fn number(document: &Value, path: &str) -> Option<f64> {
    document.pointer(path)?.as_f64()
}

/// Threads, peak memory and processor time of a process.
fn costs(document: &Value) -> [String; 3] {
    let number = |path| number(document, path);
    // Without the thread that waits for Ctrl-C, which may not have started yet.
    let threads = || Some(1.0 + number("/done/threads")? - number("/idle/threads")?);
    let threads = threads().map(|threads| threads.max(1.0).to_string());
    let memory = number("/done/peak_resident_kib").map(|kib| kib / 1024.0);
    let memory = memory.map(|mib| format!("{mib:.1} MiB"));
    let cpu = || Some(number("/done/user_s")? + number("/done/system_s")?);
    let cpu = cpu().map(|seconds| format!("{:.0} ms", seconds * 1e3));
    [threads, memory, cpu].map(or_dash)
}

fn or_dash(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "–".to_owned())
}

fn seconds(time: f64) -> String {
    format!("{time:.1} s")
}

/// The place of a time: one more than the number of times that are shorter as printed.
fn place(time: f64, times: &[f64]) -> String {
    let is_shorter = |one: &&f64| **one < time && seconds(**one) != seconds(time);
    (1 + times.iter().filter(is_shorter).count()).to_string()
}

fn print(names: &[String], finishes: &[Finish], flags: usize) -> io::Result<()> {
    let times: Vec<_> = finishes.iter().filter_map(Finish::time).collect();
    let rows = names.iter().zip(finishes).map(|(name, finish)| {
        let place = or_dash(finish.time().map(|time| place(time, &times)));
        let time = or_dash(number(&finish.document, "/elapsed_s").map(seconds));
        let done = number(&finish.document, "/counts/ok").map(|ok| format!("{ok} of {flags}"));
        let done = or_dash(done);
        let [threads, memory, cpu] = costs(&finish.document);
        [name.clone(), place, time, done, threads, memory, cpu]
    });
    let header = ["", "place", "time", "flags", "threads", "memory", "CPU"];
    let advice = "Do not compare their times: `flagrace compare` measures.";
    writeln!(io::stdout(), "\n{}\n{advice}", table(header, &[0], rows))
}

#[test]
fn the_same_printed_time_is_the_same_place() {
    let times = [10.0, 1.96, 2.04, 0.3, 2.06];
    let places = times.map(|time| place(time, &times));
    assert_eq!(places, ["5", "2", "2", "1", "4"]);
}
