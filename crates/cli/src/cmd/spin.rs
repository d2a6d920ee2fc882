//! `flagrace spin`: a thread or a task turns a spinner, until something blocks.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use clap::{ValueEnum, value_parser};
use console::style;
use flagrace_measure::Cost;
use flagrace_spinner::{
    Answer, Measurements, Spinner, Work, blocked_task, blocked_workers, spawn_blocking_task, task,
    thread, yielding_task,
};
use indicatif::ProgressDrawTarget;

use crate::args::{Usage, some_time};
use crate::interrupt;
use crate::output::table;

#[derive(clap::Args)]
#[command(after_help = "\
The line after the answer shows the elapsed time, the frames drawn, the longest
gap between two frames and the number of OS threads. If the spinner stood still,
the last line says why. Each variant is a short file in crates/spinner/src.
Exit code: 0, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// The variant to run
    #[arg(value_enum)]
    way: Way,
    /// Sleep, or check whether a number is prime [default: prime for yielding-task, else sleep]
    #[arg(long, value_parser = ["sleep", "prime"])]
    work: Option<String>,
    /// How long it sleeps or computes [default: 3s, or 1s for compare]
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    time: Option<Duration>,
    /// Run blocked-task on a runtime with N worker threads
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1000))]
    workers: Option<u16>,
    /// Number of tasks that block [default: one for each worker]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..), requires = "workers")]
    blockers: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// A thread turns the spinner
    Thread,
    /// A task turns the spinner
    Task,
    /// The slow function blocks inside its task: the spinner stands still
    BlockedTask,
    /// First fix: the blocking call runs on another thread
    SpawnBlockingTask,
    /// Second fix: the work yields between slices
    YieldingTask,
    /// All variants one after another, and a table of the measurements
    Compare,
}

type Demo = fn(&Arc<Spinner>, Work) -> Answer;

const ONE_OF_TWO: Demo = |spinner, work| blocked_workers::run(spinner, work, 2, 1);
const TWO_OF_TWO: Demo = |spinner, work| blocked_workers::run(spinner, work, 2, 2);

const ALL: [(&str, Way, Demo); 7] = [
    ("thread", Way::Thread, thread::run),
    ("task", Way::Task, task::run),
    ("blocked-task", Way::BlockedTask, blocked_task::run),
    (
        "spawn-blocking-task",
        Way::SpawnBlockingTask,
        spawn_blocking_task::run,
    ),
    ("yielding-task", Way::YieldingTask, yielding_task::run),
    ("1 of 2 blocked", Way::BlockedTask, ONE_OF_TWO),
    ("2 of 2 blocked", Way::BlockedTask, TWO_OF_TWO),
];

const LEGEND: &str = "\
! the spinner mostly stood still
1 of 2 blocked: blocked-task --workers 2 --blockers 1
Each ran once. `cargo bench -- spinner` measures what threads and tasks cost.";

const NO_AWAIT: &str = "The slow function never awaited: no thread was left for the spinner.";

pub fn run(args: &Args) -> anyhow::Result<()> {
    if args.workers.is_some() && args.way != Way::BlockedTask {
        return Err(Usage::error("--workers is for blocked-task"));
    }
    interrupt::calls(|| {
        if let Some(spinner) = &*running() {
            spinner.close();
        }
        std::process::exit(interrupt::EXIT_CODE.into());
    })?;
    let before = Cost::so_far()?.threads;
    let (way, workers) = (args.way, args.workers);
    let blockers = args.blockers.or(workers).unwrap_or(1);
    let work = args.work(way, 3);
    let (answer, seen) = match (ALL.iter().find(|(_, one, _)| *one == way), workers) {
        (None, _) => return compare(args, before),
        (Some((.., demo)), None) => watch(demo, work, before)?,
        (Some(_), Some(workers)) => {
            let (workers, blockers) = (workers.into(), blockers.into());
            let demo = |spinner: &_, work| blocked_workers::run(spinner, work, workers, blockers);
            watch(demo, work, before)?
        }
    };
    let mut out = io::stdout().lock();
    writeln!(out, "Answer: {answer}")?;
    let still = style(": the spinner stood still").red();
    let still = seen.stood_still().then(|| still.to_string());
    writeln!(out, "{seen}{}", still.as_deref().unwrap_or_default())?;
    // A stalled machine stops any spinner.
    let is_blocked = match way {
        Way::BlockedTask => blockers >= workers.unwrap_or(1),
        way => way == Way::Task && matches!(work, Work::Prime(_)),
    };
    if is_blocked && seen.stood_still() {
        writeln!(out, "{NO_AWAIT}")?;
    }
    Ok(())
}

fn compare(args: &Args, threads_before: Option<u64>) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (name, way, demo) in ALL {
        writeln!(io::stdout(), "{name}")?;
        let (_, seen) = watch(demo, args.work(way, 1), threads_before)?;
        let mark = if seen.stood_still() { " !" } else { "" };
        rows.push([
            format!("{name}{mark}"),
            format!("{:.1?}", seen.wall),
            seen.frames.to_string(),
            format!("{:.1?}", seen.longest_gap),
            seen.threads.map_or("–".to_owned(), |n| n.to_string()),
        ]);
    }
    let header = ["", "wall", "frames", "longest gap", "OS threads"];
    let table = table(header, &[0], rows);
    writeln!(io::stdout(), "\n{table}\n\n{LEGEND}")?;
    Ok(())
}

impl Args {
    fn work(&self, way: Way, seconds: u64) -> Work {
        let time = self.time.unwrap_or(Duration::from_secs(seconds));
        match self.work.as_deref() {
            None if way == Way::YieldingTask => Work::Prime(time),
            Some("prime") => Work::Prime(time),
            _ => Work::Sleep(time),
        }
    }
}

/// The spinner on the screen. Ctrl-C clears it.
static RUNNING: Mutex<Option<Arc<Spinner>>> = Mutex::new(None);

fn running() -> MutexGuard<'static, Option<Arc<Spinner>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs one demo. `threads_before` are the OS threads before the first demo.
fn watch(
    demo: impl Fn(&Arc<Spinner>, Work) -> Answer,
    work: Work,
    threads_before: Option<u64>,
) -> anyhow::Result<(String, Measurements)> {
    // The main thread runs the demo, so count it too.
    let count = move || {
        let now = Cost::so_far().ok()?.threads?;
        Some(1 + now.saturating_sub(threads_before?))
    };
    let spinner = Arc::new(Spinner::new(ProgressDrawTarget::stdout(), count));
    *running() = Some(Arc::clone(&spinner));
    let answer = demo(&spinner, work).context("cannot run the slow function")?;
    Ok((answer, spinner.measurements()))
}
