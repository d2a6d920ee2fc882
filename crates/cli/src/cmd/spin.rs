//! `flagrace spin`: a spinner turned by a thread or a task, and what blocking does to it.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;
use console::style;
use flagrace_measure::Cost;
use flagrace_spinner::{
    Answer, Measurements, Spinner, Work, blocked_task, blocked_workers, spawn_blocking_task, task,
    thread, yielding_task,
};
use indicatif::ProgressDrawTarget;

use crate::args::at_least_one;
use crate::interrupt;
use crate::output::table;
use crate::usage::Usage;

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
    /// What the slow function does [default: prime for yielding-task, otherwise sleep]
    #[arg(long, value_enum)]
    work: Option<Kind>,
    /// How long it sleeps or computes [default: 3, or 1 for compare]
    #[arg(long, value_name = "S", value_parser = seconds)]
    seconds: Option<Duration>,
    /// Run blocked-task on a runtime with N worker threads
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<usize>,
    /// Number of tasks that block [default: one for each worker]
    #[arg(long, value_name = "N", value_parser = at_least_one, requires = "workers")]
    blockers: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// A thread turns the spinner
    Thread,
    /// A task turns the spinner
    Task,
    /// The slow function blocks inside its task: the spinner stands still
    BlockedTask,
    /// First cure: the blocking call runs on another thread
    SpawnBlockingTask,
    /// Second cure: the work yields now and then
    YieldingTask,
    /// All variants one after another, and a table of the measurements
    Compare,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Sleeps
    Sleep,
    /// Checks whether a large number is prime
    Prime,
}

type Demo = fn(&Arc<Spinner>, Work) -> Answer;

const ALL: [(&str, Demo, Kind); 7] = [
    ("thread", thread::run, Kind::Sleep),
    ("task", task::run, Kind::Sleep),
    ("blocked-task", blocked_task::run, Kind::Sleep),
    ("spawn-blocking-task", spawn_blocking_task::run, Kind::Sleep),
    ("yielding-task", yielding_task::run, Kind::Prime),
    (
        "1 of 2 blocked",
        |s, work| blocked_workers::run(s, work, 2, 1),
        Kind::Sleep,
    ),
    (
        "2 of 2 blocked",
        |s, work| blocked_workers::run(s, work, 2, 2),
        Kind::Sleep,
    ),
];

const LEGEND: &str = "\
! the spinner stood still most of the time
threads, switches: of the whole process, including the work
1 of 2 blocked: blocked-task --workers 2 --blockers 1
Each ran once. `cargo bench -- spinner` measures what threads and tasks cost.";

