//! The observer of `get`: moves a bar or prints lines, and counts threads.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use flagrace_core::{Observer, Origin, Outcome};
use flagrace_measure::Meter;
use indicatif::{ProgressBar, ProgressStyle};

use super::text;

/// What is shown while a job runs.
pub enum Show {
    Nothing,
    Bar(ProgressBar),
    /// A line for each item.
    Lines(Mutex<Box<dyn Write + Send>>),
}

impl Show {
    /// A bar on standard error. It is drawn when an item is done, at most 20 times a second: a
    /// steady tick would be one more thread.
    pub fn bar(items: usize, noun: &str) -> Self {
        let bar = ProgressBar::new(items as u64);
        let template = format!("{{bar:40}} {{pos}}/{{len}} {noun}s, {{elapsed}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }
}

/// Observes a job.
pub struct Progress {
    show: Show,
    origin: Origin,
    /// How many items are left until the threads are counted.
    left: AtomicUsize,
    meter: Mutex<Meter>,
    threads: AtomicU64,
}

impl Progress {
    /// Threads are counted when half of the items are done, or the first if all begin at once:
    /// at the end of a job an engine may have none left.
    pub fn new(show: Show, origin: &Origin, at: usize) -> anyhow::Result<Self> {
        Ok(Self {
            show,
            origin: origin.clone(),
            left: AtomicUsize::new(at),
            meter: Mutex::new(Meter::open()?),
            threads: AtomicU64::new(0),
        })
    }

    /// How many threads there were, if they could be counted.
    pub fn threads(&self) -> Option<u64> {
        Some(self.threads.load(Ordering::Relaxed)).filter(|&threads| threads > 0)
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        if let Show::Bar(bar) = &self.show {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Progress {
    fn finished(&self, outcome: &Outcome) {
        match &self.show {
            Show::Nothing => {}
            Show::Bar(bar) => bar.inc(1),
            Show::Lines(out) => {
                if let (Some(line), Ok(mut out)) = (text::line(&self.origin, outcome), out.lock()) {
                    // A reader that has left is noticed at the end; downloads go on.
                    let _ = writeln!(out, "{line}");
                }
            }
        }
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1
            && let Ok(mut meter) = self.meter.lock()
            && let Ok(cost) = meter.read()
        {
            let threads = cost.threads.unwrap_or_default();
            self.threads.store(threads, Ordering::Relaxed);
        }
    }
}
