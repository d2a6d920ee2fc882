//! Variants at once, each in a process of its own.
//!
//! The process calls [`report`]: for each frame, and for the answer, it prints the time since its
//! start in microseconds and its OS threads, as a line.

use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::ProgressDrawTarget;

use crate::screen::{Panel, STRIP, Screen};
use crate::{Answer, Measurements, Spinner, Variant, Work};

/// The time between two redraws.
const REDRAW: Duration = Duration::from_millis(50);

const QUESTION: &str = "Which spinner stands still, and why?";
const ADVICE: &str =
    "Await what waits. What blocks goes to spawn_blocking; what computes, to a pool.";

/// Runs a variant in this process, and prints its frames for [`compare`].
pub fn report(demo: impl Fn(&Arc<Spinner>) -> Answer) -> io::Result<()> {
    let tell = |what, seen: &Measurements| {
        let (at, threads) = (seen.wall.as_micros(), seen.threads.unwrap_or(0));
        // If the parent has gone, nothing reads the frames.
        let _ = writeln!(io::stdout(), "{what} {at} {threads}");
    };
    let spinner = Spinner::new(ProgressDrawTarget::hidden());
    let spinner = Arc::new(spinner.on_frame(move |seen| tell("frame", seen)));
    demo(&spinner)?;
    tell("answer", &spinner.measurements());
    Ok(())
}

/// Runs the processes of variants, and shows their spinners on one screen, or at the end as lines
/// if there is no terminal. Returns whether all answered before the user cancelled.
///
/// # Errors
///
/// A process cannot start, or ends without an answer; or the terminal cannot be written to.
pub fn compare(
    variants: Vec<(&Variant, Work, Command)>,
    is_cancelled: impl Fn() -> bool,
) -> io::Result<bool> {
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
            ended &= process.update(panel);
        }
        if is_cancelled() {
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

/// The process of a variant, killed when it is dropped, and the thread that reads its lines.
struct Process(Child, JoinHandle<()>, Receiver<String>);

impl Process {
    fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C is for the parent, which then ends this.
        command.stdout(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
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
    fn update(&self, panel: &mut Panel<'_>) -> bool {
        // Before the last lines are taken.
        let ended = self.1.is_finished();
        for line in self.2.try_iter() {
            let words: Vec<_> = line.split(' ').collect();
            if let [what, at, threads] = words[..]
                && let Ok(at) = at.parse()
            {
                let threads = threads.parse().ok().filter(|threads| *threads > 0);
                panel.reports(Duration::from_micros(at), threads, what == "answer");
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
