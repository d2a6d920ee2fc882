//! `flagrace spin`: the spinner, as a thread and as a task.

mod compare;
mod work;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::ValueEnum;
use console::Term;
use flagrace_measure::Cost;
use flagrace_spinner::{Answer, Evidence, Stage, Variant};

use crate::args::at_least_one;
use crate::engine::Engine;
use crate::interrupt;
use crate::output::margin::Margin;
use crate::server::{Knobs, Place, Source, label};
use crate::usage::Usage;
use work::Kind;

#[derive(clap::Args)]
#[command(after_help = "\
The line after the answer is the evidence: how long it took, how often the spinner was drawn, the
longest time in which it stood still, and how many OS threads there were. Where it stood still, the
last line says why. `compare` runs all variants and puts their evidence side by side. Each variant
is a short file in crates/spinner/src.
Exit code: 0, 1 if a download missed a flag, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// Which way
    #[arg(value_enum)]
    way: Way,
    /// What the slow function does [default: prime for napping-task, otherwise sleep]
    #[arg(long, value_enum)]
    work: Option<Kind>,
    /// How long it sleeps or computes [default: 3, or 1 for compare]
    #[arg(long, value_name = "S", value_parser = seconds)]
    seconds: Option<Duration>,
    /// How to download [default: async for task, otherwise threads]
    #[arg(short = 'E', long, value_enum)]
    engine: Option<Engine>,
    /// Where to download from: LOCAL, DELAY or ERROR, or an address [default: DELAY]
    #[arg(short, long, value_name = "LABEL|URL")]
    server: Option<Place>,
    #[command(flatten)]
    knobs: Knobs,
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
    RescuedTask,
    /// The second cure: a computation that gives way now and then
    NappingTask,
    /// All of them, one after another, and their evidence side by side
    Compare,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    args.check()?;
    let source = match args.download() {
        true => Some(Source::open(&args.place()?, &args.knobs)?),
        false => None,
    };
    let stages = Stages::new()?;
    match args.variant() {
        Some(variant) => {
            let kind = args.work.unwrap_or_else(|| Kind::usual(variant));
            let (answer, evidence, why_still) = stages.run(variant, || {
                let time = args.seconds.unwrap_or(Duration::from_secs(3));
                work::build(kind, variant, time, args.engine, source.as_ref())
            })?;
            let mut out = io::stdout().lock();
            if let Ok(answer) = &answer {
                writeln!(out, "Answer: {answer}")?;
            }
            writeln!(out, "{}", in_words(&evidence))?;
            if let Some(why) = why_still.filter(|_| evidence.stood_still()) {
                writeln!(out, "{why}")?;
            }
            answer?;
        }
        None => compare::run(args, &stages, source.as_ref())?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// Arguments that would be ignored are refused instead.
    fn check(&self) -> anyhow::Result<()> {
        let download = self.download();
        let serves = self.server.is_some() || !self.knobs.is_untouched();
        if !download && (self.engine.is_some() || serves) {
            return Err(Usage::error(
                "--engine, --server, --delay, --error-rate and --seed are for --work download",
            ));
        }
        if download && self.seconds.is_some() {
            return Err(Usage::error(
                "a download takes as long as it takes: --seconds is for sleep and prime; \
                 --delay makes a slower server",
            ));
        }
        if self.workers.is_some() && self.way != Way::BlockedTask {
            return Err(Usage::error("--workers is for blocked-task"));
        }
        if self.way == Way::Compare && self.engine.is_some() {
            return Err(Usage::error(
                "compare takes for each variant the engine that fits it: leave --engine away",
            ));
        }
        self.knobs.fit(&self.place()?)
    }

    fn download(&self) -> bool {
        self.work == Some(Kind::Download)
    }

    fn place(&self) -> anyhow::Result<Place> {
        Ok(match &self.server {
            Some(place) => place.clone(),
            None => Place::Label("DELAY".to_owned(), label("DELAY").map_err(Usage::error)?),
        })
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
            (Way::RescuedTask, _) => Variant::RescuedTask,
            (Way::NappingTask, _) => Variant::NappingTask,
            (Way::Compare, _) => return None,
        })
    }
}

/// The stages of this program, one after another. Ctrl-C takes the spinner off whichever
/// is in use.
struct Stages {
    current: Arc<Mutex<Option<Arc<Stage>>>>,
    threads: Option<u64>,
}

impl Stages {
    fn new() -> anyhow::Result<Self> {
        let current: Arc<Mutex<Option<Arc<Stage>>>> = Arc::default();
        let seen = Arc::clone(&current);
        interrupt::ends(move || {
            let stage = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(stage) = &*stage {
                stage.close();
            }
        })?;
        Ok(Self {
            current,
            threads: Cost::so_far()?.threads,
        })
    }

    /// Runs one demo on a stage of its own, which is set before the work is made: a pool
    /// that the work brings along is part of what the demo takes. There is evidence of work that
    /// failed, too.
    fn run(
        &self,
        variant: Variant,
        work: impl FnOnce() -> anyhow::Result<flagrace_spinner::Work>,
    ) -> anyhow::Result<(Answer, Evidence, Option<&'static str>)> {
        let stage = if io::stdout().is_terminal() {
            Stage::terminal(Margin(Term::buffered_stdout()))
        } else {
            Stage::plain(io::stdout())
        };
        let stage = Arc::new(stage.counting_from(self.threads));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&stage));
        let work = work()?;
        // What the work brings along, a pool say, is there until the evidence is taken.
        let answer = variant.run(&stage, work.clone());
        let Some(evidence) = stage.evidence() else {
            anyhow::bail!("the demo did not end: {}", answer?);
        };
        Ok((answer, evidence, variant.why_still(&work)))
    }
}

/// One line of evidence.
fn in_words(evidence: &Evidence) -> String {
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    let mut words = format!(
        "{}, {} frame{}, longest gap {}",
        time(evidence.wall),
        evidence.frames,
        plural(evidence.frames as u64),
        time(evidence.longest_gap)
    );
    if let Some(threads) = evidence.threads {
        words += &format!(", {threads} OS thread{}", plural(threads));
    }
    if evidence.stood_still() {
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
