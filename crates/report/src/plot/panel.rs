//! One pair of axes with its series.

use plotters::chart::ChartBuilder;
use plotters::element::PathElement;
use plotters::style::{Color, FontStyle, IntoFont};

use super::axis::Axis;
use super::series::{self, Series};
use super::{Area, Drawn, FAINT_INK, FONT, GRID, INK, label};

/// What a panel shows.
pub(super) struct Panel<'a> {
    /// What stands above it.
    pub(super) heading: &'a str,
    /// What the x axis counts, with its unit.
    pub(super) x_title: &'a str,
    pub(super) x: Axis,
    /// Times, in seconds.
    pub(super) y: Axis,
    pub(super) series: &'a [Series],
    /// The least possible time, in seconds, by x.
    pub(super) ideal: Vec<(f64, f64)>,
}

/// Draws a panel on all of `area`.
pub(super) fn draw(area: &Area<'_>, panel: &Panel<'_>) -> Drawn {
    area.draw(&label(panel.heading, (24, 6), 17, INK, FontStyle::Bold))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(36)
        .margin_right(20)
        .x_label_area_size(46)
        .y_label_area_size(80)
        .build_cartesian_2d(panel.x.clone(), panel.y.clone())?;
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .axis_style(FAINT_INK)
        .label_style((FONT, 16).into_font().color(&INK))
        .axis_desc_style((FONT, 16).into_font().color(&FAINT_INK))
        .x_desc(panel.x_title)
        .draw()?;

    // From here on in pixels of the panel: bars and markers have sizes on the sheet,
    // not values.
    let (left, top) = area.get_base_pixel();
    let pixel = |value: (f64, f64)| {
        let (px, py) = chart.backend_coord(&value);
        (px - left, py - top)
    };
    for one in panel.series {
        let line: Vec<(i32, i32)> = (one.points.iter())
            .map(|point| pixel((point.x, point.median)))
            .collect();
        area.draw(&PathElement::new(line, series::line_style(one.look)))?;
    }
    if !panel.ideal.is_empty() {
        let line = panel.ideal.iter().map(|point| pixel(*point)).collect();
        series::draw_ideal(area, line)?;
    }
    // All markers above all lines.
    for one in panel.series {
        for point in &one.points {
            let [low, middle, high] =
                [point.spread.0, point.median, point.spread.1].map(|time| pixel((point.x, time)));
            let bar = one.look.colour.stroke_width(2);
            area.draw(&PathElement::new(vec![low, high], bar))?;
            series::draw_marker(area, one.look, middle)?;
        }
    }
    Ok(())
}
