//! `flagrace spin`: a thread or a task turns a spinner, until something blocks.

use std::env;
use std::io::{self, Write};
use std::process::{Command, ExitCode};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::Context;
use clap::builder::PossibleValue;
use console::style;
use flagrace_spinner::{
    Measurements, STRIP, Spinner, VARIANTS, Variant, Work, compare, report, strip,
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
    VARIANTS.iter().map(one).chain([compare]).collect()
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.way == COMPARE {
        return args.compare();
    }
    if args.all {
        return Err(Usage::error("--all is for compare"));
    }
    let variant = args.variant()?;
    match args.report {
        true => report(variant, args.work(variant))?,
        false => _ = args.turn()?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn variant(&self) -> anyhow::Result<&'static Variant> {
        let variant = VARIANTS.iter().find(|one| one.name == self.way);
        variant.context("it is not a single variant")
    }

    /// Runs a variant on this terminal, as the book does.
    pub fn turn(&self) -> anyhow::Result<Measurements> {
        let variant = self.variant()?;
        let work = self.work(variant);
        let (sender, marks) = mpsc::channel();
        let spinner = Spinner::new(ProgressDrawTarget::stdout());
        let spinner = Arc::new(spinner.on_frame(move |seen| _ = sender.send(seen.wall)));
        let shown = Arc::clone(&spinner);
        interrupt::calls(move || {
            shown.close();
            std::process::exit(interrupt::EXIT_CODE.into());
        })?;
        let answer = (variant.demo)(&spinner, work).context("cannot run the slow function")?;
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
            command.args(["spin", "--report", variant.name]);
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
