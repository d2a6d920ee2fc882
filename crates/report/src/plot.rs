//! What one flag takes, by a number, on logarithmic axes: a family of a comparison.
//!
//! Three panels below each other share the x axis: wall time, memory and processor time. Each
//! engine's name stands at the end of its line, because ten of them are too many for a legend.
//! A cross is where an engine comes to nothing. Engines tie more often than not, so lines are the
//! thinner the later they are drawn, and markers are hollow: nothing hides what lies beneath.

use crate::comparison::{Curve, Curves, Of, PANELS};
use crate::format;
use crate::old_page as page;
use crate::old_svg::{FAINT_INK, GRID, MARGIN, Style, Svg, WIDTH};
use crate::quantity::Quantity;
use crate::run::Meta;

/// The words above the panels, a panel, and the words below, in pixels.
const HEAD: f64 = 108.0;
const PANEL: f64 = 316.0;
const FOOT: f64 = 34.0;

/// Where the axes of a panel are: from the left of the sheet and from the top of the panel.
const LEFT: f64 = 104.0;
const RIGHT: f64 = WIDTH - 180.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = PANEL - 46.0;

/// From one name to the next.
const APART: f64 = 17.0;

/// The most ticks of an axis.
const TICKS: usize = 9;

/// An engine looks the same in every plot, whichever others are in it.
const KNOWN: [(&str, &str); 5] = [
    ("seq", "#5a5a5a"),
    ("threads", "#0072b2"),
    ("rayon", "#d55e00"),
    ("async", "#009e73"),
    ("async-multi", "#cc79a7"),
];

/// For the others, in turn.
const OTHERS: [&str; 4] = ["#56b4e9", "#999933", "#e69f00", "#aa4499"];

/// One engine in a panel.
struct Series<'a> {
    curve: &'a Curve,
    colour: &'static str,
    /// The width of the line.
    width: f64,
    /// The number, the median, and its spread.
    points: Vec<(f64, f64, (f64, f64))>,
}

/// The plot as SVG; `None` where no engine has a point that a logarithmic axis has a place for.
pub(crate) fn draw(meta: &Meta, curves: &Curves) -> Option<String> {
    let all = PANELS.map(|(_, _, of)| series(curves, of));
    if all[0].is_empty() {
        return None;
    }
    let mut svg = Svg::default();
    let title = title(curves);
    svg.text(MARGIN, 38.0, &title, Style::TITLE);
    let about = "Medians over rounds; bars: 95 % confidence intervals, or from the smallest to the \
                 largest where rounds are few. A cross: every trial failed.";
    svg.text(MARGIN, 62.0, about, Style::FAINT);
    if !curves.ideal.is_empty() {
        ideal(&mut svg, &[(MARGIN, 86.0), (MARGIN + 32.0, 86.0)]);
        let words = "the ideal: ⌈flags / at a time⌉ × delay / flags";
        svg.text(MARGIN + 42.0, 91.0, words, Style::WORDS);
    }
    let numbers: Vec<f64> = (curves.numbers.iter().copied())
        .filter(|x| *x > 0.0)
        .collect();
    let x = Axis::new((LEFT, RIGHT), &numbers, 1.5, numbers.clone());
    for (nth, ((heading, quantity, _), series)) in PANELS.iter().zip(&all).enumerate() {
        // Where this system does not tell the memory, there is nothing to draw.
        if !series.is_empty() {
            let top = HEAD + PANEL * nth as f64;
            svg.text(MARGIN, top + 20.0, heading, Style::HEADING);
            let ideal: &[(f64, f64)] = match nth {
                0 => &curves.ideal,
                _ => &[],
            };
            panel(&mut svg, top, &x, *quantity, series, ideal);
            svg.text(
                (LEFT + RIGHT) / 2.0,
                top + PANEL - 6.0,
                &curves.axis,
                Style::FAINT.centred(),
            );
        }
    }
    let height = HEAD + PANEL * PANELS.len() as f64 + FOOT;
    svg.text(MARGIN, height - 12.0, &source(meta), Style::FAINT);
    Some(svg.finish(height, &title, &describe(curves)))
}

