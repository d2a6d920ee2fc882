//! `flagrace spin compare`: the variants at once, each in a process of its own.
//!
//! The process is this program, run again with `--report`: for each frame, and for the answer, it
//! prints the time since its start in microseconds and its OS threads, as a line.

use std::env;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, bail};
use flagrace_measure::Cost;
use flagrace_spinner::{Answer, Spinner};
use indicatif::ProgressDrawTarget;

use super::variant::{ALL, Variant};
use super::{Args, STRIP};
use crate::interrupt;
use crate::output::spinners::{Panel, Screen};

/// The time between two redraws.
const REDRAW: Duration = Duration::from_millis(50);

const QUESTION: &str = "Which spinner stands still, and why?";
const ADVICE: &str =
    "Await what waits. What blocks goes to spawn_blocking; what computes, to a pool.";

/// Runs a variant in this process, and reports its frames.
pub fn report(run: impl Fn(&Arc<Spinner>) -> Answer) -> anyhow::Result<()> {
    let count = || Cost::so_far().ok()?.threads;
    let tell = |what, at: Duration, threads: Option<u64>| {
        let (at, threads) = (at.as_micros(), threads.unwrap_or(0));
        // If the parent has gone, nothing reads the frames.
        let _ = writeln!(io::stdout(), "{what} {at} {threads}");
    };
    let spinner = Spinner::new(ProgressDrawTarget::hidden(), count);
    let spinner = Arc::new(spinner.on_frame(move |at| tell("frame", at, count())));
    run(&spinner)?;
    let seen = spinner.measurements();
    tell("answer", seen.wall, seen.threads);
    Ok(())
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let cancel = interrupt::cancels()?;
    let variants = if args.all { &ALL[..] } else { &ALL[..4] };
    let is_terminal = io::stdout().is_terminal() && io::stdin().is_terminal();
    let mut screen = is_terminal.then(Screen::open).transpose()?;
    let started = variants.iter().map(|variant| Process::start(args, variant));
    let processes = started.collect::<anyhow::Result<Vec<_>>>()?;
    let panel = |one: &Variant| Panel::new(one.name, one.line(args.work(one.way)));
    let mut panels: Vec<_> = variants.iter().map(panel).collect();
    let mut ended = false;
    while !ended {
        ended = true;
        for ((process, panel), variant) in processes.iter().zip(&mut panels).zip(variants) {
            ended &= process.update(panel);
            if panel.has_ended {
                panel.why = variant.why(args.work(variant.way), &panel.seen);
            }
        }
        let mut interrupted = cancel.is_cancelled();
        if let Some(screen) = &mut screen {
            screen.draw(&panels, args.time, if ended { ADVICE } else { QUESTION })?;
            interrupted |= !ended && screen.wait(REDRAW)?;
        } else {
            thread::sleep(REDRAW);
        }
        if interrupted {
            screen.as_mut().map_or(Ok(()), Screen::clear)?;
            return Ok(ExitCode::from(interrupt::EXIT_CODE));
        }
    }
    if let Some(lost) = panels.iter().find(|panel| !panel.has_ended) {
        bail!("{}: its process exited without an answer", lost.name);
    }
    if screen.is_none() {
        let mut out = io::stdout().lock();
        for panel in &panels {
            let [title, strip, why] = panel.lines(args.time, STRIP);
            writeln!(out, "{title}\n{strip}\n{why}\n")?;
        }
        writeln!(out, "{ADVICE}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The process of a variant, killed when it is dropped, and the thread that reads its lines.
struct Process(Child, JoinHandle<()>, Receiver<String>);

impl Process {
    fn start(args: &Args, variant: &Variant) -> anyhow::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["spin", "--report"]);
        command.args(variant.arguments.split(' '));
        command.arg(format!("--time={}us", args.time.as_micros()));
        command.args(args.work.iter().map(|work| format!("--work={work}")));
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.context("cannot start a process")?;
        let printed = child.stdout.take().map(BufReader::new);
        let (sender, lines) = mpsc::channel();
        let read = move || {
            let lines = printed.into_iter().flat_map(BufRead::lines);
            let lines = lines.map_while(Result::ok);
            lines.for_each(|line| _ = sender.send(line));
        };
        Ok(Self(child, thread::spawn(read), lines))
    }

    /// Shows what it has reported. Returns whether it has ended.
    fn update(&self, panel: &mut Panel) -> bool {
        // Before the last lines are taken.
        let ended = self.1.is_finished();
        for line in self.2.try_iter() {
            let words: Vec<_> = line.split(' ').collect();
            if let [what, at, threads] = words[..]
                && let Ok(at) = at.parse()
            {
                panel.seen.threads = threads.parse().ok().filter(|threads| *threads > 0);
                panel.reports(Duration::from_micros(at), what == "answer");
            }
        }
        panel.look();
        ended
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
