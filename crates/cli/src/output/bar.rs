//! A progress bar on standard error.

use std::io;

use console::Term;
use flagrace_core::{Observer, Outcome};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

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

/// A terminal without its last columns. indicatif leaves the cursor in the last one; there
/// the `^C` that the terminal shows would break the line, and what is above the break would
/// not be taken off the screen.
#[derive(Debug)]
struct Margin(Term);

const MARGIN: u16 = 3;

impl TermLike for Margin {
    fn width(&self) -> u16 {
        self.0.size().1.saturating_sub(MARGIN)
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.0.write_line(line)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}
