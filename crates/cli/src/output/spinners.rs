//! Spinners side by side on one screen, each in a panel.
//!
//! The screen is not an alternate one, so that its last picture stays above the prompt.

use std::io::{self, Stdout};
use std::iter::repeat;
use std::time::{Duration, Instant};

use flagrace_spinner::{Measurements, PACE};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph, Wrap};
use ratatui::{Frame, Terminal};

/// The smallest panel with a large spinner. Where they do not fit, a panel has three lines.
const WIDTH: u16 = 40;
const HEIGHT: u16 = 11;

/// What is known of one spinner.
#[derive(Default)]
pub struct Panel {
    pub name: &'static str,
    /// The line of code in which it differs.
    code: &'static str,
    /// Why it turned or stood still, at the end.
    pub why: &'static str,
    pub has_ended: bool,
    /// When each frame was drawn.
    marks: Vec<Duration>,
    pub seen: Measurements,
    /// When it began, by the clock of this process.
    began: Option<Instant>,
}

impl Panel {
    pub fn new(name: &'static str, code: &'static str) -> Self {
        let mut panel = Self::default();
        (panel.name, panel.code) = (name, code);
        panel
    }

    /// A frame was drawn, or the answer arrived, this long after it began.
    pub fn reports(&mut self, at: Duration, is_answer: bool) {
        let began = Instant::now().checked_sub(at);
        // The report that took the least time to arrive is the best.
        self.began = self.began.min(began).or(began);
        self.passes(at);
        self.has_ended = is_answer;
        if !is_answer {
            self.marks.push(at);
            self.seen.frames += 1;
        }
    }

    /// Reads the clock, until the answer has arrived.
    pub fn look(&mut self) {
        if let (Some(began), false) = (self.began, self.has_ended) {
            self.passes(began.elapsed());
        }
    }

    fn passes(&mut self, now: Duration) {
        let gap = now.saturating_sub(self.marks.last().copied().unwrap_or(now));
        self.seen.longest_gap = self.seen.longest_gap.max(gap);
        self.seen.wall = now;
    }

    /// With a mark, and red, while it stands still, or if it mostly did.
    fn title(&self) -> (String, Style) {
        let last = self.marks.last().copied().unwrap_or(self.seen.wall);
        let (mark, colour) = match self.has_ended {
            true if self.seen.stood_still() => (" !", Color::Red),
            false if self.seen.wall.saturating_sub(last) > 2 * PACE => (" !", Color::Red),
            _ => ("", Color::Green),
        };
        // With NO_COLOR, crossterm would write empty sequences.
        let style = console::colors_enabled().then(|| Style::new().fg(colour));
        (format!("{}{mark}", self.name), style.unwrap_or_default())
    }

    /// As three lines of text.
    pub fn lines(&self, total: Duration, width: u16) -> [String; 3] {
        let turn = ["|", "/", "-", "\\"][self.seen.frames.saturating_sub(1) % 4];
        let title = format!("{turn} {}: {}", self.title().0, self.seen);
        let last = if self.has_ended { self.why } else { self.code };
        let strip = strip(&self.marks, self.seen.wall, total, width);
        [title, strip, last.to_owned()]
    }

    /// As a box with a large spinner.
    fn large(&self, total: Duration, width: u16, height: u16) -> Paragraph<'_> {
        let ((title, style), seen) = (self.title(), &self.seen);
        let size = (height - 6).min((width - 23) / 2);
        let numbers = seen.to_string();
        let numbers = numbers.split(", ").chain(repeat(""));
        let rows = glyph(seen.frames, size.into()).into_iter().zip(numbers);
        let rows = rows.map(|(row, number)| format!("{row}  {number}"));
        let strip = strip(&self.marks, seen.wall, total, width - 2);
        let rows = rows.chain([strip]).map(|row| Line::styled(row, style));
        let lines: Vec<_> = rows.chain([self.code.into(), self.why.into()]).collect();
        let block = Block::bordered().border_style(style);
        let text = Paragraph::new(lines).wrap(Wrap { trim: false });
        text.block(block.title(format!(" {title} ")))
    }
}

/// A line of time: a mark for each frame, and dots where none was drawn.
pub fn strip(marks: &[Duration], elapsed: Duration, total: Duration, width: u16) -> String {
    let (total, width) = (total.max(elapsed), u32::from(width.max(1)));
    // Frames are a little more than their pace apart: each cell of a turning spinner has one.
    let cells = total.as_micros() / (PACE + PACE / 32).as_micros();
    let cells = u32::try_from(cells).unwrap_or(width).clamp(1, width);
    let time = total / cells;
    let cell = |index: u32| {
        let (start, end) = (time * index, time * (index + 1));
        let has_mark = |start| marks.iter().any(|mark| (start..end).contains(mark));
        match has_mark(start) {
            true => '▌',
            false if end > elapsed || has_mark(start.saturating_sub(PACE / 2)) => ' ',
            false => '·',
        }
    };
    let columns = (width / cells).min(2) as usize;
    let cells = (0..cells).map(|index| format!("{:columns$}", cell(index)));
    cells.collect::<String>().trim_end().to_owned()
}

