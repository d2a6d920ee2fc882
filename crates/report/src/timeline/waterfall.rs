//! The picture: flags in rows below each other over one axis of time.

use super::course::{self, Course, Fate, Flag, Phase};
use super::sheet::{self, Axis};
use crate::comparison::Timeline;
use crate::format;
use crate::page;
use crate::quantity::Quantity;
use crate::svg::{MARGIN, Style, Svg, WIDTH};

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Waterfall<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// Whether each flag took two requests, the second for its metadata.
    pub two_requests: bool,
    /// The downloads, one below the other: their times can be compared by eye.
    pub timelines: &'a [&'a Timeline],
}

/// All rows together are no higher than this, in pixels. A row has at least one of them, so
/// that nothing hides behind something else; where there are more rows, some are left out.
const HIGHEST: usize = 1040;
/// The height of a row, where few are drawn, of one download and of several.
const TALLEST: [usize; 2] = [18, 9];
/// From this height on a row has its label beside it.
const LABELLED: usize = 12;
/// Letters of a label that are shown.
const LETTERS: usize = 12;

/// Where the words end and the rows begin, in pixels.
const HEAD: f64 = 108.0;
const HEADING: f64 = 26.0;
const GAP: f64 = 14.0;
const FOOT: f64 = 50.0;

/// Draws downloads as an SVG.
#[must_use]
pub fn waterfall(sheet: &Waterfall<'_>) -> String {
    let panels: Vec<Panel<'_>> = (sheet.timelines.iter())
        .map(|timeline| Panel {
            engine: &timeline.engine,
            flags: course::in_order(timeline),
            at_a_time: course::most_at_a_time(timeline),
        })
        .collect();
    let flags = || panels.iter().flat_map(|panel| &panel.flags);
    // Every so many rows one is drawn.
    let every = flags().count().div_ceil(HIGHEST).max(1);
    let drawn: usize = panels.iter().map(|one| one.rows(every)).sum();
    let tallest = TALLEST[usize::from(panels.len() > 1)];
    let height = (HIGHEST / drawn.max(1)).clamp(1, tallest);
    let labels = (flags().filter(|_| height >= LABELLED))
        .map(|flag| short(&flag.span.label).chars().count());
    let left = labels.max().map_or(MARGIN, |letters| {
        MARGIN + 10.0 + 7.0 * letters.max(4) as f64
    });
    let axis = Axis::new(left, last_end(flags()));

    let mut svg = Svg::default();
    svg.text(MARGIN, 36.0, sheet.title, Style::TITLE);
    let about = about(every);
    svg.text(MARGIN, 60.0, &about, Style::FAINT);
    let fates: Vec<Fate> = (Fate::MARKED.into_iter())
        .filter(|&fate| flags().any(|flag| flag.course.fate == fate))
        .collect();
    sheet::legend(&mut svg, 84.0, sheet.two_requests, &fates);

    let heights = panels
        .iter()
        .map(|panel| HEADING + (panel.rows(every) * height) as f64 + GAP);
    let bottom = HEAD + heights.sum::<f64>();
    axis.draw(&mut svg, HEAD, bottom);
    let mut y = HEAD;
    let mut said = Vec::new();
    for panel in &panels {
        let words = panel.heading();
        svg.text(MARGIN, y + 17.0, &words, Style::HEADING);
        said.push(words);
        y += HEADING;
        let pen = Pen { axis, height };
        panel.draw(&mut svg, pen, y, every, sheet.two_requests);
        y += (panel.rows(every) * height) as f64 + GAP;
    }
    let description = format!("{about} {}.", said.join(". "));
    svg.finish(bottom + FOOT, sheet.title, &description)
}

/// What a row is, in words.
fn about(every: usize) -> String {
    let mut words = "A row for each flag, in the order of their turns.".to_owned();
    if every > 1 {
        let last = match every % 10 {
            1 if every % 100 != 11 => "st",
            2 if every % 100 != 12 => "nd",
            3 if every % 100 != 13 => "rd",
            _ => "th",
        };
        words += &format!(" There are too many flags to draw: here is every {every}{last}.");
    }
    words
}

/// One download.
struct Panel<'a> {
    engine: &'a str,
    flags: Vec<Flag<'a>>,
    at_a_time: usize,
}

/// Where rows are, and how high.
#[derive(Clone, Copy)]
struct Pen {
    axis: Axis,
    height: usize,
}

