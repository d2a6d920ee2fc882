//! Wall time by the server's delay, on linear axes: the slope of a line is the
//! number of waves in which an engine downloads.
//!
//! One engine after another is so much slower than the rest that it flattens them
//! into one line: beside the panel of all engines stands one of the concurrent ones.

use super::axis::{Axis, Scale};
use super::panel::{self, Panel};
use super::series::{self, Series};
use super::{Area, Drawn, Words, sheet};
use crate::error::Error;
use crate::format;
use crate::quantity::Quantity;
use crate::run::{Group, Meta};
use crate::table;

/// The plot as SVG; `None` where no cell has a place on the x axis.
pub(crate) fn draw(meta: &Meta, group: &Group) -> Result<Option<String>, Error> {
    let table = table::build(group);
    let all = series::of(&table);
    if all.is_empty() {
        return Ok(None);
    }
    let (slow, concurrent): (Vec<Series>, Vec<Series>) =
        all.iter().cloned().partition(|one| one.engine == "seq");
    let zoomed = !slow.is_empty() && !concurrent.is_empty();
    let words = Words {
        plot: "wall-by-delay.svg",
        title: "Wall time by the server's delay".to_owned(),
        subtitle: format!("{}. Medians; bars: {}.", group.title, series::bars(&table)),
        description: describe(&all, &group.scenario_axis),
        meta,
    };
    let panel = |area: &Area<'_>, heading: &str, series: &[Series]| -> Drawn {
        let xs = series.iter().flat_map(|one| &one.points).map(|p| p.x);
        panel::draw(
            area,
            &Panel {
                heading,
                x_title: &group.scenario_axis,
                x: Axis::scenarios(Scale::Linear, xs.collect()),
                y: Axis::times_from_zero(series::highest(series)),
                series,
                ideal: Vec::new(),
                ends: Vec::new(),
            },
        )
    };
    let svg = sheet((960, 460), &words, &all, None, |area| {
        if !zoomed {
            return panel(area, "Wall time", &all);
        }
        let (left, right) = area.split_horizontally(440);
        panel(&left, "Wall time, all engines", &all)?;
        panel(&right, "Wall time, without seq (larger scale)", &concurrent)
    })?;
    Ok(Some(svg))
}

/// The medians in words.
pub(super) fn describe(series: &[Series], axis: &str) -> String {
    let lines: Vec<String> = series
        .iter()
        .map(|one| {
            let points: Vec<String> = (one.points.iter())
                .map(|point| format!("{} at {}", time_in_words(point.median), point.x))
                .collect();
            format!("{}: {}", one.engine, points.join(", "))
        })
        .collect();
    format!("Median wall time by {axis}. {}.", lines.join(". "))
}

fn time_in_words(seconds: f64) -> String {
    let unit = format::unit_of(Quantity::Time, seconds);
    format::amount(unit, seconds, (seconds, seconds)).0
}