fn panel(
    svg: &mut Svg,
    top: f64,
    x: &Axis,
    quantity: Quantity,
    all: &[Series<'_>],
    least: &[(f64, f64)],
) {
    let (top, bottom) = (top + TOP, top + BOTTOM);
    let spreads = all.iter().flat_map(|one| &one.points);
    let spreads = spreads.flat_map(|(_, _, (low, high))| [*low, *high]);
    let least = least.iter().filter(|(x, y)| *x > 0.0 && *y > 0.0);
    let values: Vec<f64> = spreads.chain(least.clone().map(|(_, y)| *y)).collect();
    let y = Axis::of(quantity, (bottom, top), &values);

    for &tick in &x.ticks {
        svg.stroke(GRID, 1.0, "", &[(x.at(tick), top), (x.at(tick), bottom)]);
        let style = Style::FAINT.centred();
        svg.text(x.at(tick), bottom + 17.0, &format::thousands(tick), style);
    }
    for &tick in &y.ticks {
        svg.stroke(GRID, 1.0, "", &[(LEFT, y.at(tick)), (RIGHT, y.at(tick))]);
        let style = Style::FAINT.to_the_left();
        svg.text(LEFT - 8.0, y.at(tick) + 5.0, &label(quantity, tick), style);
    }
    svg.stroke(
        FAINT_INK,
        1.0,
        "",
        &[(LEFT, top), (LEFT, bottom), (RIGHT, bottom)],
    );

    for one in all {
        let line = one
            .points
            .iter()
            .map(|(number, median, _)| (x.at(*number), y.at(*median)));
        let line: Vec<(f64, f64)> = line.collect();
        svg.stroke(one.colour, one.width, " stroke-opacity=\".5\"", &line);
    }
    let line: Vec<(f64, f64)> = least
        .map(|(number, time)| (x.at(*number), y.at(*time)))
        .collect();
    if !line.is_empty() {
        ideal(svg, &line);
    }
    // All markers above all lines.
    for one in all {
        for (number, median, (low, high)) in &one.points {
            let at = x.at(*number);
            svg.stroke(one.colour, 2.0, "", &[(at, y.at(*low)), (at, y.at(*high))]);
            svg.ring(one.colour, at, y.at(*median), 2.0 + one.width / 2.0);
        }
    }
    names(svg, (top + 8.0, bottom - 4.0), x, &y, all);
}

/// The names at the ends of the lines, apart from each other.
fn names(svg: &mut Svg, (first, last): (f64, f64), x: &Axis, y: &Axis, all: &[Series<'_>]) {
    let mut ends = Vec::new();
    for one in all {
        let Some(&(number, median, _)) = one.points.last() else {
            continue;
        };
        let mut name = one.curve.engine.clone();
        let mut end = (x.at(number), y.at(median));
        if let Some((fails, _)) = one.curve.fails_at().filter(|(fails, _)| *fails > number) {
            let at = (x.at(fails), end.1);
            svg.stroke(one.colour, 2.0, " stroke-dasharray=\"2 4\"", &[end, at]);
            for (dx, dy) in [(7.0, 7.0), (7.0, -7.0)] {
                let line = [(at.0 - dx, at.1 - dy), (at.0 + dx, at.1 + dy)];
                svg.stroke(one.colour, 3.0, "", &line);
            }
            (name, end) = (name + " fails", at);
        }
        ends.push((one.colour, name, end));
    }
    let mut places: Vec<f64> = ends.iter().map(|(_, _, (_, y))| *y).collect();
    spread(&mut places, first, last);
    for ((colour, name, (x, y)), place) in ends.into_iter().zip(places) {
        let column = RIGHT + 22.0;
        let line = [(x + 9.0, y), (column - 12.0, place), (column - 4.0, place)];
        svg.stroke(colour, 1.0, "", &line);
        svg.text(column, place + 5.0, &name, Style::WORDS);
    }
}

fn ideal(svg: &mut Svg, line: &[(f64, f64)]) {
    svg.stroke(FAINT_INK, 2.0, " stroke-dasharray=\"6 4\"", line);
}

fn series(curves: &Curves, of: Of) -> Vec<Series<'_>> {
    let mut others = OTHERS.iter().cycle();
    let mut all = Vec::new();
    for (nth, curve) in curves.curves.iter().enumerate() {
        let known = KNOWN.iter().find(|(name, _)| *name == curve.engine);
        let colour = known
            .map(|(_, colour)| *colour)
            .or_else(|| others.next().copied());
        let points = curve.points.iter().filter_map(|point| {
            let (median, spread) = of(point).map(|all| (all.median, all.spread()))?;
            // A logarithmic axis has no place for 0.
            (point.x > 0.0 && spread.0 > 0.0).then_some((point.x, median, spread))
        });
        let points: Vec<_> = points.collect();
        if let (Some(colour), false) = (colour, points.is_empty()) {
            all.push(Series {
                curve,
                colour,
                width: (9.0 - 1.5 * nth as f64).max(2.0),
                points,
            });
        }
    }
    all
}

/// An axis in pixels on which equal ratios are equal distances.
struct Axis {
    pixels: (f64, f64),
    range: (f64, f64),
    ticks: Vec<f64>,
}

impl Axis {
    /// For these values, and room for so many times more at either end.
    fn new(pixels: (f64, f64), values: &[f64], room: f64, ticks: Vec<f64>) -> Self {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        let range = (least / room, most * room);
        let inside = |tick: &f64| (range.0..=range.1).contains(tick);
        Self {
            pixels,
            range,
            ticks: ticks.into_iter().filter(inside).collect(),
        }
    }

    /// With the finest of round ticks that has no more than [`TICKS`].
    fn of(quantity: Quantity, pixels: (f64, f64), values: &[f64]) -> Self {
        let (base, digits): (f64, &[&[f64]]) = match quantity {
            Quantity::Time => (
                10.0,
                &[
                    &[
                        1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0,
                    ],
                    &[1.0, 2.0, 5.0],
                    &[1.0],
                ],
            ),
            Quantity::Memory => (2.0, &[&[1.0, 1.5], &[1.0]]),
        };
        let ticks = |digits: &[f64], every: usize| {
            let powers = (-60..=60).step_by(every);
            let ticks =
                powers.flat_map(|power| digits.iter().map(move |d| decimal(*d, base, power)));
            Self::new(pixels, values, 1.3, ticks.collect())
        };
        let coarser = (2..).map(|every| ticks(&[1.0], every));
        let mut all = digits.iter().map(|digits| ticks(digits, 1)).chain(coarser);
        all.find(|axis| axis.ticks.len() <= TICKS)
            .unwrap_or_else(|| Self::new(pixels, values, 1.3, Vec::new()))
    }

    /// The pixel of a value.
    fn at(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        let share = (value / low).ln() / (high / low).ln();
        self.pixels.0 + (self.pixels.1 - self.pixels.0) * share
    }
}

/// `digit` times a power of `base`, as near as a float can be: multiplying by 0.001 misses where
/// dividing by 1000 does not.
fn decimal(digit: f64, base: f64, power: i32) -> f64 {
    if power < 0 {
        digit / base.powi(-power)
    } else {
        digit * base.powi(power)
    }
}

/// An amount as a tick says it: `20 ms`, `1.5 s`, `4 KiB`.
fn label(quantity: Quantity, amount: f64) -> String {
    let unit = format::unit_of(quantity, amount * (1.0 + 1e-9));
    let value = (amount * unit.per_base() * 1e3).round() / 1e3;
    format!("{value} {}", unit.symbol)
}

/// Moves places on a line apart, and keeps them between `first` and `last` where there is room.
fn spread(places: &mut [f64], first: f64, last: f64) {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]).then(a.cmp(b)));
    let mut least = first;
    for index in &order {
        places[*index] = places[*index].max(least);
        least = places[*index] + APART;
    }
    let mut most = last;
    for index in order.iter().rev() {
        places[*index] = places[*index].min(most);
        most = places[*index] - APART;
    }
}

