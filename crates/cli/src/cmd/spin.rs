//! `flagrace spin`: a thread or a task turns a spinner, until something blocks.

use std::env;
use std::io::{self, Write};
use std::process::{Command, ExitCode};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::Context;
use clap::builder::PossibleValue;
use clap::value_parser;
use console::style;
use flagrace_spinner::{
    Answer, Measurements, STRIP, Spinner, VARIANTS, Variant, Work, blocked_workers, compare,
    report, strip,
};
use indicatif::ProgressDrawTarget;

use crate::args::{Usage, some_time};
use crate::interrupt;

#[derive(clap::Parser)]
#[command(after_help = "\
After the answer come the elapsed time, the frames drawn, the longest gap between
two frames and the number of OS threads; a strip with marks where frames were
drawn; and why the spinner turned. Each variant is a short file in crates/spinner/src.
Exit code: 0, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// The variant to run
    #[arg(value_parser = ways())]
    way: String,
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

const COMPARE: &str = "compare";

fn ways() -> Vec<PossibleValue> {
    let compare = "The variants at once, each in a process of its own, on one screen";
    let compare = PossibleValue::new(COMPARE).help(compare);
    let one = |variant: &Variant| PossibleValue::new(variant.name).help(variant.about());
    VARIANTS[..5].iter().map(one).chain([compare]).collect()
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.workers.is_some() && args.way != "blocked-task" {
        return Err(Usage::error("--workers is for blocked-task"));
    }
    if args.way == COMPARE {
        return args.compare();
    }
    if args.all {
        return Err(Usage::error("--all is for compare"));
    }
    args.turn()?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    pub fn turn(&self) -> anyhow::Result<Measurements> {
        let workers = self.workers.map(|n| (n, self.blockers.unwrap_or(n)));
        let variant = match workers {
            Some((workers, blockers)) => VARIANTS.get(if blockers < workers { 5 } else { 6 }),
            None => VARIANTS.iter().find(|one| one.name == self.way),
        };
        let variant = variant.context("it is not a single variant")?;
        let work = self.work(variant);
        let run = |spinner: &Arc<Spinner>| match workers {
            Some((n, blockers)) => blocked_workers::run(spinner, work, n.into(), blockers.into()),
            None => (variant.demo)(spinner, work),
        };
        match self.report {
            true => Ok(report(run)?),
            false => watch(variant, work, run),
        }
    }

    fn work(&self, variant: &Variant) -> Work {
        match self.work.as_deref() {
            None if variant.name == "yielding-task" => Work::Prime(self.time),
            Some("prime") => Work::Prime(self.time),
            _ => Work::Sleep(self.time),
        }
    }

    /// The process of a variant is this program, run again with `--report`.
    fn compare(&self) -> anyhow::Result<ExitCode> {
        let program = env::current_exe()?;
        let start = |variant: &'static Variant| {
            let mut command = Command::new(&program);
            command.args(["spin", "--report"]);
            command.args(variant.arguments.split(' '));
            command.arg(format!("--time={}ns", self.time.as_nanos()));
            command.args(self.work.iter().map(|work| format!("--work={work}")));
            (variant, self.work(variant), command)
        };
        let variants = &VARIANTS[..if self.all { VARIANTS.len() } else { 4 }];
        match compare(variants.iter().map(start).collect())? {
            true => Ok(ExitCode::SUCCESS),
            false => Ok(ExitCode::from(interrupt::EXIT_CODE)),
        }
    }
}

/// Runs a variant on this terminal, as the book does.
fn watch(
    variant: &Variant,
    work: Work,
    run: impl Fn(&Arc<Spinner>) -> Answer,
) -> anyhow::Result<Measurements> {
    let (sender, marks) = mpsc::channel();
    let spinner = Spinner::new(ProgressDrawTarget::stdout());
    let spinner = Arc::new(spinner.on_frame(move |seen| _ = sender.send(seen.wall)));
    let shown = Arc::clone(&spinner);
    interrupt::calls(move || {
        shown.close();
        std::process::exit(interrupt::EXIT_CODE.into());
    })?;
    let answer = run(&spinner).context("cannot run the slow function")?;
    let mut seen = spinner.measurements();
    // Without the thread that waits for Ctrl-C.
    seen.threads = seen.threads.map(|all| all.saturating_sub(1));
    let marks: Vec<_> = marks.try_iter().collect();
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
