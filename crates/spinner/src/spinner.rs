//! Draws the frames, and measures whether the spinner turns.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::PACE;

/// The spinner of one demo, and its stopwatch.
pub struct Spinner {
    bar: ProgressBar,
    count_threads: Box<dyn Fn() -> Option<u64> + Send + Sync>,
    started: Instant,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    last_frame: Option<Instant>,
    frames: usize,
    longest_gap: Duration,
    measurements: Option<Measurements>,
    is_closed: bool,
}

/// What was measured in one demo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurements {
    /// From the start of the demo to the answer.
    pub wall: Duration,
    /// How often the spinner was drawn.
    pub frames: usize,
    /// The longest time without a new frame.
    pub longest_gap: Duration,
    /// OS threads when the answer arrived; `None` where the system does not tell.
    pub threads: Option<u64>,
}

impl Measurements {
    /// Whether the spinner stood still for most of the time, and long enough to be seen.
    pub fn stood_still(&self) -> bool {
        self.longest_gap > 2 * PACE && 2 * self.longest_gap > self.wall
    }
}

impl Display for Measurements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        write!(f, "{:.1?}, {} frame", self.wall, self.frames)?;
        write!(f, "{}, longest gap ", plural(self.frames as u64))?;
        write!(f, "{:.1?}", self.longest_gap)?;
        match self.threads {
            Some(threads) => write!(f, ", {threads} OS thread{}", plural(threads)),
            None => Ok(()),
        }
    }
}

impl Spinner {
    /// A spinner drawn on `target`. Where that is no terminal, it prints plain lines, and
    /// the frames are only counted. `count_threads` is called when the answer arrives.
    pub fn new(
        target: ProgressDrawTarget,
        count_threads: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        Self {
            bar,
            count_threads: Box::new(count_threads),
            started: Instant::now(),
            record: Mutex::default(),
        }
    }

    /// Prints the id of the thread or task that turns the spinner.
    pub fn created(&self, id: impl Display) {
        let line = format!("spinner object: {id}");
        if self.bar.is_hidden() {
            // A closed pipe is reported when the answer is printed.
            let _ = writeln!(io::stdout(), "{line}");
        } else {
            self.bar.println(line);
        }
    }

    /// The slow function has returned: ends the measurement.
    pub fn answered(&self) {
        let threads = (self.count_threads)();
        let mut record = self.record();
        record.note_gap(self.started);
        record.measurements = Some(Measurements {
            wall: self.started.elapsed(),
            frames: record.frames,
            longest_gap: record.longest_gap,
            threads,
        });
    }

    /// The line in which the spinner turns.
    pub fn line(&self) -> Line<'_> {
        Line(self)
    }

    /// How often the spinner was drawn so far.
    pub fn frames(&self) -> usize {
        self.record().frames
    }

    /// Clears the spinner's line. Nothing is drawn after this.
    pub fn close(&self) {
        let mut record = self.record();
        record.is_closed = true;
        self.bar.finish_and_clear();
    }

    /// What was measured; `None` until the slow function has returned.
    pub fn measurements(&self) -> Option<Measurements> {
        self.record().measurements
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Notes the time since the last frame.
    fn note_gap(&mut self, started: Instant) {
        let now = Instant::now();
        let gap = now - self.last_frame.unwrap_or(started);
        self.longest_gap = self.longest_gap.max(gap);
        self.last_frame = Some(now);
    }
}

/// The line in which the spinner turns; dropping it clears the line.
pub struct Line<'a>(&'a Spinner);

impl Line<'_> {
    /// Draws one frame over the last.
    pub fn show(&self, frame: char) {
        // Drawing with the lock held keeps `close` the last to draw.
        let mut record = self.0.record();
        if !record.is_closed {
            record.note_gap(self.0.started);
            record.frames += 1;
            self.0.bar.set_message(format!("{frame} thinking!"));
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.0.bar.finish_and_clear();
    }
}
