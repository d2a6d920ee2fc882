//! The observer of `get`: moves a bar or prints lines, and counts threads.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use flagrace_core::{Observer, Origin, Outcome};
use flagrace_measure::Meter;
use indicatif::ProgressBar;

use super::text;

/// Observes a job.
pub struct Progress {
    /// Drawn when an item is done, at most 20 times a second: a steady tick would be a thread.
    pub bar: ProgressBar,
    /// Where to print a line for each item.
    pub lines: Option<Mutex<Box<dyn Write + Send>>>,
    pub origin: Origin,
    /// Items left until the threads are counted: at the end of a job an engine may have none.
    pub left: AtomicUsize,
    pub meter: Mutex<Meter>,
    /// 0 until they are counted.
    pub threads: AtomicU64,
}

impl Observer for Progress {
    fn finished(&self, outcome: &Outcome) {
        self.bar.inc(1);
        if let Some(lines) = &self.lines
            && let Some(line) = text::line(&self.origin, outcome)
            && let Ok(mut lines) = lines.lock()
        {
            // A reader that has left is noticed at the end; downloads go on.
            let _ = writeln!(lines, "{line}");
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
