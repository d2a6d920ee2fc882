//! Every trial of a scenario as a dot, in the rows of its table.
//!
//! A table's median hides that an engine has two speeds, and that one trial took twice as
//! long. Here each row has its dots on one axis, by ratio, which all rows share: from left
//! to right the wall time, from top to bottom the rounds, so that a drift of the machine
//! leans. The line is the median, the band its interval, and the dashed line the median of
//! the baseline.
//!
//! It is written by hand, in classes whose colours the page decides: a trial is then a few
//! bytes.

use std::fmt::Write;

use super::axis::{self, Axis};
use crate::stats::Summary;

/// The size of a row and of the axis, in pixels.
pub(crate) const WIDTH: i32 = 260;
const ROW: i32 = 44;
const AXIS: i32 = 16;
/// Free space at either end, so that no dot and no word is cut.
const MARGIN: i32 = 18;
/// From one tick to the next, at least.
const APART: i32 = 44;

/// What all rows of a scenario share.
#[derive(Debug)]
pub(crate) struct Strip {
    axis: Axis,
    /// Vertical lines behind the dots.
    grid: String,
    baseline: Option<f64>,
    rounds: usize,
}

impl Strip {
    /// For these wall times in seconds, and the median of the baseline; `None` where there
    /// are none.
    pub(crate) fn new(
        walls: impl Iterator<Item = f64>,
        baseline: Option<f64>,
        rounds: usize,
    ) -> Option<Self> {
        let (least, most) = walls.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), wall| {
            (least.min(wall), most.max(wall))
        });
        if !(least > 0.0 && least.is_finite()) {
            return None;
        }
        let axis = Axis::times_in_a_row(least, most, (WIDTH - 2 * MARGIN) / APART);
        let mut strip = Self {
            axis,
            grid: String::new(),
            baseline,
            rounds: rounds.max(1),
        };
        for tick in strip.axis.ticks() {
            // Writing to a string does not fail.
            let _ = write!(strip.grid, "M{} 0v{ROW}", strip.x(*tick));
        }
        Some(strip)
    }

    /// The axis, for the head of the column.
    pub(crate) fn head(&self) -> String {
        let mut svg = open(AXIS, "");
        let mut free = 0;
        for tick in self.axis.ticks() {
            let (x, words) = (self.x(*tick), axis::time_label(*tick));
            // No font is at hand to be measured: 7 pixels a letter are enough.
            let half = 7 * words.chars().count() as i32 / 2;
            if x - half < free || x + half > WIDTH {
                continue;
            }
            free = x + half + 6;
            let _ = write!(svg, "<text x=\"{x}\" y=\"12\">{words}</text>");
        }
        svg.push_str("</svg>");
        svg
    }

    /// The trials of a row, each with its round from 1 and its wall time, and what they are
    /// in words, which must not hold a quotation mark.
    pub(crate) fn row(
        &self,
        trials: impl Iterator<Item = (usize, f64)>,
        median: &Summary,
        words: &str,
    ) -> String {
        let mut svg = open(ROW, &format!(" role=\"img\" aria-label=\"{words}\""));
        let _ = write!(svg, "<path class=\"g\" d=\"{}\"/>", self.grid);
        if let Some(baseline) = self.baseline {
            let _ = write!(
                svg,
                "<path class=\"b\" d=\"M{} 0v{ROW}\"/>",
                self.x(baseline)
            );
        }
        if let Some(interval) = median.interval {
            let (low, high) = (self.x(interval.low), self.x(interval.high));
            let width = (high - low).max(1);
            let _ = write!(
                svg,
                "<path class=\"i\" d=\"M{low} 2h{width}v{}h-{width}z\"/>",
                ROW - 4
            );
        }
        let mut dots = String::new();
        for (round, wall) in trials {
            let share = (round as f64 - 0.5) / self.rounds as f64;
            let y = 4 + (f64::from(ROW - 8) * share).round() as i32;
            let _ = write!(dots, "M{} {y}h0", self.x(wall));
        }
        let _ = write!(
            svg,
            "<path class=\"d\" d=\"{dots}\"/><path class=\"m\" d=\"M{} 2v{}\"/></svg>",
            self.x(median.median),
            ROW - 4
        );
        svg
    }

    fn x(&self, wall: f64) -> i32 {
        let width = f64::from(WIDTH - 2 * MARGIN);
        MARGIN + (width * self.axis.place(wall)).round() as i32
    }
}

fn open(height: i32, attributes: &str) -> String {
    format!(
        "<svg class=\"strip\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\"{attributes}>"
    )
}
