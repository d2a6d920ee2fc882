//! The picture: flags, or lanes, in rows below each other over one axis of time.

use std::collections::BTreeMap;

use super::course::{self, Course, Fate, Flag, Lane, Phase};
use super::sheet::{self, Axis, MARGIN, Style, Svg};
use crate::comparison::Timeline;
use crate::format;
use crate::page;
use crate::quantity::Quantity;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// A flag, in the order of their turns.
    Flags,
    /// A lane, with the flags that were in it one after another.
    Lanes,
}

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Waterfall<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What a row is.
    pub rows: Rows,
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
/// With more flags than this a lane has one title, in place of one for each flag.
const TITLED: usize = 1000;
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
        .map(|timeline| Panel::of(timeline, sheet.rows))
        .collect();
    let rows: usize = panels.iter().map(Panel::rows).sum();
    // Every so many rows one is drawn.
    let every = rows.div_ceil(HIGHEST).max(1);
    let drawn: usize = panels.iter().map(|one| one.rows().div_ceil(every)).sum();
    let tallest = TALLEST[usize::from(panels.len() > 1)];
    let height = (HIGHEST / drawn.max(1)).clamp(1, tallest);
    let labels = (panels.iter().filter(|_| height >= LABELLED))
        .flat_map(Panel::labels)
        .map(|label| label.chars().count());
    let left = labels.max().map_or(MARGIN, |letters| {
        MARGIN + 10.0 + 7.0 * letters.max(4) as f64
    });
    let spans = || sheet.timelines.iter().flat_map(|one| &one.spans);
    let courses = || spans().map(Course::of);
    let axis = Axis::new(left, courses().map(|one| one.end).fold(0.0, f64::max));

    let mut svg = Svg::default();
    svg.text(MARGIN, 36.0, sheet.title, Style::TITLE);
    let mut about = about(sheet.rows, every);
    if panels.iter().any(Panel::has_rows_beside) {
        about += " A permit that is given away between two requests has several.";
    }
    svg.text(MARGIN, 60.0, &about, Style::FAINT);
    let fates: Vec<Fate> = (Fate::MARKED.into_iter())
        .filter(|&fate| courses().any(|course| course.fate == fate))
        .collect();
    let queued = sheet.rows == Rows::Flags;
    sheet::legend(&mut svg, 84.0, queued, sheet.two_requests, &fates);

    let heights = panels
        .iter()
        .map(|panel| HEADING + (panel.rows().div_ceil(every) * height) as f64 + GAP);
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
        y += (panel.rows().div_ceil(every) * height) as f64 + GAP;
    }
    let description = format!("{about} {}.", said.join(". "));
    svg.finish(bottom + FOOT, sheet.title, &description)
}

/// What a row is, in words.
fn about(rows: Rows, every: usize) -> String {
    let mut words = match rows {
        Rows::Flags => "A row for each flag, in the order of their turns.",
        Rows::Lanes => "A row for each lane: a thread of a pool, or the place of a permit.",
    }
    .to_owned();
    if every > 1 {
        let what = match rows {
            Rows::Flags => "flags",
            Rows::Lanes => "lanes",
        };
        let last = match every % 10 {
            1 if every % 100 != 11 => "st",
            2 if every % 100 != 12 => "nd",
            3 if every % 100 != 13 => "rd",
            _ => "th",
        };
        words += &format!(" There are too many {what} to draw: here is every {every}{last}.");
    }
    words
}

/// One download.
struct Panel<'a> {
    timeline: &'a Timeline,
    content: Content<'a>,
}

