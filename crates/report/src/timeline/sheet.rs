//! What is around a waterfall: words, legend and axis, and the SVG they are written in.
//!
//! It is written by hand and not with the library of the plots: a waterfall is thousands of
//! boxes in rows that have a title each, and in a path a box is a few bytes. The palette is
//! that of the plots (Okabe and Ito), and so is the white sheet, whatever it lies on.

use std::fmt::Write;

use super::course::{Fate, Phase};
use crate::format;
use crate::quantity::Quantity;

pub(super) const WIDTH: f64 = 960.0;
/// Free space at the left and at the right.
pub(super) const MARGIN: f64 = 24.0;

const INK: &str = "#222222";
const FAINT_INK: &str = "#5f5f5f";
const GRID: &str = "#e2e2e2";
/// Of the time before a flag's turn, as a line in a row, and as a row of its own.
pub(super) const QUEUED: [&str; 2] = ["#cfcfcf", "#ededed"];

pub(super) fn colour(phase: Phase) -> &'static str {
    match phase {
        Phase::Waiting => "#56b4e9",
        Phase::Receiving => "#009e73",
        Phase::Saving => "#e69f00",
    }
}

/// An SVG under way.
#[derive(Default)]
pub(super) struct Svg(String);

impl Svg {
    /// Adds a line.
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    pub(super) fn open_row(&mut self, title: &str) {
        self.line(format!("<g><title>{}</title>", escape(title)));
    }

    pub(super) fn close_row(&mut self) {
        self.line("</g>");
    }

    /// A box: its left and top, its width and height.
    pub(super) fn block(&mut self, fill: &str, (x, y, width, height): (f64, f64, f64, f64)) {
        let [x, y, width, height] = [x, y, width, height].map(number);
        self.line(format!(
            "<path fill=\"{fill}\" d=\"M{x} {y}h{width}v{height}h-{width}z\"/>"
        ));
    }

    pub(super) fn text(&mut self, x: f64, y: f64, words: &str, style: Style) {
        let Style { size, colour, .. } = style;
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let bold = if style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        self.line(format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{size}\" fill=\"{colour}\"{anchor}{bold}>{}</text>",
            number(x),
            number(y),
            escape(words)
        ));
    }

    /// The sign of a flag that is not ok, around a point: a ring, a cross or a square.
    pub(super) fn mark(&mut self, fate: Fate, x: f64, y: f64, r: f64) {
        let [left, right, top, bottom] = [x - r, x + r, y - r, y + r].map(number);
        let (x, y, size) = (number(x), number(y), number(r));
        let (colour, shape) = match fate {
            Fate::Ok => return,
            Fate::NotFound => (
                "#aa4499",
                format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{size}\""),
            ),
            Fate::Failed => (
                "#d55e00",
                format!("<path d=\"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}\""),
            ),
            Fate::Cancelled => (
                INK,
                format!("<path d=\"M{left} {top}H{right}V{bottom}H{left}z\""),
            ),
        };
        let (white, width) = (number(r * 1.3), number(r * 0.55));
        // On white, so that it is seen on a box of any colour.
        self.line(format!(
            "{shape} fill=\"none\" stroke=\"#ffffff\" stroke-width=\"{white}\"/>\
             {shape} fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
        ));
    }

    /// The whole file: what was written, on a sheet of this height, and what a screen reader
    /// says of it.
    pub(super) fn finish(self, height: f64, title: &str, description: &str) -> String {
        let (width, height) = (number(WIDTH), number(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\">\n\
             <title>{}</title>\n<desc>{}</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            escape(title),
            escape(description),
            self.0
        )
    }
}

/// How words look.
#[derive(Clone, Copy)]
pub(super) struct Style {
    size: u8,
    colour: &'static str,
    anchor: Anchor,
    bold: bool,
}

#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

impl Style {
    pub(super) const TITLE: Self = Self::new(22, INK).bold();
    pub(super) const HEADING: Self = Self::new(14, INK).bold();
    pub(super) const WORDS: Self = Self::new(14, INK);
    pub(super) const FAINT: Self = Self::new(13, FAINT_INK);
    pub(super) const LABEL: Self = Self::new(11, INK);

    const fn new(size: u8, colour: &'static str) -> Self {
        Self {
            size,
            colour,
            anchor: Anchor::Start,
            bold: false,
        }
    }

    const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// It ends where it would begin.
    pub(super) const fn to_the_left(self) -> Self {
        Self {
            anchor: Anchor::End,
            ..self
        }
    }

