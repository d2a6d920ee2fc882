//! A progress bar on standard error.

use console::Term;
use flagrace_core::{Observer, Outcome};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::margin::Margin;

/// Moves a progress bar. It draws when a flag is done and at most 20 times a second: a
/// steady tick would be a hidden thread, and a bar must cost next to nothing.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar for this many flags, on a terminal.
    pub fn new(flags: usize) -> Self {
        let target = ProgressDrawTarget::term_like(Box::new(Margin(Term::buffered_stderr())));
        let bar = ProgressBar::with_draw_target(Some(flags as u64), target);
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} flags, {elapsed}");
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
