//! Charts of a run: the answer in bars, and async over threads and memory by concurrency.
//!
//! Each is a [`Block::Figure`] with a sentence for those who do not see it, and is left out
//! where the run did not measure it.

use maud::{Markup, html};

use crate::analysis::{Analysis, Ratio, Row};
use crate::document::Block;
use crate::format;
use crate::metric;
use crate::sentence;
use crate::stats::Summary;
use crate::svg::{self, Axis, Scale, percent, round};

/// The series of scenarios that the charts by concurrency are made of.
const SERIES: &str = "concurrency";

/// Colours of engines, in their order.
const COLOURS: [&str; 4] = ["e0", "e1", "e2", "e3"];

/// The height of a panel, in pixels.
const PANEL: f64 = 190.0;

/// What the charts compare, with the names that they use.
const METRICS: [(&str, &str); 3] = [
    (metric::WALL, "wall time"),
    (metric::CPU, "processor time"),
    (metric::MEMORY, "memory"),
];

const MIB: f64 = 1024.0 * 1024.0;

/// Time, processor time and memory of threads and async as bars, in the scenario that
/// [`sentence::answer`] speaks of first.
#[must_use]
pub fn answer(analyses: &[Analysis]) -> Option<Block> {
    let analysis = sentence::answering(analyses)?;
    let baseline = analysis.scenario.baseline();
    let is_shown = |row: &&Row| row.engine == baseline || row.engine.starts_with("async");
    let rows = analysis.rows.iter().filter(|row| !row.control);
    let engines: Vec<&Row> = rows.filter(is_shown).take(COLOURS.len()).collect();
    let entries: Vec<(&str, &str)> = (COLOURS.into_iter())
        .zip(engines.iter().map(|row| &*row.engine))
        .collect();
    let (legend, used) = svg::legend(8.0, 2, &entries);
    let mut top = 8.0 + used;
    let mut shapes = vec![legend];
    for (key, name) in METRICS {
        let most = (engines.iter()).filter_map(|row| Some(high(row.estimates.get(key)?)));
        let axis = Axis {
            scale: Scale::linear(0.0, most.fold(0.0, f64::max)),
            from: 0.0,
            // The rest of the width is for the number behind the bar.
            to: 66.0,
        };
        shapes.push(html! { text.head x="0" y=(top + 20.0) { (name) } });
        top += 28.0;
        for (colour, row) in COLOURS.into_iter().zip(engines.iter().copied()) {
            shapes.push(bar(row, key, axis, colour, top));
            top += 22.0;
        }
        top += 6.0;
    }
    let alt = sentence::answer(analyses)?;
    let shapes = html! { @for shape in shapes { (shape) } };
    figure(top + 4.0, alt, "answer.svg", shapes)
}

fn high(estimate: &Summary) -> f64 {
    (estimate.interval).map_or(estimate.median, |interval| interval.high)
}

/// A bar with its interval, its number and its ratio.
fn bar(row: &Row, key: &str, axis: Axis, colour: &str, top: f64) -> Markup {
    let Some(estimate) = row.estimates.get(key) else {
        return html! {};
    };
    let mut words = metric::text(key, estimate.median);
    if let Some(ratio) = row.ratios.get(key) {
        words += &format!(", {}", format::ratio(ratio.median));
    }
    html! {
        rect class=(colour) x="0" width=(percent(axis.at(estimate.median))) y=(top) height="16" {}
        @if let Some(interval) = estimate.interval {
            @let [low, high] = [interval.low, interval.high].map(|end| percent(axis.at(end)));
            line.whisker x1=(low) x2=(high) y1=(top + 8.0) y2=(top + 8.0) {}
        }
        text x=(percent(axis.at(high(estimate)))) dx="6" y=(top + 13.0) { (words) }
    }
}