    const fn centred(self) -> Self {
        Self {
            anchor: Anchor::Middle,
            ..self
        }
    }
}

/// Phases and marks with their names, in one line from the left margin. No font is at hand
/// to be measured: 7.4 pixels a letter are enough for most.
pub(super) fn legend(svg: &mut Svg, y: f64, two_requests: bool, fates: &[Fate]) {
    let mut x = MARGIN;
    let name = |svg: &mut Svg, x: &mut f64, swatch: f64, name: &str| {
        svg.text(*x + swatch + 6.0, y + 5.0, name, Style::WORDS);
        *x += swatch + 6.0 + 7.4 * name.chars().count() as f64 + 18.0;
    };
    svg.block(QUEUED[0], (x, y - 1.5, 28.0, 3.0));
    name(svg, &mut x, 28.0, "queued");
    for phase in Phase::ALL {
        svg.block(colour(phase), (x, y - 6.0, 28.0, 12.0));
        name(svg, &mut x, 28.0, phase.name(two_requests));
    }
    for &fate in fates {
        svg.mark(fate, x + 6.0, y, 4.5);
        name(svg, &mut x, 12.0, fate.name());
    }
}

/// The axis of time that all rows share.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// Where it begins, in pixels.
    left: f64,
    /// Pixels for each second.
    scale: f64,
    /// Its end, in seconds.
    end: f64,
}

impl Axis {
    /// From the start of the job to `end`, from `left` to the right margin.
    pub(super) fn new(left: f64, end: f64) -> Self {
        // An empty download too has an axis.
        let end = if end > 0.0 { end } else { 1e-3 };
        let scale = (WIDTH - MARGIN - left) / end;
        Self { left, scale, end }
    }

    pub(super) fn x(self, time: f64) -> f64 {
        self.left + time * self.scale
    }

    /// Lines from `top` to `bottom` behind the rows, with times below them.
    pub(super) fn draw(self, svg: &mut Svg, top: f64, bottom: f64) {
        let unit = format::unit_of(Quantity::Time, self.end);
        let (step, decimals) = step(self.end * unit.per_base());
        let mut grid = String::new();
        let ticks = (self.end * unit.per_base() / step).floor() as u32;
        for tick in 0..=ticks {
            let value = f64::from(tick) * step;
            let x = self.x(value / unit.per_base());
            let _ = write!(grid, "M{} {}V{}", number(x), number(top), number(bottom));
            let words = format!("{value:.decimals$} {}", unit.symbol);
            svg.text(x, bottom + 16.0, &words, Style::FAINT.centred());
        }
        svg.line(format!("<path stroke=\"{GRID}\" d=\"{grid}\"/>"));
        let words = "from the start of the job";
        svg.text(self.left, bottom + 36.0, words, Style::FAINT);
    }
}

/// From one time on the axis to the next, where it ends at `end`, and its decimals: five to
/// ten of them.
fn step(end: f64) -> (f64, usize) {
    let rough = end / 5.0;
    let power = rough.log10().floor();
    let ten = 10f64.powi(power as i32);
    let step = ten
        * [5.0, 2.0]
            .into_iter()
            .find(|n| n * ten <= rough)
            .unwrap_or(1.0);
    (step, (-power).max(0.0) as usize)
}

/// A number with at most two decimals, and none that says nothing.
fn number(number: f64) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Words that XML takes for nothing but words.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // XML has no place for these, however they are written.
            letter if letter.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&letter) => {
                escaped.push('\u{fffd}');
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_five_to_ten_steps_of_one_two_or_five() {
        for (end, expected) in [
            (1.0, (0.2, 1)),
            (1.02, (0.2, 1)),
            (9.9, (1.0, 0)),
            (26.0, (5.0, 0)),
            (530.0, (100.0, 0)),
            (51.0, (10.0, 0)),
            (1.7, (0.2, 1)),
        ] {
            let (step, decimals) = step(end);
            assert!((step - expected.0).abs() < 1e-9, "{end}: {step}");
            assert_eq!(decimals, expected.1, "{end}");
            assert!((5.0..=10.5).contains(&(end / step)), "{end}");
        }
    }

    #[test]
    fn words_stay_words_and_numbers_are_short() {
        assert_eq!(
            escape("a<b>&c\n\u{1b}[0m"),
            "a&lt;b&gt;&amp;c\u{fffd}\u{fffd}[0m"
        );
        assert_eq!(
            [1.0, 0.5, 12.345, -0.001, 100.0].map(number),
            ["1", "0.5", "12.35", "0", "100"]
        );
    }
}
