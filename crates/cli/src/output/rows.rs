//! Several bars on a terminal, which Ctrl-C leaves clean.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use console::{Term, measure_text_width, truncate_str};
use indicatif::TermLike;

use super::margin::Margin;

/// A terminal for bars below each other. indicatif fills each line to its end and trusts the
/// terminal to go on in the next; with a margin none does, so that a line has to be ended
/// here. Lines that are too long for a small terminal end at its margin.
#[derive(Debug)]
pub struct Rows {
    terminal: Margin,
    /// How much of the line is written, as indicatif sees it.
    column: AtomicUsize,
}

/// A bar with its numbers needs as many columns.
const LEAST: u16 = 64;

impl Rows {
    pub fn new(terminal: Term) -> Self {
        Self {
            terminal: Margin(terminal),
            column: AtomicUsize::new(0),
        }
    }

    /// The terminal, with the cursor somewhere else than after what was written last.
    fn elsewhere(&self) -> &Margin {
        self.column.store(0, Ordering::Relaxed);
        &self.terminal
    }
}

impl TermLike for Rows {
    fn width(&self) -> u16 {
        self.terminal.width().max(LEAST)
    }

    fn height(&self) -> u16 {
        self.terminal.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.elsewhere().move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.elsewhere().move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.elsewhere().move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.elsewhere().move_cursor_left(n)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.elsewhere().write_line(line)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let mut column = self.column.load(Ordering::Relaxed);
        if column >= usize::from(self.width()) {
            self.terminal.write_line("")?;
            column = 0;
        }
        let room = usize::from(self.terminal.width()).saturating_sub(column);
        self.terminal.write_str(&truncate_str(text, room, ""))?;
        column += measure_text_width(text);
        self.column.store(column, Ordering::Relaxed);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.elsewhere().clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.terminal.flush()
    }
}
