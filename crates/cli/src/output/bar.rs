//! A progress bar on standard error.

use flagrace_core::{Observer, Outcome};
use indicatif::{ProgressBar, ProgressStyle};

/// Moves a progress bar. It draws when one is done and at most 20 times a second: a
/// steady tick would be a hidden thread, and a bar must cost next to nothing.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar for this many things, on a terminal: flags, or URLs.
    pub fn new(items: usize, noun: &str) -> Self {
        let bar = ProgressBar::new(items as u64);
        let template = format!("{{bar:40}} {{pos}}/{{len}} {noun}s, {{elapsed}}");
        let style = ProgressStyle::with_template(&template);
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Observer for Bar {
    fn finished(&self, _outcome: &Outcome) {
        self.0.inc(1);
    }
}
