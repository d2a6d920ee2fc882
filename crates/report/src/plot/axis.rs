//! Axes: where a value goes, which values get a tick, and what a tick says.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::format;
use crate::quantity::Quantity;

/// One axis of a panel, in the unit of its values: equal ratios are equal distances.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// The smallest and the largest value shown.
    range: (f64, f64),
    /// The values with a tick.
    ticks: Vec<f64>,
    /// What a tick says.
    say: fn(f64) -> String,
}

impl Axis {
    /// An axis of times in seconds whose ratios are compared.
    pub(super) fn times_by_ratio(least: f64, most: f64) -> Self {
        let range = (least / 1.3, most * 1.3);
        // Three ticks a decade: 1, 2, 5.
        let (first, last) = (
            range.0.log10().floor() as i32,
            range.1.log10().ceil() as i32,
        );
        let ticks = (first..=last)
            .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| decimal(digit, decade)))
            .filter(|tick| (range.0..=range.1).contains(tick))
            .collect();
        Self {
            say: time_label,
            range,
            ticks,
        }
    }

    /// An axis of bytes whose ratios are compared.
    pub(super) fn bytes_by_ratio(least: f64, most: f64) -> Self {
        let range = (least / 1.3, most * 1.3);
        let (first, last) = (range.0.log2().floor() as i32, range.1.log2().ceil() as i32);
        let inside = |tick: &f64| (range.0..=range.1).contains(tick);
        let powers = (first..=last).map(|power| 2f64.powi(power));
        let mut ticks: Vec<f64> = powers.clone().filter(inside).collect();
        if ticks.len() < 4 {
            let finer = powers.flat_map(|power| [power, power * 1.5]);
            ticks = finer.filter(inside).collect();
        }
        Self {
            say: bytes_label,
            range,
            ticks: rounder(ticks, 2.0, 9),
        }
    }

    /// An axis of numbers whose ratios are compared, each with a tick of its own.
    pub(super) fn numbers(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        values.dedup();
        let least = values.first().copied().unwrap_or(1.0);
        let most = values.last().copied().unwrap_or(least);
        Self {
            say: format::thousands,
            range: (least / 1.5, most * 1.5),
            ticks: values,
        }
    }

    /// A logarithmic axis of times with three ticks or more, and no more than `most`: the
    /// rounder ones stay.
    pub(super) fn with_ticks(mut self, most: usize) -> Self {
        if self.ticks.len() < 3 {
            let decade = self.range.0.log10().floor() as i32;
            // Halves where there is room for them.
            let finer = [2.0, 1.0].map(|parts| {
                let digits = (parts as i32..10 * parts as i32).map(|n| f64::from(n) / parts);
                let ticks = [decade, decade + 1]
                    .into_iter()
                    .flat_map(|decade| digits.clone().map(move |digit| decimal(digit, decade)));
                let inside = |tick: &f64| (self.range.0..=self.range.1).contains(tick);
                ticks.filter(inside).collect::<Vec<f64>>()
            });
            if let Some(finer) = finer.into_iter().find(|finer| finer.len() <= most) {
                self.ticks = finer;
            }
        }
        self.ticks = rounder(self.ticks, 10.0, most);
        self
    }

    /// The place of a value between the ends: 0 at the lower, 1 at the upper.
    fn place(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        (value / low).ln() / (high / low).ln()
    }
}

/// The drawing library's view of an axis.
impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        start + (f64::from(end - start) * self.place(*value)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // It asks twice: for the grid and its labels, and for a finer grid between.
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.clone()
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.0..self.range.1
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        (self.say)(*value)
    }
}

/// `digit` times ten to the `decade`, as near as a float can be: multiplying by
/// 0.001 misses where dividing by 1000 does not.
fn decimal(digit: f64, decade: i32) -> f64 {
    if decade < 0 {
        digit / 10f64.powi(-decade)
    } else {
        digit * 10f64.powi(decade)
    }
}

/// A time in seconds as a tick says it: `0`, `20 ms`, `1.5 s`.
fn time_label(seconds: f64) -> String {
    let short = |value: f64| {
        let text = format!("{value:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match seconds {
        0.0 => "0".to_owned(),
        s if s >= 0.9995 => format!("{} s", short(s)),
        s if s >= 0.000_999_5 => format!("{} ms", short(s * 1e3)),
        s => format!("{} µs", short(s * 1e6)),
    }
}

/// Those ticks that are powers of `base`, or where these are too many, of its powers.
fn rounder(all: Vec<f64>, base: f64, most: usize) -> Vec<f64> {
    let mut ticks = all.clone();
    for every in 1.. {
        if ticks.len() <= most {
            break;
        }
        ticks.clone_from(&all);
        ticks.retain(|tick| {
            let power = tick.ln() / base.ln();
            let whole = power.round();
            (power - whole).abs() < 1e-6 && whole as i32 % every == 0
        });
    }
    ticks
}

/// Bytes as a tick says them: `512 B`, `4 KiB`, `1 MiB`.
fn bytes_label(bytes: f64) -> String {
    let unit = format::unit_of(Quantity::Memory, bytes);
    format!("{} {}", bytes * unit.per_base(), unit.symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithmic_times_have_ticks_within_their_range() {
        let axis = Axis::times_by_ratio(0.010, 2.6);
        let labels: Vec<String> = axis.ticks.iter().map(|t| time_label(*t)).collect();
        assert_eq!(
            labels,
            [
                "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms", "1 s", "2 s"
            ]
        );
    }

    #[test]
    fn a_narrow_logarithmic_axis_has_ticks_too() {
        let axis = Axis::times_by_ratio(30e-6, 40e-6).with_ticks(9);
        let labels: Vec<String> = axis.ticks.iter().map(|t| time_label(*t)).collect();
        let expected = ["25 µs", "30 µs", "35 µs", "40 µs", "45 µs", "50 µs"];
        assert_eq!(labels, expected);
        let axis = Axis::bytes_by_ratio(65_000.0, 170_000.0);
        let labels: Vec<String> = axis.ticks.iter().map(|t| bytes_label(*t)).collect();
        assert_eq!(labels, ["64 KiB", "96 KiB", "128 KiB", "192 KiB"]);
    }

    #[test]
    fn of_too_many_ticks_the_rounder_ones_stay() {
        let axis = Axis::times_by_ratio(1e-6, 2.0).with_ticks(9);
        let labels: Vec<String> = axis.ticks.iter().map(|t| time_label(*t)).collect();
        assert_eq!(
            labels,
            ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"]
        );
        let axis = Axis::bytes_by_ratio(900.0, 9e9);
        let labels: Vec<String> = axis.ticks.iter().map(|t| bytes_label(*t)).collect();
        assert_eq!(
            labels,
            [
                "4 KiB", "32 KiB", "256 KiB", "2 MiB", "16 MiB", "128 MiB", "1024 MiB", "8192 MiB"
            ]
        );
    }

    #[test]
    fn equal_ratios_are_equal_distances() {
        let axis = Axis::numbers(vec![1000.0, 1.0, 10.0, 100.0, 10.0]);
        assert_eq!(axis.ticks, [1.0, 10.0, 100.0, 1000.0]);
        let pixels: Vec<i32> = axis.ticks.iter().map(|t| axis.map(t, (0, 1000))).collect();
        let steps: Vec<i32> = pixels.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(
            steps.iter().all(|step| (step - steps[0]).abs() <= 1),
            "{pixels:?}"
        );
        assert_eq!(axis.map(&axis.range.0, (600, 0)), 600);
        assert_eq!(axis.map(&axis.range.1, (600, 0)), 0);
    }
}
