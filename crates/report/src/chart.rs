//! The charts of memory: of clients by concurrency, of servers by connections.

use maud::html;

use crate::analysis::Analysis;
use crate::document::Figure;
use crate::sentence::{self, by_concurrency};
use crate::svg::{self, Axis, Scale, percent};
use crate::{format, metric};

const MIB: f64 = 1024.0 * 1024.0;

/// Peak resident memory by concurrency, one line per engine; both axes are logarithmic. `None` with
/// fewer than two points.
pub fn memory(analyses: &[Analysis]) -> Option<Figure> {
    let points = by_concurrency(analyses);
    drawn(&points, ["concurrency", "requests at a time", "memory.svg"])
}

/// The same of servers by their connections, all active.
pub fn servers(analyses: &[Analysis]) -> Option<Figure> {
    let points = sentence::points(analyses, |_, work| work.idle == Some(0));
    drawn(&points, ["connections", "connections", "servers.svg"])
}

fn drawn(points: &[(f64, &Analysis)], [by, axis, file]: [&str; 3]) -> Option<Figure> {
    let engines = points.get(1)?.1.scenario.engines.iter().map(String::as_str);
    let colours = ["e0", "e1", "e2", "e3"];
    let entries: Vec<(&str, &str)> = colours.into_iter().zip(engines).collect();
    let curves = entries.iter().map(|(_, engine)| {
        let median = |analysis: &Analysis| analysis.row(engine)?.median(metric::MEMORY);
        let known = |(x, one): &(f64, &Analysis)| Some((*x, median(one)? / MIB));
        let known = points.iter().filter_map(known);
        known.filter(|(_, mib)| *mib > 0.0).collect()
    });
    let curves: Vec<Vec<(f64, f64)>> = curves.collect();
    let mib = || curves.iter().flatten().map(|(_, mib)| *mib);
    let (low, high) = (mib().reduce(f64::min)?, mib().reduce(f64::max)?);
    // The servers are three: in two columns the last would be alone, three do not fit a phone.
    let in_line = if by == "connections" { 1 } else { 2 };
    let (legend, used) = svg::legend(in_line, &entries);
    let top = used + 34.0;
    let bottom = top + 300.0;
    let (least, most) = (points.first()?.0, points.last()?.0);
    let x = Axis {
        scale: Scale::Log10(least, most),
        // To the right of the labels.
        from: 16.0,
        to: 93.0,
    };
    let y = Axis {
        scale: Scale::Log10(low * 0.8, high * 1.3),
        from: bottom,
        to: top,
    };
    let facts = (entries.iter().zip(&curves)).filter_map(|((_, engine), points)| {
        let ((_, first), (x, last)) = (points.first()?, points.last()?);
        let [first, last] = [first, last].map(|mib| format::bytes(mib * MIB));
        let at = format::count(*x);
        Some(format!("{engine} from {first} to {last} at {at}"))
    });
    let place = |(concurrency, mib)| (percent(x.at(concurrency)), y.at(mib));
    // The axis shows what was allowed.
    let marked = points.iter().filter(|(_, one)| one.in_flight().is_some());
    let marked: Vec<String> = marked.map(|(_, one)| sentence::at_a_time(one)).collect();
    let facts: Vec<String> = facts.chain(marked.iter().cloned()).collect();
    let alt = format!("Memory by {by}: {}.", facts.join("; "));
    let shapes = html! {
        (legend)
        text.head x="0" y=(top - 12.0) { "memory of the whole process, in MiB" }
        (y.rows(format::count))
        (x.columns(top, bottom, format::count))
        @for ((colour, _), points) in entries.iter().zip(&curves) {
            @for two in points.windows(2) {
                @let [(x1, y1), (x2, y2)] = [two[0], two[1]].map(place);
                line.curve.(colour) x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
            }
            @for (x, y) in points.iter().copied().map(place) {
                circle class=(colour) cx=(x) cy=(y) r="4" {}
            }
        }
        text.faint.middle x="56%" y=(bottom + 34.0) { (axis) }
        @for (line, mark) in (0..).zip(&marked) {
            text.faint.middle x="56%" y=(bottom + 52.0 + 18.0 * f64::from(line)) { (mark) }
        }
    };
    let height = bottom + 42.0 + 18.0 * marked.len() as f64;
    Some(Figure {
        svg: svg::sheet(height, &alt, &[shapes]),
        alt,
        file: file.to_owned(),
    })
}