/// "What one flag takes, with 1 to 10,000 requests at a time".
fn title(curves: &Curves) -> String {
    let [least, most] = [curves.numbers.first(), curves.numbers.last()]
        .map(|x| format::thousands(x.copied().unwrap_or_default()));
    format!(
        "What one flag takes, with {least} to {most} {}",
        curves.axis
    )
}

/// Where the numbers come from.
fn source(meta: &Meta) -> String {
    let revision: String = meta.revision.chars().take(12).collect();
    format!(
        "{}, {}, {}; {}; revision {revision}{}",
        page::day(meta),
        meta.cpu,
        page::plural(meta.cores, "core"),
        meta.command,
        if meta.dirty { " with changes" } else { "" },
    )
}

/// The medians of the first panel in words, and what is said of the family.
fn describe(curves: &Curves) -> String {
    let lines = curves.curves.iter().map(|curve| {
        let points: Vec<String> = (curve.points.iter())
            .filter_map(|point| {
                let median = point.wall_per_flag?.median;
                Some(format!(
                    "{} at {}",
                    format::seconds(median),
                    format::thousands(point.x)
                ))
            })
            .collect();
        format!("{}: {}.", curve.engine, points.join(", "))
    });
    let lines: Vec<String> = lines.chain(curves.sentences()).collect();
    format!("Wall time per flag by {}. {}", curves.axis, lines.join(" "))
}