/// Async over threads by concurrency: wall time and processor time. The noise is a band, and
/// dashed lines are the margin within which engines are equal.
#[must_use]
pub fn ratio(analyses: &[Analysis]) -> Option<Block> {
    let points = points(analyses)?;
    let (_, first) = points.first()?;
    let baseline = first.scenario.baseline();
    let engines = (first.scenario.engines.iter().map(String::as_str))
        .filter(|engine| baseline.starts_with("threads") && engine.starts_with("async"));
    let mut entries: Vec<(&str, &str)> = COLOURS[1..].iter().copied().zip(engines).collect();
    entries.push(("noise", "noise: threads again"));
    let (legend, used) = svg::legend(8.0, 2, &entries);
    entries.pop();
    let mut shapes = vec![legend];
    let mut top = 8.0 + used;
    let mut facts = Vec::new();
    for (key, name) in &METRICS[..2] {
        let Some((panel, low, high)) = ratios(&points, &entries, key, top + 34.0) else {
            continue;
        };
        let head = format!("{name}, async over {baseline}");
        shapes.push(html! { text.head x="0" y=(top + 22.0) { (head) } (panel) });
        top += 34.0 + PANEL + 26.0;
        let [low, high] = [low, high].map(format::digits);
        facts.push(format!("{low} to {high} times the {name}"));
    }
    if facts.is_empty() {
        return None;
    }
    let shapes = html! {
        @for shape in shapes { (shape) }
        text.faint.middle x="56%" y=(top + 8.0) { (axis_name(first)) }
    };
    let facts = facts.join(" and ");
    let alt = format!("By concurrency, async takes {facts} of {baseline}.");
    figure(top + 16.0, alt, "ratio.svg", shapes)
}

/// One panel of ratios, with the smallest and the largest; `None` where none is known.
fn ratios(
    points: &[(f64, &Analysis)],
    engines: &[(&str, &str)],
    key: &str,
    top: f64,
) -> Option<(Markup, f64, f64)> {
    let ratio = |row: Option<&Row>| row.and_then(|row| row.ratios.get(key).copied());
    let noise = |analysis: &Analysis| ratio(analysis.control()).and_then(|one| one.interval);
    let margin = points[0].1.margins.of(key);
    let margins = [1.0 / (1.0 + margin), 1.0 + margin];
    let found: Vec<Ratio> = (points.iter())
        .flat_map(|(_, analysis)| engines.iter().map(|(_, engine)| analysis.row(engine)))
        .filter_map(ratio)
        .collect();
    let medians: Vec<f64> = found.iter().map(|ratio| ratio.median).collect();
    if medians.is_empty() {
        return None;
    }
    let intervals = found.iter().filter_map(|ratio| ratio.interval);
    let noises = points.iter().filter_map(|(_, analysis)| noise(analysis));
    let ends = intervals.chain(noises).flat_map(|one| [one.low, one.high]);
    let ends: Vec<f64> = ends.chain(margins).chain(medians.iter().copied()).collect();
    let (low, high) = span(&ends);
    let pad = (high - low) * 0.08;
    let x = x_axis(points);
    let y = Axis {
        scale: Scale::linear(low - pad, high + pad),
        from: top + PANEL,
        to: top,
    };
    let markup = html! {
        @for (from, to, analysis) in between(points, x) {
            @if let Some(noise) = noise(analysis) {
                @let (above, below) = (y.at(noise.high), y.at(noise.low));
                rect.noise x=(percent(from)) width=(percent(round(to - from)))
                    y=(above) height=(round(below - above)) {}
            }
        }
        (y.rows(|ratio| format!("{}x", round(ratio))))
        @for margin in margins { (y.row("margin", margin)) }
        (y.row("one", 1.0))
        (x.columns(top, top + PANEL, format::count))
        @for (nth, (colour, engine)) in engines.iter().enumerate() {
            @let found = points.iter().map(|(at, analysis)| (*at, ratio(analysis.row(engine))));
            @let found: Vec<_> = found.filter_map(|(at, ratio)| Some((at, ratio?))).collect();
            // Beside each other, or one would hide the other.
            g transform=(format!("translate({} 0)", 5 * nth)) {
                @for (at, ratio) in &found {
                    @if let Some(interval) = ratio.interval {
                        @let at = percent(x.at(*at));
                        line.(colour) x1=(at) x2=(at) y1=(y.at(interval.low)) y2=(y.at(interval.high)) {}
                    }
                }
                (curve(colour, x, y, found.iter().map(|(at, ratio)| (*at, ratio.median))))
            }
        }
    };
    let (low, high) = span(&medians);
    Some((markup, low, high))
}

