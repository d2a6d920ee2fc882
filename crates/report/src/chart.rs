//! Charts of a run: the answer as bars, and async over threads and memory by concurrency.
//!
//! Each is a [`Block::Figure`] with a text alternative, and is left out if the run did not measure
//! it.

use maud::{Markup, html};

use crate::analysis::{Analysis, Ratio, Row};
use crate::document::Block;
use crate::format;
use crate::metric;
use crate::sentence::{self, JUDGED};
use crate::stats::Summary;
use crate::svg::{self, Axis, Scale, percent, round};

/// The series for the charts by concurrency.
const SERIES: &str = "concurrency";

/// Colours of engines, in order.
const COLOURS: [&str; 4] = ["e0", "e1", "e2", "e3"];

/// The height of a panel, in pixels.
const PANEL: f64 = 190.0;

const MIB: f64 = 1024.0 * 1024.0;

/// Time, processor time and memory of threads and async as bars, for the first scenario of
/// [`sentence::answer`].
pub fn answer(analyses: &[Analysis]) -> Option<Block> {
    let analysis = sentence::answering(analyses)?;
    let baseline = analysis.scenario.baseline();
    let is_shown =
        |row: &&Row| !row.control && (row.engine == baseline || row.engine.starts_with("async"));
    let engines = analysis.rows.iter().filter(is_shown);
    let engines: Vec<(&str, &Row)> = COLOURS.into_iter().zip(engines).collect();
    let names = engines.iter().map(|(colour, row)| (*colour, &*row.engine));
    let (legend, mut top) = svg::legend(2, &names.collect::<Vec<_>>());
    let mut shapes = vec![legend];
    for (key, name) in JUDGED {
        let most = engines
            .iter()
            .filter_map(|(_, row)| Some(high(row.estimates.get(key)?)));
        let axis = Axis {
            scale: Scale::linear(0.0, most.fold(0.0, f64::max)),
            from: 0.0,
            // Leave the rest of the width for the number.
            to: 66.0,
        };
        shapes.push(html! { text.head x="0" y=(top + 20.0) { (name) } });
        top += 28.0;
        for (colour, row) in &engines {
            shapes.push(bar(row, key, axis, colour, top));
            top += 22.0;
        }
        top += 6.0;
    }
    figure(
        top + 4.0,
        sentence::answer(analyses)?,
        "answer.svg",
        &shapes,
    )
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

/// Async over threads by concurrency: wall time and processor time. The noise is a band, and dashed
/// lines show the margin of equal.
pub fn ratio(analyses: &[Analysis]) -> Option<Block> {
    let points = points(analyses)?;
    let scenario = &points[0].1.scenario;
    let baseline = scenario.baseline();
    let engines = (scenario.engines.iter().map(String::as_str))
        .filter(|engine| baseline.starts_with("threads") && engine.starts_with("async"));
    let mut entries: Vec<(&str, &str)> = COLOURS[1..].iter().copied().zip(engines).collect();
    entries.push(("noise", "noise: threads again"));
    let (legend, mut top) = svg::legend(2, &entries);
    entries.pop();
    let mut shapes = vec![legend];
    let mut facts = Vec::new();
    for (key, name) in &JUDGED[..2] {
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
    shapes.push(axis_name(&points, top + 8.0));
    let facts = facts.join(" and ");
    let alt = format!("By concurrency, async takes {facts} of {baseline}.");
    figure(top + 16.0, alt, "ratio.svg", &shapes)
}

/// One panel of ratios, with the smallest and the largest; `None` if none is known.
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
    let curves = engines.iter().map(|(colour, engine)| {
        let known = |(at, analysis): &(f64, &Analysis)| Some((*at, ratio(analysis.row(engine))?));
        (*colour, points.iter().filter_map(known).collect())
    });
    let curves: Vec<(&str, Vec<(f64, Ratio)>)> = curves.collect();
    let found = || curves.iter().flat_map(|(_, curve)| curve);
    let (least, most) = span(found().map(|(_, ratio)| ratio.median))?;
    let intervals = found().filter_map(|(_, ratio)| ratio.interval);
    let noises = points.iter().filter_map(|(_, analysis)| noise(analysis));
    let ends = intervals.chain(noises).flat_map(|one| [one.low, one.high]);
    let (low, high) = span(ends.chain(margins).chain([least, most]))?;
    let pad = (high - low) * 0.08;
    let x = x_axis(points)?;
    let y = Axis {
        scale: Scale::linear(low - pad, high + pad),
        from: top + PANEL,
        to: top,
    };
    // The noise of a point extends halfway to its neighbours.
    let places: Vec<f64> = points.iter().map(|(at, _)| x.at(*at)).collect();
    let mut edges = vec![x.from - 3.0];
    edges.extend(places.windows(2).map(|two| round((two[0] + two[1]) / 2.0)));
    edges.push(x.to + 3.0);
    let markup = html! {
        @for ((_, analysis), edges) in points.iter().zip(edges.windows(2)) {
            @if let Some(noise) = noise(analysis) {
                @let (above, below) = (y.at(noise.high), y.at(noise.low));
                rect.noise x=(percent(edges[0])) width=(percent(round(edges[1] - edges[0])))
                    y=(above) height=(round(below - above)) {}
            }
        }
        (y.rows(|ratio| format!("{}x", round(ratio))))
        @for margin in margins { (y.row("margin", margin)) }
        (y.row("one", 1.0))
        (x.columns(top, top + PANEL, format::count))
        @for (nth, (colour, found)) in curves.iter().enumerate() {
            // Side by side, or one would hide the other.
            g transform=(format!("translate({} 0)", 5 * nth)) {
                @for (at, ratio) in found {
                    @if let Some(interval) = ratio.interval {
                        @let at = percent(x.at(*at));
                        line.(colour) x1=(at) x2=(at) y1=(y.at(interval.low)) y2=(y.at(interval.high)) {}
                    }
                }
                (curve(colour, x, y, found.iter().map(|(at, ratio)| (*at, ratio.median))))
            }
        }
    };
    Some((markup, least, most))
}

/// Peak resident memory by concurrency, one line per engine; both axes are logarithmic.
pub fn memory(analyses: &[Analysis]) -> Option<Block> {
    let points = points(analyses)?;
    let engines = points[0].1.scenario.engines.iter().map(String::as_str);
    let entries: Vec<(&str, &str)> = COLOURS.into_iter().zip(engines).collect();
    let curves = entries.iter().map(|(_, engine)| {
        let median = |analysis: &Analysis| analysis.row(engine)?.median(metric::MEMORY);
        let known = points
            .iter()
            .filter_map(|(x, one)| Some((*x, median(one)? / MIB)));
        known.filter(|(_, mib)| *mib > 0.0).collect()
    });
    let curves: Vec<Vec<(f64, f64)>> = curves.collect();
    let (low, high) = span(curves.iter().flatten().map(|(_, mib)| *mib))?;
    let (legend, used) = svg::legend(2, &entries);
    let top = used + 34.0;
    // As high as the chart of ratios beside it.
    let bottom = top + 2.0 * PANEL + 60.0;
    let x = x_axis(&points)?;
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
    let shapes = [shapes, axis_name(&points, bottom + 34.0)];
    figure(bottom + 42.0, alt, "memory.svg", &shapes)
}

fn figure(height: f64, alt: String, file: &str, shapes: &[Markup]) -> Option<Block> {
    Some(Block::Figure {
        svg: svg::sheet(height, &alt, shapes),
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

/// The name of the axis below a panel.
fn axis_name(points: &[(f64, &Analysis)], y: f64) -> Markup {
    let point = points[0].1.scenario.point.as_ref();
    html! { text.faint.middle x="56%" y=(y) { (point.map_or("", |point| &point.axis)) } }
}

/// To the right of the labels of the other axis.
fn x_axis(points: &[(f64, &Analysis)]) -> Option<Axis> {
    let (low, high) = span(points.iter().map(|(x, _)| *x))?;
    Some(Axis {
        scale: Scale::log10(low, high),
        from: 16.0,
        to: 93.0,
    })
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

/// The smallest and the largest number.
fn span(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers
        .map(|one| (one, one))
        .reduce(|(low, high), (one, _)| (low.min(one), high.max(one)))
}