/// The screen; dropping it gives the terminal back.
pub struct Screen(Terminal<CrosstermBackend<Stdout>>);

impl Screen {
    pub fn open() -> io::Result<Self> {
        let mut screen = Self(Terminal::new(CrosstermBackend::new(io::stdout()))?);
        enable_raw_mode()?;
        // Scrolls what is on the terminal away instead of clearing it.
        let rows = screen.0.size()?.height;
        screen.0.backend_mut().append_lines(rows)?;
        screen.clear()?;
        Ok(screen)
    }

    pub fn draw(&mut self, panels: &[Panel], total: Duration, last: &str) -> io::Result<()> {
        self.0.draw(|frame| draw(frame, panels, total, last))?;
        Ok(())
    }

    /// Waits for this time. Returns whether Ctrl-C was pressed.
    pub fn wait(&self, time: Duration) -> io::Result<bool> {
        let end = Instant::now() + time;
        while event::poll(end.saturating_duration_since(Instant::now()))? {
            if let Event::Key(key) = event::read()?
                && key.code == KeyCode::Char('c')
                && key.modifiers.contains(KeyModifiers::CONTROL)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub fn clear(&mut self) -> io::Result<()> {
        // `Terminal::clear` asks the terminal where its cursor is; not all answer.
        self.0.backend_mut().clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone. `Terminal` shows the cursor.
        let _ = disable_raw_mode();
        let rows = self.0.size().map_or(0, |size| size.height);
        let _ = self.0.set_cursor_position((0, rows.saturating_sub(1)));
    }
}

fn draw(frame: &mut Frame<'_>, panels: &[Panel], total: Duration, last: &str) {
    // The last row is for the prompt.
    let rows = frame.area().height.saturating_sub(2);
    let screen = Rect {
        height: rows,
        ..frame.area()
    };
    let count = u16::try_from(panels.len()).unwrap_or(u16::MAX).max(1);
    let fits = |columns: &u16| count.div_ceil(*columns) * HEIGHT <= rows;
    let columns = (2..=screen.width / WIDTH).find(fits);
    let height = columns.map_or(3, |columns| rows / count.div_ceil(columns));
    let across = columns.unwrap_or(1);
    let width = screen.width / across;
    for (index, panel) in (0..count).zip(panels) {
        let (x, y) = (index % across * width, index / across * height);
        let text = match columns {
            Some(_) => panel.large(total, width, height),
            None => {
                let [title, strip, last] = panel.lines(total, width);
                let styled = |line| Line::styled(line, panel.title().1);
                Paragraph::new(vec![styled(title), styled(strip), last.into()])
            }
        };
        frame.render_widget(text, Rect::new(x, y, width, height).intersection(screen));
    }
    let area = Rect::new(0, rows, screen.width, 1);
    frame.render_widget(last, area.intersection(frame.area()));
}

/// The spinner's character, this many rows high and twice as wide.
fn glyph(frames: usize, rows: i32) -> Vec<String> {
    let size = 2 * rows;
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
    (0..rows).map(row).collect()
}

#[test]
fn a_blocked_panel_has_a_hole_and_a_turning_one_a_mark_in_each_cell() {
    let mut panels = ["task", "blocked-task"].map(|name| Panel::new(name, "code"));
    (0..20).for_each(|frame| panels[0].reports(PACE * frame, false));
    panels[1].reports(Duration::ZERO, false);
    panels[1].why = "It never awaited.";
    panels.iter_mut().for_each(|panel| panel.passes(PACE * 20));
    let screen = ratatui::backend::TestBackend::new(80, 13);
    let mut terminal = Terminal::new(screen).unwrap();
    let shown = |frame: &mut Frame<'_>| draw(frame, &panels, PACE * 30, "last");
    terminal.draw(shown).unwrap();
    let rows = terminal.backend().to_string();
    let rows: Vec<_> = rows.lines().collect();
    let (marks, hole) = ("▌".repeat(19), format!("▌{}", "·".repeat(18)));
    for (row, left, right) in [
        (2, " ▀██▄       20 frames", "    ██      1 frame"),
        (6, &marks, &hole),
        (7, "code", "code"),
        (8, "", "It never awaited."),
    ] {
        assert_eq!(rows[row], format!("\"│{left:38}││{right:38}│\""));
    }
    assert!(rows[0].contains(" task ──") && rows[0].contains(" blocked-task ! ──"));
}
