//! What is around a waterfall: the colours of phases, the marks of flags, legend and axis.

use std::fmt::Write;

use super::course::{Fate, Phase};
use crate::format;
use crate::quantity::Quantity;
use crate::svg::{GRID, INK, MARGIN, Style, Svg, WIDTH, number};

/// Of the time before a flag's turn, as a line in a row, and as a row of its own.
pub(super) const QUEUED: [&str; 2] = ["#cfcfcf", "#ededed"];

pub(super) fn colour(phase: Phase) -> &'static str {
    match phase {
        Phase::Waiting => "#56b4e9",
        Phase::Receiving => "#009e73",
        Phase::Saving => "#e69f00",
    }
}

/// The sign of a flag that is not ok, around a point: a ring, a cross or a square.
pub(super) fn mark(svg: &mut Svg, fate: Fate, x: f64, y: f64, r: f64) {
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
    svg.line(format!(
        "{shape} fill=\"none\" stroke=\"#ffffff\" stroke-width=\"{white}\"/>\
         {shape} fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
    ));
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
        mark(svg, fate, x + 6.0, y, 4.5);
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
}
