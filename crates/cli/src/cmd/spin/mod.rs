//! `flagrace spin`: the spinner, as a thread and as a task.

mod compare;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;
use console::Term;
use flagrace_measure::Cost;
use flagrace_spinner::{Measurements, Spinner, Variant, Work};

use crate::args::at_least_one;
use crate::interrupt;
use crate::usage::Usage;

#[derive(clap::Args)]
#[command(after_help = "\
The line after the answer says how long it took, how often the spinner was drawn, the longest time
in which it stood still, and how many OS threads there were. Where it stood still, the last line
says why. `compare` runs all variants and shows what was measured side by side. Each variant is a
short file in crates/spinner/src.
Exit code: 0, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// Which way
    #[arg(value_enum)]
    way: Way,
    /// What the slow function does [default: prime for yielding-task, otherwise sleep]
    #[arg(long, value_enum)]
    work: Option<Kind>,
    /// How long it sleeps or computes [default: 3, or 1 for compare]
    #[arg(long, value_name = "S", value_parser = seconds)]
    seconds: Option<Duration>,
    /// blocked-task on a runtime of N threads, with as many tasks that block
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<usize>,
    /// How many tasks block on those threads
    #[arg(long, value_name = "N", value_parser = at_least_one, requires = "workers")]
    blockers: Option<usize>,
}

/// How many threads a runtime may have: more would teach nothing, and not all can be made.
fn workers(text: &str) -> Result<usize, String> {
    match at_least_one(text)? {
        number @ ..=1000 => Ok(number),
        _ => Err("it must be at most 1000".to_owned()),
    }
}

/// What the spinner is, and what happens to it.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// The spinner is a thread: told to stop, and joined
    Thread,
    /// The spinner is a task: aborted where it awaits, and awaited
    Task,
    /// The slow function blocks inside its task: the spinner stands still
    BlockedTask,
    /// The first cure: the blocking call on a thread of its own
    SpawnBlockingTask,
    /// The second cure: a computation that yields now and then
    YieldingTask,
    /// All of them, one after another, and what was measured side by side
    Compare,
}

/// What the slow function does.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Waits
    Sleep,
    /// Computes: is a large number prime?
    Prime,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.workers.is_some() && args.way != Way::BlockedTask {
        return Err(Usage::error("--workers is for blocked-task"));
    }
    let demos = Demos::new()?;
    match args.variant() {
        Some(variant) => {
            let work = args.work(variant, Duration::from_secs(3));
            let (answer, measurements) = demos.run(variant, work)?;
            let mut out = io::stdout().lock();
            writeln!(out, "Answer: {answer}")?;
            writeln!(out, "{}", in_words(&measurements))?;
            let why = variant.why_still(&work);
            if let Some(why) = why.filter(|_| measurements.stood_still()) {
                writeln!(out, "{why}")?;
            }
        }
        None => compare::run(args, &demos)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// What was asked for, or what shows the point of the variant best.
    fn work(&self, variant: Variant, usual: Duration) -> Work {
        let time = self.seconds.unwrap_or(usual);
        match self.work {
            Some(Kind::Prime) => Work::Prime(time),
            None if variant == Variant::YieldingTask => Work::Prime(time),
            _ => Work::Sleep(time),
        }
    }

    fn variant(&self) -> Option<Variant> {
        Some(match (self.way, self.workers) {
            (Way::Thread, _) => Variant::Thread,
            (Way::Task, _) => Variant::Task,
            (Way::BlockedTask, None) => Variant::BlockedTask,
            (Way::BlockedTask, Some(workers)) => Variant::BlockedWorkers {
                workers,
                blockers: self.blockers.unwrap_or(workers),
            },
            (Way::SpawnBlockingTask, _) => Variant::SpawnBlockingTask,
            (Way::YieldingTask, _) => Variant::YieldingTask,
            (Way::Compare, _) => return None,
        })
    }
}

/// The demos of this program, one after another. Ctrl-C takes the spinner of the one that
/// runs off the screen.
struct Demos {
    current: Arc<Mutex<Option<Arc<Spinner>>>>,
    threads: Option<u64>,
}

impl Demos {
    fn new() -> anyhow::Result<Self> {
        let current: Arc<Mutex<Option<Arc<Spinner>>>> = Arc::default();
        let seen = Arc::clone(&current);
        interrupt::ends(move || {
            let spinner = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(spinner) = &*spinner {
                spinner.close();
            }
        })?;
        Ok(Self {
            current,
            threads: Cost::so_far()?.threads,
        })
    }

    /// Runs one demo: its answer, and what was measured.
    fn run(&self, variant: Variant, work: Work) -> anyhow::Result<(String, Measurements)> {
        let spinner = if io::stdout().is_terminal() {
            Spinner::terminal(Term::buffered_stdout())
        } else {
            Spinner::plain(io::stdout())
        };
        let spinner = Arc::new(spinner.counting_from(self.threads));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&spinner));
        let answer = variant.run(&spinner, work)?;
        let measurements = spinner.measurements().context("the demo did not end")?;
        Ok((answer, measurements))
    }
}

/// What was measured, in one line.
fn in_words(measurements: &Measurements) -> String {
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    let mut words = format!(
        "{}, {} frame{}, longest gap {}",
        time(measurements.wall),
        measurements.frames,
        plural(measurements.frames as u64),
        time(measurements.longest_gap)
    );
    if let Some(threads) = measurements.threads {
        words += &format!(", {threads} OS thread{}", plural(threads));
    }
    if measurements.stood_still() {
        words += &format!(": {}", console::style("the spinner stood still").red());
    }
    words
}

/// A time with three digits or so, in the unit that suits it.
fn time(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.0} ms", s * 1e3),
        s => format!("{:.0} µs", s * 1e6),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let parsed = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let parsed = parsed.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    parsed
        .filter(|time| *time <= Duration::from_secs(3600))
        .ok_or_else(|| "it must be a number above 0 and at most 3600, such as 0.5".to_owned())
}
