//! One pair of axes with its series.

use plotters::chart::ChartBuilder;
use plotters::element::{DashedPathElement, PathElement};
use plotters::style::{Color, FontStyle, IntoFont};

use super::axis::Axis;
use super::series::{self, Look, Series};
use super::{Area, Drawn, FAINT_INK, FONT, GRID, INK, label};

/// What a panel shows.
pub(super) struct Panel<'a> {
    /// What stands above it.
    pub(super) heading: &'a str,
    /// What the x axis counts, with its unit.
    pub(super) x_title: &'a str,
    pub(super) x: Axis,
    /// Times, in seconds; or bytes.
    pub(super) y: Axis,
    pub(super) series: &'a [Series],
    /// The least possible time, in seconds, by x.
    pub(super) ideal: Vec<(f64, f64)>,
    /// Where each series ends, if that is to be written beside it.
    pub(super) ends: Vec<End>,
}

/// The end of a series, with its name.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) look: Look,
    pub(super) name: String,
    /// The last point.
    pub(super) last: (f64, f64),
    /// Where it comes to nothing, on the x axis, if it does.
    pub(super) fails: Option<f64>,
}

/// The room for the names of the ends, and from one to the next, in pixels.
const NAMES: i32 = 170;
const APART: i32 = 17;

/// Draws a panel on all of `area`.
pub(super) fn draw(area: &Area<'_>, panel: &Panel<'_>) -> Drawn {
    area.draw(&label(panel.heading, (24, 6), 17, INK, FontStyle::Bold))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(36)
        .margin_right(if panel.ends.is_empty() { 20 } else { NAMES })
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
    let mut ends: Vec<(&End, (i32, i32))> = Vec::new();
    for end in &panel.ends {
        let last = pixel(end.last);
        let mut at = last;
        if let Some(x) = end.fails {
            at = pixel((x, end.last.1));
            let line = DashedPathElement::new([last, at], 2, 4, end.look.colour.stroke_width(2));
            area.draw(&line)?;
            series::draw_cross(area, end.look, at)?;
        }
        ends.push((end, at));
    }
    let (width, height) = area.dim_in_pixel();
    let column = width as i32 - NAMES + 22;
    let mut places: Vec<i32> = ends.iter().map(|(_, (_, y))| *y).collect();
    spread(&mut places, 44, height as i32 - 50);
    for ((end, (x, y)), place) in ends.into_iter().zip(places) {
        let line = vec![(x + 9, y), (column - 12, place), (column - 4, place)];
        area.draw(&PathElement::new(line, end.look.colour.stroke_width(1)))?;
        area.draw(&label(
            &end.name,
            (column, place - 7),
            15,
            INK,
            FontStyle::Normal,
        ))?;
    }
    Ok(())
}

/// Moves places on a line apart, as little as that takes, and keeps them between `first` and
/// `last` where there is room.
fn spread(places: &mut [i32], first: i32, last: i32) {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|index| (places[*index], *index));
    // Neighbours that are too near become a block around the middle of where they would be:
    // (how many, the sum of their wishes for where the block begins).
    let mut blocks: Vec<(i32, i32)> = Vec::new();
    for index in &order {
        let mut block = (1, places[*index]);
        while let Some(&(count, sum)) = blocks.last() {
            if sum / count + count * APART <= block.1 / block.0 {
                break;
            }
            blocks.pop();
            block = (count + block.0, sum + block.1 - block.0 * count * APART);
        }
        blocks.push(block);
    }
    let wishes = blocks
        .into_iter()
        .flat_map(|(count, sum)| (0..count).map(move |nth| sum / count + nth * APART));
    let mut least = first;
    for (index, wish) in order.iter().zip(wishes) {
        places[*index] = wish.max(least);
        least = places[*index] + APART;
    }
    let mut most = last;
    for index in order.iter().rev() {
        places[*index] = places[*index].min(most);
        most = places[*index] - APART;
    }
}

#[cfg(test)]
mod tests {
    use super::{APART, spread};

    #[test]
    fn names_stay_apart_in_their_order() {
        let mut places = [100, 101, 40, 100, 290];
        spread(&mut places, 44, 280);
        assert_eq!(places, [83, 117, 44, 100, 280]);
        let mut crowded = [270; 6];
        spread(&mut crowded, 44, 280);
        assert_eq!(crowded[5], 280);
        assert!(crowded.windows(2).all(|two| two[1] - two[0] == APART));
    }
}
