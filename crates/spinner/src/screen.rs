//! Spinners side by side on one screen, each in a panel.
//!
//! The screen is not an alternate one, so that its last picture stays above the prompt.

use std::io;
use std::iter::repeat;
use std::time::{Duration, Instant};

use console::{Alignment, Style, Term, pad_str};

use crate::{Measurements, PACE, Variant, Work};

/// The smallest panel with a large spinner. Where they do not fit, a panel has three lines.
const WIDTH: usize = 40;
const HEIGHT: usize = 11;

/// The width of a strip on a line of its own.
pub const STRIP: usize = 60;

/// All is drawn again after this time.
const REPAINT: Duration = Duration::from_secs(1);

pub(crate) struct Panel<'a> {
    variant: &'a Variant,
    work: Work,
    pub(crate) has_ended: bool,
    /// When each frame was drawn.
    marks: Vec<Duration>,
    seen: Measurements,
    /// When it began, by the clock of this process.
    began: Option<Instant>,
}

impl<'a> Panel<'a> {
    pub(crate) fn new(variant: &'a Variant, work: Work) -> Self {
        Self {
            variant,
            work,
            has_ended: false,
            marks: Vec::new(),
            seen: Measurements::default(),
            began: None,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.variant.name
    }

    /// A frame was drawn, or the answer arrived: these are its own measurements so far.
    pub(crate) fn reported(&mut self, seen: Measurements, is_answer: bool) {
        let began = Instant::now().checked_sub(seen.wall);
        // The report that took the least time to arrive is the best.
        self.began = self.began.min(began).or(began);
        self.seen = seen;
        self.has_ended = is_answer;
        if !is_answer {
            self.marks.push(seen.wall);
        }
    }

    /// Reads the clock, until the answer has arrived. The next report replaces what it gives.
    pub(crate) fn update(&mut self) {
        if let (Some(began), false) = (self.began, self.has_ended) {
            self.elapsed(began.elapsed());
        }
    }

    fn elapsed(&mut self, now: Duration) {
        let gap = now.saturating_sub(self.marks.last().copied().unwrap_or(now));
        self.seen.longest_gap = self.seen.longest_gap.max(gap);
        self.seen.wall = now;
    }

    /// While it stands still, or if it mostly did, its name has a mark and it is red.
    fn title(&self) -> (String, Style) {
        let last = self.marks.last().copied().unwrap_or(self.seen.wall);
        let stands_still = match self.has_ended {
            true => self.seen.stood_still(),
            false => self.seen.wall.saturating_sub(last) > 2 * PACE,
        };
        match stands_still {
            true => (format!("{} !", self.name()), Style::new().red()),
            false => (self.name().to_owned(), Style::new().green()),
        }
    }

    /// The line of code and, at the end, why it turned or stood still.
    fn reason(&self) -> [&'static str; 2] {
        let why = || self.variant.why(self.work, &self.seen);
        let why = if self.has_ended { why() } else { "" };
        [self.variant.line(self.work), why]
    }

    /// As lines of text; the last is empty until the end.
    pub(crate) fn lines(&self, total: Duration, width: usize) -> [String; 4] {
        let turn = ["|", "/", "-", "\\"][self.seen.frames.saturating_sub(1) % 4];
        let (title, style) = self.title();
        let strip = strip(&self.marks, self.seen.wall, total, width);
        let rows = [format!("{turn} {title}: {}", self.seen), strip];
        let [title, strip] = rows.map(|row| style.apply_to(row).to_string());
        let [code, why] = self.reason().map(str::to_owned);
        [title, strip, code, why]
    }

    /// As the rows of a box with a large spinner.
    fn large(&self, total: Duration, width: usize, height: usize) -> Vec<String> {
        let ((title, style), seen) = (self.title(), &self.seen);
        let inside = width - 2;
        let numbers = seen.to_string();
        let numbers = numbers.split(", ").chain(repeat(""));
        let glyph = glyph(seen.frames, (height - 6).min((width - 23) / 2));
        let rows = glyph.into_iter().zip(numbers);
        let rows = rows.map(|(row, number)| format!("{row}  {number}"));
        let strip = strip(&self.marks, seen.wall, total, inside);
        let coloured = rows.chain([strip]).map(|row| (row, &style));
        let plain = Style::new();
        let reason = self.reason().map(|text| textwrap::wrap(text, inside));
        let reason = reason.into_iter().flatten().map(|row| row.into_owned());
        let rest = reason.chain(repeat(String::new())).map(|row| (row, &plain));
        let edge = style.apply_to('│');
        let rows = coloured.chain(rest).map(|(row, style)| {
            let row = style.apply_to(format!("{row:inside$.inside$}"));
            format!("{edge}{row}{edge}")
        });
        let title = format!(" {title} ");
        let top = style.apply_to(format!("┌{title:─<inside$.inside$}┐"));
        let bottom = style.apply_to(format!("└{:─<inside$}┘", ""));
        let [top, bottom] = [top, bottom].map(|edge| edge.to_string());
        let rows = rows.take(height - 2);
        [top].into_iter().chain(rows).chain([bottom]).collect()
    }
}

/// A line of time: marks where frames were drawn, and dots where none was.
pub fn strip(marks: &[Duration], elapsed: Duration, total: Duration, width: usize) -> String {
    let total = total.max(elapsed);
    // Frames are a little more than their pace apart: each cell of a turning spinner has one.
    let cells = total.as_micros() / (PACE + PACE / 32).as_micros();
    let cells = (cells as usize).clamp(1, width.max(1));
    let columns = (width / cells).min(2);
    let cell = |index: usize| {
        let time = |index: usize| total.mul_f64(index as f64 / cells as f64);
        let (start, end) = (time(index), time(index + 1));
        let has_mark = |start| marks.iter().any(|mark| (start..end).contains(mark));
        match has_mark(start) {
            true => '▌',
            false if end > elapsed || has_mark(start.saturating_sub(PACE / 2)) => ' ',
            false => '·',
        }
    };
    let cells = (0..cells).map(|index| format!("{:columns$}", cell(index)));
    cells.collect::<String>().trim_end().to_owned()
}

/// The terminal; dropping this shows the cursor again, below the picture.
pub(crate) struct Screen {
    term: Term,
    shown: Vec<Part>,
    size: (u16, u16),
    repainted: Instant,
}

impl Screen {
    pub(crate) fn open() -> io::Result<Self> {
        let term = Term::buffered_stdout();
        term.hide_cursor()?;
        // Scrolls what is on the terminal away instead of clearing it.
        term.write_str(&"\n".repeat(term.size().0.into()))?;
        Ok(Self {
            term,
            shown: Vec::new(),
            size: (0, 0),
            repainted: Instant::now(),
        })
    }

