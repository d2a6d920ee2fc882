//! The observer of `get`: moves a bar or prints lines, and counts threads.

use std::io::Write;
use std::sync::Mutex;

use flagrace_core::{Observer, Origin, Outcome};
use flagrace_measure::Halfway;
use indicatif::ProgressBar;

use super::text;

/// Observes a job.
pub struct Progress {
    /// Drawn when an item is done, at most 20 times a second: a steady tick would be a thread.
    pub bar: ProgressBar,
    /// Where to print a line for each item.
    pub lines: Option<Mutex<Box<dyn Write + Send>>>,
    pub origin: Origin,
    pub halfway: Halfway,
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
        self.halfway.finished(outcome);
    }
}