/// The most memory that was resident by concurrency, one line an engine; both axes logarithmic.
#[must_use]
pub fn memory(analyses: &[Analysis]) -> Option<Block> {
    let points = points(analyses)?;
    let (_, first) = points.first()?;
    let engines = first.scenario.engines.iter().map(String::as_str);
    let entries: Vec<(&str, &str)> = COLOURS.into_iter().zip(engines).collect();
    let curve_of = |engine: &str| -> Vec<(f64, f64)> {
        let median = |analysis: &Analysis| analysis.row(engine)?.median(metric::MEMORY);
        let known = points
            .iter()
            .filter_map(|(x, analysis)| Some((*x, median(analysis)? / MIB)));
        known.filter(|(_, memory)| *memory > 0.0).collect()
    };
    let curves: Vec<Vec<(f64, f64)>> = entries.iter().map(|(_, engine)| curve_of(engine)).collect();
    let all: Vec<f64> = curves.iter().flatten().map(|(_, memory)| *memory).collect();
    if all.is_empty() {
        return None;
    }
    let (low, high) = span(&all);
    let (legend, used) = svg::legend(8.0, 2, &entries);
    let top = 42.0 + used;
    // As high as the chart of ratios, which stands beside it.
    let bottom = top + 2.0 * PANEL + 60.0;
    let x = x_axis(&points);
    let y = Axis {
        scale: Scale::log10(low * 0.8, high * 1.3),
        from: bottom,
        to: top,
    };
    let shapes = html! {
        (legend)
        text.head x="0" y=(top - 12.0) { "memory of the whole process, in MiB" }
        (y.rows(format::count))
        (x.columns(top, bottom, format::count))
        @for ((colour, _), points) in entries.iter().zip(&curves) {
            (curve(colour, x, y, points.iter().copied()))
        }
        text.faint.middle x="56%" y=(bottom + 34.0) { (axis_name(first)) }
    };
    let facts = (entries.iter().zip(&curves)).filter_map(|((_, engine), points)| {
        let ((_, first), (x, last)) = (points.first()?, points.last()?);
        let [first, last] = [first, last].map(|mib| format::bytes(mib * MIB));
        Some(format!(
            "{engine} from {first} to {last} at {}",
            format::count(*x)
        ))
    });
    let facts: Vec<String> = facts.collect();
    let alt = format!("Memory by concurrency: {}.", facts.join("; "));
    figure(bottom + 42.0, alt, "memory.svg", shapes)
}

fn figure(height: f64, alt: String, file: &str, shapes: Markup) -> Option<Block> {
    Some(Block::Figure {
        svg: svg::sheet(height, &alt, &shapes),
        alt,
        file: file.to_owned(),
    })
}

/// The points of the series, from the smallest concurrency to the largest; at least two.
fn points(analyses: &[Analysis]) -> Option<Vec<(f64, &Analysis)>> {
    let point = |analysis: &'_ Analysis| {
        let point = analysis.scenario.point.as_ref()?;
        (point.series == SERIES && point.x > 0.0).then_some(point.x)
    };
    let mut points: Vec<(f64, &Analysis)> = (analyses.iter())
        .filter(|analysis| analysis.scenario.is_interleaved())
        .filter_map(|analysis| Some((point(analysis)?, analysis)))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    (points.len() > 1).then_some(points)
}

fn axis_name(analysis: &Analysis) -> &str {
    (analysis.scenario.point.as_ref()).map_or("", |point| &point.axis)
}

/// To the right of the labels of the other axis.
fn x_axis(points: &[(f64, &Analysis)]) -> Axis {
    let (low, high) = span(&points.iter().map(|(x, _)| *x).collect::<Vec<_>>());
    Axis {
        scale: Scale::log10(low, high),
        from: 16.0,
        to: 93.0,
    }
}

/// Each point with the ends of its part of the width, halfway to its neighbours.
fn between<'a>(points: &[(f64, &'a Analysis)], x: Axis) -> Vec<(f64, f64, &'a Analysis)> {
    let places: Vec<f64> = points.iter().map(|(at, _)| x.at(*at)).collect();
    let half = |a: usize, b: usize| Some((places.get(a)? + places.get(b)?) / 2.0);
    let part = |(nth, (_, analysis)): (usize, &(f64, &'a Analysis))| {
        let from = nth.checked_sub(1).and_then(|left| half(left, nth));
        let to = half(nth, nth + 1);
        let (from, to) = (from.unwrap_or(x.from - 3.0), to.unwrap_or(x.to + 3.0));
        (round(from), round(to), *analysis)
    };
    points.iter().enumerate().map(part).collect()
}

/// Dots joined by lines.
fn curve(colour: &str, x: Axis, y: Axis, points: impl Iterator<Item = (f64, f64)>) -> Markup {
    let dots: Vec<(String, f64)> = points.map(|(a, b)| (percent(x.at(a)), y.at(b))).collect();
    html! {
        @for two in dots.windows(2) {
            @let ((x1, y1), (x2, y2)) = (&two[0], &two[1]);
            line.curve.(colour) x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
        }
        @for (x, y) in &dots { circle class=(colour) cx=(x) cy=(y) r="4" {} }
    }
}

fn span(numbers: &[f64]) -> (f64, f64) {
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low, high)
}
