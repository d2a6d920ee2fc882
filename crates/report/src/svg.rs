//! SVG in one style: scale, axis, legend and sheet, written by maud.
//!
//! Horizontal positions are percentages of the width, vertical ones are pixels: a picture fits a
//! phone and a wide screen with letters of the same size. Colours are classes of `svg.css`, for
//! light and dark, in files and in the page.

use maud::{Markup, PreEscaped, html};

use crate::print::clean;

/// A scale of numbers along a line, with its ends.
#[derive(Clone, Copy)]
pub(crate) enum Scale {
    /// From 0 to an end above it.
    Linear(f64),
    /// Both ends are above 0.
    Log10(f64, f64),
}

impl Scale {
    /// The position of a number between the ends, which are 0 and 1.
    fn place(self, number: f64) -> f64 {
        match self {
            Self::Linear(to) => number / to,
            // A scale without length has its only number in the middle.
            Self::Log10(from, to) if from >= to => 0.5,
            Self::Log10(from, to) => (number / from).log10() / (to / from).log10(),
        }
    }

    /// Round numbers on the scale, at most seven.
    fn ticks(self) -> Vec<f64> {
        let (from, to) = match self {
            Self::Linear(to) => (0.0, to),
            Self::Log10(from, to) => (from, to),
        };
        let within = |mut ticks: Vec<f64>| {
            let slack = (to - from) * 1e-9;
            ticks.retain(|tick| (from - slack..=to + slack).contains(tick));
            ticks
        };
        if let Self::Log10(..) = self {
            let decades = from.log10().floor() as i32..=to.log10().ceil() as i32;
            let powers: Vec<f64> = decades.map(|power| 10f64.powi(power)).collect();
            let fine = powers.iter().flat_map(|power| [*power, 3.0 * power]);
            let fine = within(fine.collect());
            return if fine.len() < 7 { fine } else { within(powers) };
        }
        let ten = 10f64.powf((to / 6.0).log10().floor());
        let nice = [1.0, 2.0, 5.0].into_iter();
        let nice = nice.map(|nice| nice * ten).find(|step| *step >= to / 6.0);
        let step = nice.unwrap_or(10.0 * ten);
        within((0..7).map(|nth| f64::from(nth) * step).collect())
    }
}

/// A scale on the sheet: between two percentages of the width, or two heights in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Axis {
    /// The position of a number, to a hundredth.
    pub(crate) fn at(self, number: f64) -> f64 {
        round(self.from + self.scale.place(number) * (self.to - self.from))
    }

    /// A vertical line at each tick between two heights, with the labels below.
    pub(crate) fn columns(self, top: f64, bottom: f64, label: impl Fn(f64) -> String) -> Markup {
        html! {
            @for tick in self.scale.ticks() {
                @let x = self.at(tick);
                // The first and the last label must stay on the sheet.
                @let anchor = if x < 6.0 { "start" } else if x > 94.0 { "end" } else { "middle" };
                line.grid x1=(percent(x)) x2=(percent(x)) y1=(top) y2=(bottom) {}
                text.faint x=(percent(x)) y=(bottom + 18.0) text-anchor=(anchor) { (label(tick)) }
            }
        }
    }

    /// A horizontal line at each tick, beside its label, which has 13 % of the width.
    pub(crate) fn rows(self, label: impl Fn(f64) -> String) -> Markup {
        html! {
            @for tick in self.scale.ticks() {
                @let y = self.at(tick);
                line.grid x1="13%" x2="100%" y1=(y) y2=(y) {}
                text.faint x="0" y=(y + 4.0) { (label(tick)) }
            }
        }
    }
}

/// Colours with their names, several per line. Also returns where the legend ends.
pub(crate) fn legend(in_line: usize, entries: &[(&str, &str)]) -> (Markup, f64) {
    let markup = html! {
        @for (nth, (class, name)) in entries.iter().enumerate() {
            @let x = percent(round(100.0 * (nth % in_line) as f64 / in_line as f64));
            @let y = 8.0 + 22.0 * (nth / in_line) as f64;
            rect class=(class) x=(x) y=(y + 3.0) width="14" height="14" {}
            text x=(x) dx="20" y=(y + 15.0) { (name) }
        }
    };
    (markup, 8.0 + 22.0 * entries.len().div_ceil(in_line) as f64)
}

/// A whole file, for which screen readers read `alt`. The page stretches its 900 pixels of width.
pub(crate) fn sheet(height: f64, alt: &str, shapes: &[Markup]) -> String {
    let markup = html! {
        svg.figure xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(alt)
            width="900" height=(height) {
            style { (PreEscaped(include_str!("svg.css"))) }
            rect.paper width="100%" height="100%" {}
            @for shape in shapes { (shape) }
        }
    };
    clean(&markup.into_string()) + "\n"
}

pub(crate) fn percent(number: f64) -> String {
    format!("{number}%")
}

pub(crate) fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Scale::Linear(1.02), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0])]
    #[case(Scale::Linear(530.0), &[0.0, 100.0, 200.0, 300.0, 400.0, 500.0])]
    #[case(Scale::Log10(2.0, 400.0), &[3.0, 10.0, 30.0, 100.0, 300.0])]
    #[case(Scale::Log10(1.0, 10_000.0), &[1.0, 10.0, 100.0, 1e3, 1e4])]
    fn ticks_are_round_numbers_on_the_scale(#[case] scale: Scale, #[case] expected: &[f64]) {
        let ticks = scale.ticks();
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
        let same = ticks.len() == expected.len() && ticks.iter().zip(expected).all(near);
        assert!(same, "{ticks:?}");
    }

    #[test]
    fn a_logarithmic_scale_has_decades_of_the_same_length() {
        assert_eq!(Scale::Log10(1.0, 100.0).place(10.0), 0.5);
    }
}
