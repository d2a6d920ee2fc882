//! Wall time by concurrency, on logarithmic axes: twice the downloads at once in
//! half the time is a straight line, and an engine that leaves it has met another
//! limit than the server's delay.

use super::axis::{Axis, Scale};
use super::delay::describe;
use super::panel::{self, Panel};
use super::{Words, series, sheet};
use crate::error::Error;
use crate::run::{Group, Meta};
use crate::table;

/// The plot as SVG; `None` where no cell has a place on the x axis.
pub(crate) fn draw(meta: &Meta, group: &Group) -> Result<Option<String>, Error> {
    let table = table::build(group);
    let mut series = series::of(&table);
    // A logarithmic axis has no place for 0.
    for one in &mut series {
        one.points.retain(|point| point.x > 0.0);
    }
    series.retain(|one| !one.points.is_empty());
    if series.is_empty() {
        return Ok(None);
    }
    let xs: Vec<f64> = series
        .iter()
        .flat_map(|one| &one.points)
        .map(|p| p.x)
        .collect();
    let ideal = ideal(group, &xs);
    let floor = ideal
        .iter()
        .map(|(_, time)| *time)
        .fold(f64::INFINITY, f64::min);
    let ceiling = ideal.iter().map(|(_, time)| *time).fold(0.0, f64::max);
    let name = group.ideal_delay_s.map(|delay| {
        let delay = super::axis::time_label(delay);
        format!("ideal: ⌈{} / C⌉ × {delay}", group.flags)
    });
    let words = Words {
        plot: "wall-by-concurrency.svg",
        title: "Wall time by concurrency".to_owned(),
        subtitle: format!("{}. Medians; bars: {}.", group.title, series::bars(&table)),
        description: describe(&series, &group.scenario_axis),
        meta,
    };
    let legend = name.as_deref().filter(|_| !ideal.is_empty());
    let svg = sheet((960, 520), &words, &series, legend, |area| {
        panel::draw(
            area,
            &Panel {
                heading: "Wall time (both axes logarithmic)",
                x_title: &format!("{} (C)", group.scenario_axis),
                x: Axis::scenarios(Scale::Log, xs),
                y: Axis::times_by_ratio(
                    series::lowest(&series).min(floor),
                    series::highest(&series).max(ceiling),
                ),
                series: &series,
                ideal: ideal.clone(),
                ends: Vec::new(),
            },
        )
    })?;
    Ok(Some(svg))
}

/// The least time in seconds at each concurrency: full waves of the server's delay.
fn ideal(group: &Group, xs: &[f64]) -> Vec<(f64, f64)> {
    let Some(delay) = group.ideal_delay_s.filter(|_| group.flags > 0) else {
        return Vec::new();
    };
    let least = xs.iter().copied().fold(f64::INFINITY, f64::min).max(1.0) as usize;
    let most = xs.iter().copied().fold(1.0, f64::max) as usize;
    let time = |c: usize| group.flags.div_ceil(c) as f64 * delay;
    // Only where the number of waves changes, and just before: between those the
    // line is level.
    (least..=most)
        .filter(|c| *c == least || *c == most || time(*c) != time(c - 1) || time(*c) != time(c + 1))
        .map(|c| (c as f64, time(c)))
        .collect()
}
