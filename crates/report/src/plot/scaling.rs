//! What one flag takes, by a number, on logarithmic axes: a family of a comparison.
//!
//! Three panels below each other share the x axis: wall time, memory and processor time.
//! Each engine's name stands at the end of its line, because ten of them are too many for a
//! legend. A cross is where an engine comes to nothing.

use super::axis::Axis;
use super::panel::{self, End, Panel};
use super::series::{self, Look, Looks, Point, Series};
use super::{Area, Drawn, Words, sheet};
use crate::comparison::{Curve, Curves, Of, PANELS};
use crate::error::Error;
use crate::format;
use crate::quantity::Quantity;
use crate::run::Meta;

/// The size of the sheet, and the height of a panel, in pixels.
const SIZE: (u32, u32) = (960, 1090);
const PANEL: i32 = 316;

/// The plot as SVG; `None` where no engine has a point that a logarithmic axis has a place for.
pub(crate) fn draw(meta: &Meta, curves: &Curves) -> Result<Option<String>, Error> {
    let mut looks = Looks::new();
    let lines: Vec<(&Curve, Look)> = (curves.curves.iter())
        .filter_map(|curve| Some((curve, looks.of(&curve.engine)?)))
        .collect();
    let all: Vec<Vec<Series>> = PANELS.map(|(_, _, of)| series_of(&lines, of)).into();
    if all[0].is_empty() {
        return Ok(None);
    }
    let ideal: Vec<(f64, f64)> = (curves.ideal.iter().copied())
        .filter(|(x, seconds)| *x > 0.0 && *seconds > 0.0)
        .collect();
    let words = Words {
        plot: "the curves of a family",
        title: title(curves),
        subtitle: "Medians over rounds; bars: 95 % confidence intervals, or from the smallest \
                   to the largest where rounds are few. A cross: every trial failed."
            .to_owned(),
        description: describe(curves),
        meta,
    };
    let legend = (!ideal.is_empty()).then_some("the ideal: ⌈flags / at a time⌉ × delay / flags");
    let svg = sheet(SIZE, &words, legend, |area| {
        let mut rest = area.clone();
        for ((heading, quantity, _), series) in PANELS.iter().zip(&all) {
            let (here, below) = rest.split_vertically(PANEL);
            rest = below;
            let ideal: &[(f64, f64)] = if heading.starts_with("Wall") {
                &ideal
            } else {
                &[]
            };
            panel(&here, curves, (heading, *quantity), series, ideal)?;
        }
        Ok(())
    })?;
    Ok(Some(svg))
}

fn panel(
    area: &Area<'_>,
    curves: &Curves,
    (heading, quantity): (&str, Quantity),
    series: &[Series],
    ideal: &[(f64, f64)],
) -> Drawn {
    // Where this system does not tell the memory, there is nothing to draw.
    if series.is_empty() {
        return Ok(());
    }
    let of_ideal = || ideal.iter().map(|(_, y)| *y);
    let least = of_ideal().fold(series::lowest(series), f64::min);
    let most = of_ideal().fold(series::highest(series), f64::max);
    let y = match quantity {
        Quantity::Time => Axis::times_by_ratio(least, most).with_ticks(9),
        Quantity::Memory => Axis::bytes_by_ratio(least, most),
    };
    let ends = series.iter().filter_map(|one| {
        let last = one.points.last()?;
        let curve = curves
            .curves
            .iter()
            .find(|curve| curve.engine == one.engine)?;
        let fails = curve.fails_at().map(|(x, _)| x).filter(|x| *x > last.x);
        let name = match fails {
            Some(_) => format!("{} fails", one.engine),
            None => one.engine.clone(),
        };
        Some(End {
            look: one.look,
            name,
            last: (last.x, last.median),
            fails,
        })
    });
    let numbers = curves.numbers.iter().copied().filter(|x| *x > 0.0);
    panel::draw(
        area,
        &Panel {
            heading,
            x_title: &curves.axis,
            x: Axis::numbers(numbers.collect()),
            y,
            series,
            ideal: ideal.to_vec(),
            ends: ends.collect(),
        },
    )
}

fn series_of(lines: &[(&Curve, Look)], of: Of) -> Vec<Series> {
    let series = lines.iter().map(|(curve, look)| Series {
        engine: curve.engine.clone(),
        look: *look,
        points: (curve.points.iter())
            .filter_map(|point| {
                let all = of(point)?;
                let spread = all.spread();
                // A logarithmic axis has no place for 0.
                (point.x > 0.0 && spread.0 > 0.0).then_some(Point {
                    x: point.x,
                    median: all.median,
                    spread,
                })
            })
            .collect(),
    });
    series.filter(|one| !one.points.is_empty()).collect()
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