    /// Writes the parts that have changed.
    pub(crate) fn draw(
        &mut self,
        panels: &[Panel<'_>],
        total: Duration,
        last: &str,
    ) -> io::Result<()> {
        let size = self.term.size();
        if size != self.size {
            self.clear()?;
        }
        // A key that was pressed has changed the screen.
        if size != self.size || self.repainted.elapsed() > REPAINT {
            self.shown.clear();
            (self.size, self.repainted) = (size, Instant::now());
        }
        let picture = picture(panels, size, total, last);
        for (index, part) in picture.iter().enumerate() {
            if self.shown.get(index) != Some(part) {
                self.term.move_cursor_to(part.0, part.1)?;
                self.term.write_str(&part.2)?;
            }
        }
        self.shown = picture;
        // In the last row, return would scroll.
        self.term.move_cursor_to(0, 0)?;
        self.term.flush()
    }

    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.term.clear_screen()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let last = usize::from(self.size.0).saturating_sub(1);
        let _ = self.term.move_cursor_to(0, last);
        let _ = self.term.show_cursor();
        let _ = self.term.flush();
    }
}

/// A column, a row, and the text that begins there.
type Part = (usize, usize, String);

/// The parts of a screen of this many rows and columns; its last row is left for the prompt.
fn picture(panels: &[Panel<'_>], size: (u16, u16), total: Duration, last: &str) -> Vec<Part> {
    let (rows, columns) = (usize::from(size.0).saturating_sub(2), usize::from(size.1));
    let fits = |across: &usize| panels.len().div_ceil(*across) * HEIGHT <= rows;
    let fit = |line: &str| pad_str(line, columns, Alignment::Left, Some("…")).into_owned();
    let mut picture = Vec::new();
    if let Some(across) = (2..=columns / WIDTH).find(fits) {
        let (width, height) = (columns / across, rows / panels.len().div_ceil(across));
        for (index, panel) in panels.iter().enumerate() {
            let (x, y) = (index % across * width, index / across * height);
            let lines = panel.large(total, width, height).into_iter().zip(y..);
            picture.extend(lines.map(|(line, y)| (x, y, line)));
        }
    } else {
        let three = |panel: &Panel<'_>| {
            let [title, strip, code, why] = panel.lines(total, columns);
            [title, strip, if panel.has_ended { why } else { code }]
        };
        let lines = panels.iter().flat_map(three);
        picture.extend((0..rows).zip(lines).map(|(y, line)| (0, y, fit(&line))));
    }
    picture.push((0, rows, fit(last)));
    picture
}

/// The spinner's character, this many rows high and twice as wide.
fn glyph(frames: usize, rows: usize) -> Vec<String> {
    let size = 2 * rows as i32;
    let thick = (size / 5).max(1);
    // Half a cell is about a square. Distances from the centre are doubled, to be whole.
    let is_set = |x: i32, y: i32| {
        let (x, y) = (2 * x + 1 - size, 2 * y + 1 - size);
        match frames % 4 {
            _ if frames == 0 => false,
            1 => x.abs() <= thick,
            2 => (x + y).abs() <= thick * 3 / 2,
            3 => y.abs() <= thick,
            _ => (x - y).abs() <= thick * 3 / 2,
        }
    };
    let half = |x, y| usize::from(is_set(x, y));
    let cell = |x, y| [' ', '▀', '▄', '█'][half(x, 2 * y) + 2 * half(x, 2 * y + 1)];
    let row = |y| (0..size).map(|x| cell(x, y)).collect();
    (0..size / 2).map(row).collect()
}

#[test]
fn a_blocked_panel_has_a_hole_and_a_turning_one_a_mark_in_each_cell() {
    console::set_colors_enabled(false);
    let work = Work::Sleep(PACE);
    let variants = [&crate::VARIANTS[1], &crate::VARIANTS[2]];
    let mut panels = variants.map(|variant| Panel::new(variant, work));
    let seen = |frames: u32| Measurements {
        wall: PACE * (frames - 1),
        frames: frames as usize,
        ..Measurements::default()
    };
    (1..=20).for_each(|frames| panels[0].reported(seen(frames), false));
    panels[1].reported(seen(1), false);
    panels.iter_mut().for_each(|panel| panel.elapsed(PACE * 20));
    panels[1].has_ended = true;
    let picture = picture(&panels, (13, 80), PACE * 30, "last");
    let part = |x: usize, y: usize| {
        let part = picture.iter().find(|part| (part.0, part.1) == (x, y));
        part.unwrap().2.clone()
    };
    let (marks, hole) = ("▌".repeat(19), format!("▌{}", "·".repeat(18)));
    for (y, left, right) in [
        (2, " ▀██▄       20 frames", "    ██      1 frame"),
        (6, &marks, &hole),
        (7, "time::sleep(time).await;", "std::thread::sleep(time);"),
        (8, "", "The slow function never awaited: no"),
    ] {
        let [left, right] = [left, right].map(|text| format!("│{text:38}│"));
        assert_eq!([part(0, y), part(40, y)], [left, right]);
    }
    assert!(part(0, 0).starts_with("┌ task ──"));
    assert!(part(40, 0).starts_with("┌ blocked-task ! ──"));
    assert_eq!(part(0, 11), format!("{:80}", "last"));
}
