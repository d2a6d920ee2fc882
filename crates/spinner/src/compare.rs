//! Variants at once, each in a process of its own.
//!
//! The process calls [`report`]: for each frame, and for the answer, it prints a line with its
//! measurements so far: the time, the longest gap, both in microseconds, frames and OS threads.

use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use indicatif::ProgressDrawTarget;

use crate::screen::{Panel, STRIP, Screen};
use crate::{Measurements, Spinner, Variant, Work};

/// The time between two redraws.
const REDRAW: Duration = Duration::from_millis(50);

static CANCELLED: AtomicBool = AtomicBool::new(false);

const QUESTION: &str = "Which spinner stands still, and why?";
const ADVICE: &str =
    "Await what waits. What blocks goes to spawn_blocking; what computes, to a pool.";

/// Runs a variant in this process, and prints its frames for [`compare`].
pub fn report(variant: &Variant, work: Work) -> io::Result<()> {
    let tell = |what, seen: &Measurements| {
        let [at, gap] = [seen.wall, seen.longest_gap].map(|time| time.as_micros());
        let (frames, threads) = (seen.frames, seen.threads.unwrap_or(0));
        // If the parent has gone, nothing reads the frames.
        let _ = writeln!(io::stdout(), "{what} {at} {gap} {frames} {threads}");
    };
    let spinner = Spinner::new(ProgressDrawTarget::hidden());
    let spinner = Arc::new(spinner.on_frame(move |seen| tell("frame", seen)));
    (variant.demo)(&spinner, work)?;
    tell("answer", &spinner.measurements());
    Ok(())
}

/// Runs the processes of variants, and shows their spinners on one screen, or at the end as lines
/// if there is no terminal. Returns whether all answered before the user cancelled.
///
/// # Errors
///
/// A process cannot start, or ends without an answer; or the terminal cannot be written to.
pub fn compare(variants: Vec<(&Variant, Work, Command)>) -> io::Result<bool> {
    // A second Ctrl-C must not end the program before the terminal is restored.
    ctrlc::set_handler(|| CANCELLED.store(true, Relaxed)).map_err(io::Error::other)?;
    let mut total = Duration::ZERO;
    let (mut panels, mut processes) = (Vec::new(), Vec::new());
    let mut screen = io::stdout().is_terminal().then(Screen::open).transpose()?;
    for (variant, work, command) in variants {
        let (Work::Sleep(time) | Work::Prime(time)) = work;
        total = total.max(time);
        panels.push(Panel::new(variant, work));
        processes.push(Process::start(command)?);
    }
    let mut ended = false;
    while !ended {
        thread::sleep(REDRAW);
        ended = true;
        for (process, panel) in processes.iter().zip(&mut panels) {
            ended &= process.show(panel);
        }
        if CANCELLED.load(Relaxed) || processes.iter_mut().any(Process::was_cancelled) {
            screen.as_mut().map_or(Ok(()), Screen::clear)?;
            return Ok(false);
        }
        if let Some(screen) = &mut screen {
            screen.draw(&panels, total, if ended { ADVICE } else { QUESTION })?;
        }
    }
    if let Some(lost) = panels.iter().find(|panel| !panel.has_ended) {
        let why = format!("{}: its process exited without an answer", lost.name());
        return Err(io::Error::other(why));
    }
    if screen.is_none() {
        let mut out = io::stdout().lock();
        for panel in &panels {
            writeln!(out, "{}\n", panel.lines(total, STRIP).join("\n"))?;
        }
        writeln!(out, "{ADVICE}")?;
    }
    Ok(true)
}

/// The process of a variant, killed when it is dropped, and its lines.
struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command.stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let printed = child.stdout.take().map(BufReader::new);
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = printed.into_iter().flat_map(BufRead::lines);
            let lines = lines.map_while(Result::ok);
            lines.for_each(|line| _ = sender.send(line));
        });
        Ok(Self { child, lines })
    }

    /// Whether Ctrl-C (signal 2) ended it. It may reach this process later.
    fn was_cancelled(&mut self) -> bool {
        let status = self.child.try_wait().ok().flatten();
        status.and_then(|status| status.signal()) == Some(2)
    }

    /// Shows what it has reported. Returns whether it has ended.
    fn show(&self, panel: &mut Panel<'_>) -> bool {
        let ended = loop {
            match self.lines.try_recv() {
                Ok(line) => Self::read(&line, panel),
                Err(why) => break why == TryRecvError::Disconnected,
            }
        };
        panel.update();
        ended
    }

    /// Reads a line; one that does not have four numbers is not a report.
    fn read(line: &str, panel: &mut Panel<'_>) {
        let numbers = line.split(' ').skip(1).map_while(|word| word.parse().ok());
        if let [at, gap, frames, threads] = numbers.collect::<Vec<u64>>()[..] {
            let seen = Measurements {
                wall: Duration::from_micros(at),
                frames: frames as usize,
                longest_gap: Duration::from_micros(gap),
                threads: Some(threads).filter(|threads| *threads > 0),
            };
            panel.reported(seen, line.starts_with("answer"));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