const NO_AWAIT: &str = "The slow function never awaited, so no other task could use its thread.";
const NO_WORKER_LEFT: &str = "All worker threads were blocked: none was left for the spinner.";

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.workers.is_some() && args.way != Way::BlockedTask {
        return Err(Usage::error("--workers is for blocked-task"));
    }
    let demos = Demos::new()?;
    let (way, workers) = (args.way, args.workers);
    let blockers = args.blockers.or(workers).unwrap_or(1);
    let usual = if way == Way::YieldingTask {
        Kind::Prime
    } else {
        Kind::Sleep
    };
    let work = args.work(usual, 3);
    let (answer, seen) = match (way, workers) {
        (Way::Thread, _) => demos.run(thread::run, work)?,
        (Way::Task, _) => demos.run(task::run, work)?,
        (Way::BlockedTask, None) => demos.run(blocked_task::run, work)?,
        (Way::BlockedTask, Some(workers)) => demos.run(
            |spinner, work| blocked_workers::run(spinner, work, workers, blockers),
            work,
        )?,
        (Way::SpawnBlockingTask, _) => demos.run(spawn_blocking_task::run, work)?,
        (Way::YieldingTask, _) => demos.run(yielding_task::run, work)?,
        (Way::Compare, _) => return compare(args, &demos),
    };
    let mut out = io::stdout().lock();
    writeln!(out, "Answer: {answer}")?;
    if !seen.stood_still() {
        writeln!(out, "{seen}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{seen}: {}", style("the spinner stood still").red())?;
    match (way, workers, work) {
        (Way::BlockedTask, Some(_), _) => writeln!(out, "{NO_WORKER_LEFT}")?,
        (Way::BlockedTask, ..) | (Way::Task, _, Work::Prime(_)) => writeln!(out, "{NO_AWAIT}")?,
        // The machine stalled.
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(args: &Args, demos: &Demos) -> anyhow::Result<ExitCode> {
    let mut rows = Vec::new();
    for (name, demo, usual) in ALL {
        writeln!(io::stdout(), "{name}")?;
        let before = Cost::so_far()?;
        let (_, seen) = demos.run(demo, args.work(usual, 1))?;
        let switches = switches(&Cost::so_far()?) - switches(&before);
        let mark = if seen.stood_still() { " !" } else { "" };
        rows.push([
            format!("{name}{mark}"),
            format!("{:.1?}", seen.wall),
            seen.frames.to_string(),
            format!("{:.1?}", seen.longest_gap),
            seen.threads
                .map_or("–".to_owned(), |count| count.to_string()),
            switches.to_string(),
        ]);
    }
    let header = ["", "wall", "frames", "longest gap", "threads", "switches"];
    let table = table::render(header, rows, 5);
    writeln!(io::stdout(), "\n{table}\n\n{LEGEND}")?;
    Ok(ExitCode::SUCCESS)
}

fn switches(cost: &Cost) -> u64 {
    cost.voluntary_switches + cost.involuntary_switches
}

impl Args {
    fn work(&self, usual: Kind, seconds: u64) -> Work {
        let time = self.seconds.unwrap_or(Duration::from_secs(seconds));
        match self.work.unwrap_or(usual) {
            Kind::Sleep => Work::Sleep(time),
            Kind::Prime => Work::Prime(time),
        }
    }
}

/// Runs demos one after another. Ctrl-C clears the line of the running one.
struct Demos {
    current: Arc<Mutex<Option<Arc<Spinner>>>>,
    threads_before: Option<u64>,
}

impl Demos {
    fn new() -> anyhow::Result<Self> {
        let current: Arc<Mutex<Option<Arc<Spinner>>>> = Arc::default();
        let seen = Arc::clone(&current);
        interrupt::ends(move || {
            if let Some(spinner) = &*seen.lock().unwrap_or_else(PoisonError::into_inner) {
                spinner.close();
            }
        })?;
        Ok(Self {
            current,
            threads_before: Cost::so_far()?.threads,
        })
    }

    fn run(
        &self,
        demo: impl Fn(&Arc<Spinner>, Work) -> Answer,
        work: Work,
    ) -> anyhow::Result<(String, Measurements)> {
        let before = self.threads_before;
        // The main thread runs the demo, so it counts as well.
        let threads = move || {
            let now = Cost::so_far().ok()?.threads?;
            Some(1 + now.saturating_sub(before?))
        };
        let spinner = Arc::new(Spinner::new(ProgressDrawTarget::stdout(), threads));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&spinner));
        let answer = demo(&spinner, work).context("cannot run the slow function")?;
        let seen = spinner.measurements().context("the demo did not end")?;
        Ok((answer, seen))
    }
}

/// A runtime has at most 1000 workers: more would show nothing new, and may not start.
fn workers(text: &str) -> Result<usize, String> {
    match at_least_one(text)? {
        number @ ..=1000 => Ok(number),
        _ => Err("it must be at most 1000".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let parsed = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let parsed = parsed.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    parsed
        .filter(|time| *time <= Duration::from_secs(3600))
        .ok_or_else(|| "it must be a number above 0 and at most 3600, such as 0.5".to_owned())
}