impl Panel<'_> {
    /// How many rows it has, with one for every so many flags.
    fn rows(&self, every: usize) -> usize {
        self.flags.len().div_ceil(every)
    }

    /// The download in words: who, how much, how much at a time, and how long.
    fn heading(&self) -> String {
        let mut words = format!(
            "{}: {}, at most {} under way at a time, {}",
            self.engine,
            page::plural(self.flags.len(), "flag"),
            self.at_a_time,
            time(last_end(&self.flags)),
        );
        let courses = || self.flags.iter().map(|flag| &flag.course);
        for fate in Fate::MARKED {
            let count = courses().filter(|course| course.fate == fate).count();
            if count > 0 {
                words += &format!(", {count} {}", fate.name());
            }
        }
        let late = courses().filter(|one| one.started.is_none()).count();
        if late > 0 {
            words += &format!(", {late} never begun");
        }
        words
    }

    fn draw(&self, svg: &mut Svg, pen: Pen, top: f64, every: usize, two_requests: bool) {
        for (index, flag) in self.flags.iter().step_by(every).enumerate() {
            pen.flag(svg, top + (index * pen.height) as f64, flag, two_requests);
        }
    }
}

impl Pen {
    /// A flag in a row of its own.
    fn flag(self, svg: &mut Svg, y: f64, flag: &Flag<'_>, two_requests: bool) {
        let Flag { span, course, .. } = flag;
        svg.open_row(&title(flag, two_requests));
        let queued = course.started.unwrap_or(course.end);
        let thin = (self.height as f64 / 6.0).max(1.0);
        let (x, middle) = (self.axis.x(0.0), y + self.height as f64 / 2.0);
        let wait = (x, middle - thin / 2.0, self.axis.x(queued) - x, thin);
        let colour = sheet::QUEUED[usize::from(self.height < 4)];
        svg.block(colour, wait);
        self.phases(svg, y, course);
        if course.fate != Fate::Ok {
            let (end, r) = (self.axis.x(course.end), self.mark());
            sheet::mark(svg, course.fate, end + r + 2.0, middle, r);
            if self.height >= LABELLED {
                let letters = span.status.chars().count() as f64;
                let beside = end + 2.0 * r + 6.0;
                let (x, style) = if beside + 6.5 * letters < WIDTH {
                    (beside, Style::LABEL)
                } else {
                    (end - 4.0, Style::LABEL.to_the_left())
                };
                svg.text(x, middle + 4.0, &span.status, style);
            }
        }
        if self.height >= LABELLED {
            let label = Style::LABEL.to_the_left();
            svg.text(x - 8.0, middle + 4.0, &short(&span.label), label);
        }
        svg.close_row();
    }

    /// A box for each phase of a flag. One of nearly no width is left out, but a flag
    /// that would have none then has the box of its longest phase, as wide as can be seen.
    fn phases(self, svg: &mut Svg, y: f64, course: &Course) {
        const SEEN: f64 = 0.05;
        let gap = match self.height {
            ..4 => 0.0,
            4..9 => 1.0,
            _ => 3.0,
        };
        let (y, height) = (y + gap / 2.0, self.height as f64 - gap);
        let width = |from: f64, to: f64| self.axis.x(to) - self.axis.x(from);
        let longest = (course.phases.iter()).max_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)));
        let nothing = longest.is_some_and(|(_, from, to)| width(*from, *to) < SEEN);
        let (seen, least) = match nothing {
            true => (longest.map(std::slice::from_ref), 0.5),
            false => (Some(course.phases.as_slice()), 0.0),
        };
        for &(phase, from, to) in seen.unwrap_or_default() {
            let width = width(from, to).max(least);
            if width >= SEEN {
                let x = self.axis.x(from);
                svg.block(sheet::colour(phase), (x, y, width, height));
            }
        }
    }

    /// The size of a mark: it may reach into the next rows, but must be seen.
    fn mark(self) -> f64 {
        (self.height as f64 * 0.28).clamp(2.0, 4.5)
    }
}

/// A flag in words, with its numbers.
fn title(flag: &Flag<'_>, two_requests: bool) -> String {
    let Flag { span, course, .. } = flag;
    let end = time(course.end);
    let Some(started) = course.started else {
        return format!(
            "{}: {}, never begun; told at {end}",
            span.label, span.status
        );
    };
    let mut words = format!("{}: {}; queued {}", span.label, span.status, time(started));
    for phase in Phase::ALL {
        if let Some(seconds) = course.time_in(phase) {
            words += &format!(", {} {}", phase.name(two_requests), time(seconds));
        }
    }
    words + &format!("; done at {end}")
}

/// When the last of these flags ended.
fn last_end<'a>(flags: impl IntoIterator<Item = &'a Flag<'a>>) -> f64 {
    let ends = flags.into_iter().map(|flag| flag.course.end);
    ends.fold(0.0, f64::max)
}

fn time(seconds: f64) -> String {
    let unit = format::unit_of(Quantity::Time, seconds);
    format::amount(unit, seconds, (seconds, seconds)).0
}

fn short(label: &str) -> String {
    if label.chars().count() <= LETTERS {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(LETTERS - 1).collect();
    short.push('…');
    short
}