enum Content<'a> {
    Flags(Vec<Flag<'a>>),
    Lanes(Vec<Lane<'a>>),
}

/// Where rows are, and how high.
#[derive(Clone, Copy)]
struct Pen {
    axis: Axis,
    height: usize,
}

impl<'a> Panel<'a> {
    fn of(timeline: &'a Timeline, rows: Rows) -> Self {
        let content = match rows {
            Rows::Flags => Content::Flags(course::in_order(timeline)),
            Rows::Lanes => Content::Lanes(course::lanes(timeline)),
        };
        Self { timeline, content }
    }

    fn rows(&self) -> usize {
        match &self.content {
            Content::Flags(flags) => flags.len(),
            Content::Lanes(lanes) => lanes.len(),
        }
    }

    fn has_rows_beside(&self) -> bool {
        match &self.content {
            Content::Flags(_) => false,
            Content::Lanes(lanes) => lanes.iter().any(Lane::is_beside),
        }
    }

    fn labels(&self) -> Vec<String> {
        match &self.content {
            Content::Flags(flags) => flags.iter().map(|flag| short(&flag.span.label)).collect(),
            Content::Lanes(lanes) => lanes.iter().map(Lane::name).collect(),
        }
    }

    /// The download in words: who, how much, how much at a time, and how long.
    fn heading(&self) -> String {
        let spans = &self.timeline.spans;
        let courses: Vec<Course> = spans.iter().map(Course::of).collect();
        let end = courses.iter().map(|course| course.end).fold(0.0, f64::max);
        let mut words = format!(
            "{}: {}, at most {} under way at a time, {}",
            self.timeline.engine,
            page::plural(spans.len(), "flag"),
            course::most_at_a_time(self.timeline),
            time(end),
        );
        for fate in Fate::MARKED {
            let count = courses.iter().filter(|course| course.fate == fate).count();
            if count > 0 {
                words += &format!(", {count} {}", fate.name());
            }
        }
        let late = (courses.iter()).filter(|one| one.started.is_none()).count();
        if late > 0 {
            words += &format!(", {late} never begun");
        }
        words
    }

    fn draw(&self, svg: &mut Svg, pen: Pen, top: f64, every: usize, two_requests: bool) {
        let row = |index: usize| top + (index * pen.height) as f64;
        match &self.content {
            Content::Flags(flags) => {
                for (index, flag) in flags.iter().step_by(every).enumerate() {
                    pen.flag(svg, row(index), flag, two_requests);
                }
            }
            Content::Lanes(lanes) => {
                let titled = self.timeline.spans.len() <= TITLED;
                for (index, lane) in lanes.iter().step_by(every).enumerate() {
                    pen.lane(svg, row(index), lane, titled, two_requests);
                }
            }
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
        svg.boxes(colour, &[wait]);
        let mut boxes = BTreeMap::new();
        self.phases(&mut boxes, y, course);
        self.fill(svg, &boxes);
        if course.fate != Fate::Ok {
            let (end, r) = (self.axis.x(course.end), self.mark());
            svg.mark(course.fate, end + r + 2.0, middle, r);
            if self.height >= LABELLED {
                let letters = span.status.chars().count() as f64;
                let beside = end + 2.0 * r + 6.0;
                let (x, style) = if beside + 6.5 * letters < sheet::WIDTH {
                    (beside, Style::LABEL)
                } else {
                    (end - 4.0, Style::LABEL.to_the_left())
                };
                svg.text(x, middle + 4.0, &span.status, style);
            }
        }
        if self.height >= LABELLED {
            self.label(svg, middle, &short(&span.label));
        }
        svg.close_row();
    }

    /// A lane with its flags.
    fn lane(self, svg: &mut Svg, y: f64, lane: &Lane<'_>, titled: bool, two_requests: bool) {
        let name = lane.name();
        svg.open_row(&format!(
            "{name}: {}",
            page::plural(lane.flags.len(), "flag")
        ));
        let middle = y + self.height as f64 / 2.0;
        if self.height >= LABELLED {
            self.label(svg, middle, &name);
        }
        let mut boxes = BTreeMap::new();
        let mut seams = Vec::new();
        for flag in &lane.flags {
            let course = &flag.course;
            self.phases(&mut boxes, y, course);
            let begin = self.axis.x(course.started.unwrap_or_default());
            if self.axis.x(course.end) - begin >= 4.0 {
                seams.push((begin - 0.5, y, 1.0, self.height as f64));
            }
            if titled {
                svg.open_row(&title(flag, two_requests));
                self.fill(svg, &boxes);
                svg.close_row();
                boxes.clear();
            }
        }
        self.fill(svg, &boxes);
        // Where one flag follows another nothing else may tell them apart.
        svg.boxes("#ffffff", &seams);
        for Flag { course, .. } in &lane.flags {
            svg.mark(course.fate, self.axis.x(course.end), middle, self.mark());
        }
        svg.close_row();
    }

    /// The boxes of a flag, by their phase. One of nearly no width is left out, but a flag
    /// that would have none then has the box of its longest phase, as wide as can be seen.
    fn phases(
        self,
        boxes: &mut BTreeMap<usize, Vec<(f64, f64, f64, f64)>>,
        y: f64,
        course: &Course,
    ) {
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
                let boxes: &mut Vec<_> = boxes.entry(phase as usize).or_default();
                boxes.push((self.axis.x(from), y, width, height));
            }
        }
    }

    fn fill(self, svg: &mut Svg, boxes: &BTreeMap<usize, Vec<(f64, f64, f64, f64)>>) {
        for (phase, boxes) in boxes {
            svg.boxes(sheet::colour(Phase::ALL[*phase]), boxes);
        }
    }

    fn label(self, svg: &mut Svg, middle: f64, label: &str) {
        let x = self.axis.x(0.0) - 8.0;
        svg.text(x, middle + 4.0, label, Style::LABEL.to_the_left());
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
    let mut words = format!(
        "{}: {}, in lane {}; queued {}",
        span.label,
        span.status,
        span.lane + 1,
        time(started)
    );
    for phase in Phase::ALL {
        if let Some(seconds) = course.time_in(phase) {
            words += &format!(", {} {}", phase.name(two_requests), time(seconds));
        }
    }
    words + &format!("; done at {end}")
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
