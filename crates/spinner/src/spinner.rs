//! Draws the frames, and measures whether the spinner turns.

use std::fmt::{self, Display};
use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::PACE;

/// The spinner of one demo, and its stopwatch.
pub struct Spinner {
    bar: ProgressBar,
    on_frame: Box<dyn Fn(&Measurements) + Send + Sync>,
    started: Instant,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    seen: Measurements,
    last_frame: Option<Instant>,
}

/// The measurements of one demo.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measurements {
    /// From the start of the demo to the answer.
    pub wall: Duration,
    /// The number of frames drawn.
    pub frames: usize,
    /// The longest time without a new frame.
    pub longest_gap: Duration,
    /// OS threads of the process; `None` if the system does not report it, as on macOS.
    pub threads: Option<u64>,
}

impl Measurements {
    /// Whether the spinner stood still for most of the time, and visibly.
    pub fn stood_still(&self) -> bool {
        self.longest_gap > 2 * PACE && 2 * self.longest_gap > self.wall
    }
}

impl Display for Measurements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        let (wall, frames, gap) = (self.wall, self.frames, self.longest_gap);
        let s = plural(frames as u64);
        write!(f, "{wall:.1?}, {frames} frame{s}, longest gap {gap:.1?}")?;
        match self.threads {
            Some(threads) => write!(f, ", {threads} OS thread{}", plural(threads)),
            None => write!(f, ", – OS threads"),
        }
    }
}

impl Spinner {
    /// Creates a spinner on `target`. If that is not a terminal, it prints plain lines and only
    /// counts frames.
    pub fn new(target: ProgressDrawTarget) -> Self {
        // The first tick draws the second of these; a finished spinner draws the last.
        let style = ProgressStyle::default_spinner().tick_chars("\\|/- ");
        let bar = ProgressBar::with_draw_target(None, target);
        let bar = bar.with_style(style).with_message("thinking!");
        Self {
            bar,
            on_frame: Box::new(|_| ()),
            started: Instant::now(),
            record: Mutex::default(),
        }
    }

    /// Calls a function for each frame, with the measurements so far.
    pub fn on_frame(mut self, call: impl Fn(&Measurements) + Send + Sync + 'static) -> Self {
        self.on_frame = Box::new(call);
        self
    }

    /// Prints the id of the thread or task that turns the spinner.
    pub fn created(&self, id: impl Display) {
        let line = format!("spinner object: {id}");
        let _drawing = self.record();
        if self.bar.is_hidden() {
            // A closed pipe is reported when the answer is printed.
            let _ = writeln!(io::stdout(), "{line}");
        } else if !self.bar.is_finished() {
            self.bar.println(line);
        }
    }

    /// The slow function has returned: ends the measurement.
    pub fn answered(&self) {
        self.measure(&mut self.record());
    }

    /// Draws the first frame and returns the line in which the spinner turns.
    pub fn line(self: &Arc<Self>) -> Line {
        let line = Line(Arc::clone(self));
        line.turn();
        line
    }

    /// Clears the spinner's line. Later ticks draw nothing.
    pub fn close(&self) {
        let _drawing = self.record();
        self.bar.finish_and_clear();
    }

    /// The measurements up to the answer.
    pub fn measurements(&self) -> Measurements {
        self.record().seen
    }

    fn measure(&self, record: &mut Record) {
        let now = Instant::now();
        let gap = now - record.last_frame.replace(now).unwrap_or(now);
        record.seen.longest_gap = record.seen.longest_gap.max(gap);
        record.seen.wall = self.started.elapsed();
        record.seen.threads = threads();
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The OS threads of this process.
fn threads() -> Option<u64> {
    Some(fs::read_dir("/proc/self/task").ok()?.count() as u64)
}

/// The line in which the spinner turns; dropping it clears the line.
pub struct Line(Arc<Spinner>);

impl Line {
    /// Draws the next frame.
    pub fn turn(&self) {
        // Drawing with the lock held keeps `close` the last to draw.
        let mut record = self.0.record();
        if !self.0.bar.is_finished() {
            self.0.measure(&mut record);
            record.seen.frames += 1;
            self.0.bar.tick();
            (self.0.on_frame)(&record.seen);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.bar.finish_and_clear();
    }
}
