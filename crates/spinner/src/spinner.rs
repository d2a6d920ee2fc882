//! Where the frames are drawn, and what is measured meanwhile.

use std::fmt::Display;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use flagrace_measure::Cost;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::PACE;

/// The spinner of one demo: its place on the screen, and its stopwatch.
pub struct Spinner {
    output: Output,
    /// OS threads before the demo made any.
    threads_before: Option<u64>,
    record: Mutex<Record>,
}

enum Output {
    Terminal {
        bar: ProgressBar,
        term: Box<dyn TermLike>,
    },
    /// No terminal: lines of text, and no frames.
    Plain(Mutex<Box<dyn Write + Send>>),
}

#[derive(Default)]
struct Record {
    begun: Option<Instant>,
    created: Option<Instant>,
    answered: Option<Instant>,
    stopped: Option<Instant>,
    last_frame: Option<Instant>,
    frames: usize,
    longest_gap: Duration,
    at_begin: Option<Cost>,
    at_answer: Option<Cost>,
    at_end: Option<Cost>,
    /// Spinners that turn.
    lines: usize,
    is_gone: bool,
    is_closed: bool,
}

/// What was measured in a demo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurements {
    /// From before the spinner was made until it was gone.
    pub wall: Duration,
    /// How often the spinner was drawn.
    pub frames: usize,
    /// The longest time in which nothing was drawn while the work went on: from the
    /// beginning to the first frame, between two frames, or from the last to the answer.
    pub longest_gap: Duration,
    /// What making the spinner took the one who made it. It need not run yet.
    pub create: Duration,
    /// From telling the spinner to stop until it was gone.
    pub cancel: Duration,
    /// Whether it really was gone by then. A thread that is not joined and a task that is
    /// not awaited may still be at it.
    pub is_gone: bool,
    /// OS threads when the answer was there: the one that runs the demo, and what the demo
    /// added. Where the system tells.
    pub threads: Option<u64>,
    /// Switches of context, of all threads of the process, while the demo ran. Where the
    /// system tells.
    pub switches: Option<u64>,
}

impl Measurements {
    /// Whether it stood still for most of the time, and long enough to be seen.
    pub fn stood_still(&self) -> bool {
        self.longest_gap > 2 * PACE && 2 * self.longest_gap > self.wall
    }
}

impl Spinner {
    /// A spinner on a terminal.
    pub fn terminal(term: impl TermLike + Clone + 'static) -> Self {
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        let term = Box::new(term);
        Self::new(Output::Terminal { bar, term })
    }

    /// A spinner for output that is no terminal: plain lines, and the frames are counted but
    /// not shown.
    pub fn plain(lines: impl Write + Send + 'static) -> Self {
        Self::new(Output::Plain(Mutex::new(Box::new(lines))))
    }

    fn new(output: Output) -> Self {
        Self {
            output,
            threads_before: Cost::so_far().ok().and_then(|cost| cost.threads),
            record: Mutex::default(),
        }
    }

    /// Counts the threads that come on top of so many. Without this, on top of those that
    /// there were when the spinner was made; but a thread of an earlier demo may be among
    /// them: it is joined a moment before the system has forgotten it.
    #[must_use]
    pub fn counting_from(self, threads: Option<u64>) -> Self {
        Self {
            threads_before: threads,
            ..self
        }
    }

    /// The spinner is about to be made.
    pub fn begin(&self) {
        let cost = Cost::so_far().ok();
        let mut record = self.record();
        record.at_begin = cost;
        record.begun = Some(Instant::now());
    }

    /// The spinner is made: says so, with its id.
    pub fn created(&self, id: impl Display) {
        let now = Instant::now();
        self.record().created = Some(now);
        self.say(&format!("spinner object: {id}"));
    }

    /// The slow function has its answer, and the spinner is to stop.
    pub fn answered(&self) {
        let cost = Cost::so_far().ok();
        let mut record = self.record();
        let now = Instant::now();
        record.note_gap(now);
        record.at_answer = cost;
        record.answered = Some(now);
    }

    /// The spinner is gone.
    pub fn stopped(&self) {
        let now = Instant::now();
        let cost = Cost::so_far().ok();
        let mut record = self.record();
        record.stopped = Some(now);
        record.is_gone = record.lines == 0;
        record.at_end = cost;
    }

    /// A line for the spinner to turn in, which is taken off the screen when it is dropped.
    pub fn line(&self) -> Line<'_> {
        self.record().lines += 1;
        Line { spinner: self }
    }

    /// How often the spinner was drawn so far.
    pub fn frames(&self) -> usize {
        self.record().frames
    }

    /// Takes the spinner off the screen, for good: nothing is drawn after this.
    pub fn close(&self) {
        // While the record is held nobody is drawing.
        let mut record = self.record();
        record.is_closed = true;
        self.erase();
    }

    /// What was seen, when the demo is over. `None` before that.
    pub fn measurements(&self) -> Option<Measurements> {
        let record = self.record();
        let (begun, answered, stopped) = (record.begun?, record.answered?, record.stopped?);
        let threads = |cost: Option<Cost>| cost?.threads;
        let switches =
            |cost: Option<Cost>| Some(cost?.voluntary_switches + cost?.involuntary_switches);
        Some(Measurements {
            wall: stopped - begun,
            frames: record.frames,
            longest_gap: record.longest_gap,
            create: record.created? - begun,
            cancel: stopped - answered,
            is_gone: record.is_gone,
            threads: threads(record.at_answer)
                .zip(self.threads_before)
                .map(|(at_answer, before)| 1 + at_answer.saturating_sub(before)),
            switches: switches(record.at_end)
                .zip(switches(record.at_begin))
                .map(|(end, begin)| end.saturating_sub(begin)),
        })
    }

    fn say(&self, text: &str) {
        match &self.output {
            Output::Terminal { bar, term } => bar.suspend(|| {
                // What cannot be written here cannot be written later either.
                let _ = term.write_line(text).and_then(|()| term.flush());
            }),
            Output::Plain(lines) => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                // A reader who has gone away is noticed with the next line that counts.
                let _ = writeln!(lines, "{text}").and_then(|()| lines.flush());
            }
        }
    }

    fn erase(&self) {
        if let Output::Terminal { bar, .. } = &self.output {
            bar.finish_and_clear();
        }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Nothing was drawn from the frame before, or from the beginning, until now.
    fn note_gap(&mut self, now: Instant) {
        if self.answered.is_some() {
            // The work is over: what comes now is the end of the spinner.
            return;
        }
        if let Some(since) = self.last_frame.or(self.begun) {
            self.longest_gap = self.longest_gap.max(now - since);
        }
        self.last_frame = Some(now);
    }
}

/// The line in which the spinner turns.
pub struct Line<'a> {
    spinner: &'a Spinner,
}

impl Line<'_> {
    /// Draws one frame over the one before.
    pub fn show(&self, frame: char) {
        let mut record = self.spinner.record();
        if record.is_closed {
            return;
        }
        record.note_gap(Instant::now());
        record.frames += 1;
        if let Output::Terminal { bar, .. } = &self.spinner.output {
            bar.set_message(format!("{frame} thinking!"));
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let mut record = self.spinner.record();
        record.lines -= 1;
        self.spinner.erase();
    }
}