#[cfg(test)]
mod tests {
    use super::Quantity::{Memory, Time};
    use super::*;

    fn labels(quantity: Quantity, least: f64, most: f64) -> Vec<String> {
        let axis = Axis::of(quantity, (0.0, 1000.0), &[least, most]);
        axis.ticks
            .iter()
            .map(|tick| label(quantity, *tick))
            .collect()
    }

    #[test]
    fn ticks_are_the_finest_round_numbers_that_have_room() {
        assert_eq!(
            labels(Time, 0.010, 2.6),
            [
                "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms", "1 s", "2 s"
            ]
        );
        assert_eq!(
            labels(Time, 30e-6, 40e-6),
            ["25 µs", "30 µs", "35 µs", "40 µs", "45 µs", "50 µs"]
        );
        assert_eq!(
            labels(Time, 1e-6, 2.0),
            ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"]
        );
        assert_eq!(
            labels(Memory, 65_000.0, 170_000.0),
            ["64 KiB", "96 KiB", "128 KiB", "192 KiB"]
        );
        assert_eq!(
            labels(Memory, 900.0, 9e9),
            [
                "4 KiB", "32 KiB", "256 KiB", "2 MiB", "16 MiB", "128 MiB", "1024 MiB", "8192 MiB"
            ]
        );
    }

    #[test]
    fn equal_ratios_are_equal_distances() {
        let numbers = [1.0, 10.0, 100.0, 1000.0];
        let axis = Axis::new((600.0, 0.0), &numbers, 1.5, numbers.to_vec());
        let pixels = numbers.map(|number| axis.at(number));
        let steps: Vec<f64> = pixels.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(
            steps.iter().all(|step| (step - steps[0]).abs() < 1e-9),
            "{pixels:?}"
        );
        assert_eq!([axis.at(axis.range.0), axis.at(axis.range.1)], [600.0, 0.0]);
    }

    #[test]
    fn names_stay_apart_in_their_order() {
        let mut places = [100.0, 101.0, 40.0, 100.0, 290.0];
        spread(&mut places, 44.0, 280.0);
        assert_eq!(places, [100.0, 134.0, 44.0, 117.0, 280.0]);
        let mut crowded = [270.0; 6];
        spread(&mut crowded, 44.0, 280.0);
        assert_eq!(crowded[5], 280.0);
        assert!(crowded.windows(2).all(|two| two[1] - two[0] == APART));
    }
}
