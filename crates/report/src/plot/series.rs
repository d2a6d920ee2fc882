//! One engine's points, how they look, and the legend that says so.

use std::iter::Cycle;
use std::slice::Iter;

use plotters::element::{Circle, DashedPathElement, PathElement};
use plotters::style::{Color, FontStyle, RGBColor, ShapeStyle};

use super::{Area, Drawn, FAINT_INK, INK, label};

/// A time and its spread at a place on the x axis; times in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) median: f64,
    pub(super) spread: (f64, f64),
}

/// One engine.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) engine: String,
    pub(super) look: Look,
    pub(super) points: Vec<Point>,
}

/// A colour, a shape and a size.
///
/// Engines tie more often than not, so nothing may hide what lies beneath: shapes
/// are hollow and lie within each other, and lines are the thinner the later they
/// are drawn. Moving ties aside instead would make some lines look better than the
/// best that is possible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) colour: RGBColor,
    shape: Shape,
    /// From the middle to the rim, in pixels.
    size: i32,
    /// The width of the line, in pixels.
    line: u32,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    Circle,
    Square,
    Up,
    Down,
    Diamond,
    Bar,
    Plus,
    Left,
    Right,
}

/// An engine looks the same in every plot, whichever others are in it. The largest
/// comes first, as the columns of a table do.
const KNOWN: [(&str, Look); 9] = [
    ("seq", look((90, 90, 90), Shape::Bar, 8, 3)),
    ("threads", look((0, 114, 178), Shape::Circle, 9, 8)),
    ("rayon", look((213, 94, 0), Shape::Square, 6, 5)),
    ("async", look((0, 158, 115), Shape::Up, 4, 2)),
    ("rayon-default", look((230, 159, 0), Shape::Diamond, 7, 2)),
    ("async-multi", look((204, 121, 167), Shape::Down, 6, 2)),
    ("threads-reqwest", look((86, 180, 233), Shape::Left, 7, 3)),
    ("async-ureq", look((153, 153, 51), Shape::Right, 7, 3)),
    ("threads-agents", look((51, 34, 136), Shape::Plus, 7, 2)),
];

/// For engines that have no look of their own, in turn.
const OTHERS: [Look; 3] = [
    look((86, 180, 233), Shape::Down, 6, 2),
    look((0, 0, 0), Shape::Diamond, 6, 2),
    look((204, 121, 167), Shape::Square, 8, 2),
];

const fn look((r, g, b): (u8, u8, u8), shape: Shape, size: i32, line: u32) -> Look {
    Look {
        colour: RGBColor(r, g, b),
        shape,
        size,
        line,
    }
}

/// Who looks how on one sheet.
pub(super) struct Looks(Cycle<Iter<'static, Look>>);

impl Looks {
    pub(super) fn new() -> Self {
        Self(OTHERS.iter().cycle())
    }

    /// The look of an engine. It is asked once for each engine.
    pub(super) fn of(&mut self, engine: &str) -> Option<Look> {
        let known = KNOWN.iter().find(|(name, _)| *name == engine);
        known
            .map(|(_, look)| *look)
            .or_else(|| self.0.next().copied())
    }
}

/// The upper end of the highest spread, in seconds.
pub(super) fn highest(series: &[Series]) -> f64 {
    let points = series.iter().flat_map(|one| &one.points);
    points.map(|point| point.spread.1).fold(0.0, f64::max)
}

/// The lower end of the lowest spread, in seconds.
pub(super) fn lowest(series: &[Series]) -> f64 {
    let points = series.iter().flat_map(|one| &one.points);
    points
        .map(|point| point.spread.0)
        .fold(f64::INFINITY, f64::min)
}

/// A hollow marker around a point.
pub(super) fn draw_marker(area: &Area<'_>, look: Look, (x, y): (i32, i32)) -> Drawn {
    let r = look.size;
    let corners: &[(i32, i32)] = match look.shape {
        Shape::Circle => return area.draw(&Circle::new((x, y), r, look.colour.stroke_width(2))),
        Shape::Square => &[(-r, -r), (r, -r), (r, r), (-r, r)],
        Shape::Up => &[(-r, r - 1), (r, r - 1), (0, -r)],
        Shape::Down => &[(-r, 1 - r), (r, 1 - r), (0, r)],
        Shape::Diamond => &[(-r, 0), (0, -r), (r, 0), (0, r)],
        Shape::Bar => &[(-r, -2), (r, -2), (r, 2), (-r, 2)],
        Shape::Left => &[(r - 1, -r), (r - 1, r), (-r, 0)],
        Shape::Right => &[(1 - r, -r), (1 - r, r), (r, 0)],
        Shape::Plus => &[(-r, 0), (r, 0), (0, 0), (0, -r), (0, r), (0, 0)],
    };
    let at = |(dx, dy): &(i32, i32)| (x + dx, y + dy);
    // The first two corners again, so that the last one is joined as the others are.
    let rim: Vec<_> = corners.iter().chain(&corners[..2]).map(at).collect();
    area.draw(&PathElement::new(rim, look.colour.stroke_width(2)))
}

/// A cross, where an engine comes to nothing.
pub(super) fn draw_cross(area: &Area<'_>, look: Look, (x, y): (i32, i32)) -> Drawn {
    let r = 7;
    for line in [
        [(x - r, y - r), (x + r, y + r)],
        [(x - r, y + r), (x + r, y - r)],
    ] {
        area.draw(&PathElement::new(line, look.colour.stroke_width(3)))?;
    }
    Ok(())
}

/// The dashed line of what no engine can beat.
pub(super) fn draw_ideal(area: &Area<'_>, points: Vec<(i32, i32)>) -> Drawn {
    let style = FAINT_INK.stroke_width(2);
    area.draw(&DashedPathElement::new(points, 6, 4, style))
}

/// The line of the ideal with its name, from `(x, y)`.
pub(super) fn draw_legend(area: &Area<'_>, ideal: &str, (x, y): (i32, i32)) -> Drawn {
    draw_ideal(area, vec![(x, y), (x + 32, y)])?;
    area.draw(&label(ideal, (x + 42, y - 6), 17, INK, FontStyle::Normal))
}

/// The line between an engine's points: its colour mixed with white. It is opaque,
/// as lines that show through each other become one brown.
pub(super) fn line_style(look: Look) -> ShapeStyle {
    let pale = |part: u8| (u16::from(part) / 2 + 127) as u8;
    let RGBColor(r, g, b) = look.colour;
    RGBColor(pale(r), pale(g), pale(b)).stroke_width(look.line)
}
