//! `flagrace spin`: a thread or a task turns a spinner, until something blocks.

mod compare;
mod variant;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::Context;
use clap::value_parser;
use console::style;
use flagrace_measure::Cost;
use flagrace_spinner::{Answer, Measurements, Spinner, Work, blocked_workers};
use indicatif::ProgressDrawTarget;

use self::variant::{ALL, Variant, Way};
use crate::args::{Usage, some_time};
use crate::interrupt;
use crate::output::spinners::strip;

#[derive(clap::Parser)]
#[command(after_help = "\
After the answer come the elapsed time, the frames drawn, the longest gap between
two frames and the number of OS threads; a strip with a mark for each frame; and
why the spinner turned. Each variant is a short file in crates/spinner/src.
Exit code: 0, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// The variant to run
    #[arg(value_enum)]
    way: Way,
    /// Sleep, or check whether a number is prime [default: prime for yielding-task, else sleep]
    #[arg(long, value_parser = ["sleep", "prime"])]
    work: Option<String>,
    /// How long it sleeps or computes
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "3s")]
    time: Duration,
    /// Run blocked-task on a runtime with N worker threads
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1000))]
    workers: Option<u16>,
    /// Number of tasks that block [default: one for each worker]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..), requires = "workers")]
    blockers: Option<u16>,
    /// Compare yielding-task as well, and two workers of which one or both are blocked
    #[arg(long)]
    all: bool,
    /// Report each frame as a line, for the process that compares
    #[arg(long, hide = true)]
    report: bool,
}

/// The width of a strip on a line of its own.
const STRIP: u16 = 60;

/// Returns the measurements of a single variant as well.
pub fn run(args: &Args) -> anyhow::Result<(ExitCode, Measurements)> {
    if args.workers.is_some() && args.way != Way::BlockedTask {
        return Err(Usage::error("--workers is for blocked-task"));
    }
    if args.all && args.way != Way::Compare {
        return Err(Usage::error("--all is for compare"));
    }
    let work = args.work(args.way);
    let blockers = |workers| (workers, args.blockers.unwrap_or(workers));
    let workers = args.workers.map(blockers);
    let variant = match workers {
        Some((workers, blockers)) => ALL.get(if blockers < workers { 5 } else { 6 }),
        None => ALL.iter().find(|one| one.way == args.way),
    };
    let Some(variant) = variant else {
        return Ok((compare::run(args)?, Measurements::default()));
    };
    let run = |spinner: &Arc<Spinner>| match workers {
        Some((n, blockers)) => blocked_workers::run(spinner, work, n.into(), blockers.into()),
        None => (variant.demo)(spinner, work),
    };
    let seen = match args.report {
        true => compare::report(run).map(|()| Measurements::default()),
        false => watch(variant, work, run),
    };
    Ok((ExitCode::SUCCESS, seen?))
}

impl Args {
    fn work(&self, way: Way) -> Work {
        match self.work.as_deref() {
            None if way == Way::YieldingTask => Work::Prime(self.time),
            Some("prime") => Work::Prime(self.time),
            _ => Work::Sleep(self.time),
        }
    }
}

/// Runs a variant on this terminal, as the book does.
fn watch(
    variant: &Variant,
    work: Work,
    run: impl Fn(&Arc<Spinner>) -> Answer,
) -> anyhow::Result<Measurements> {
    // Without the thread that waits for Ctrl-C.
    let count = || Some(Cost::so_far().ok()?.threads?.saturating_sub(1));
    let (sender, marks) = mpsc::channel();
    let spinner = Spinner::new(ProgressDrawTarget::stdout(), count);
    let spinner = Arc::new(spinner.on_frame(move |at| _ = sender.send(at)));
    let shown = Arc::clone(&spinner);
    interrupt::calls(move || {
        shown.close();
        std::process::exit(interrupt::EXIT_CODE.into());
    })?;
    let answer = run(&spinner).context("cannot run the slow function")?;
    let (seen, marks) = (spinner.measurements(), marks.try_iter().collect::<Vec<_>>());
    let strip = strip(&marks, seen.wall, seen.wall, STRIP);
    let (still, strip) = match seen.stood_still() {
        true => (style(": the spinner stood still").red(), style(strip).red()),
        false => (style(""), style(strip).green()),
    };
    let mut out = io::stdout().lock();
    writeln!(out, "Answer: {answer}\n{seen}{still}\n{strip}")?;
    writeln!(out, "{}", variant.why(work, &seen))?;
    Ok(seen)
}
