//! What the plots share: the sheet with its words, and who looks how.
//!
//! The plots are read by people who cannot tell red from green, in browsers that
//! show them on black, and by programs that read aloud: the palette is the one of
//! Okabe and Ito, each engine also has a shape of its own, the sheet is white, and
//! a title and a description stand in the file.

pub(crate) mod scaling;

mod axis;
mod panel;
mod series;

use std::io;

use plotters::coord::Shift;
use plotters::prelude::{
    DrawingArea, DrawingAreaErrorKind, FontStyle, IntoDrawingArea, IntoFont, RGBColor, SVGBackend,
    Text, TextStyle, WHITE,
};

use crate::error::Error;
use crate::page;
use crate::run::Meta;

/// A part of the sheet. Its coordinates are pixels from its upper left corner.
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The outcome of drawing.
type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<io::Error>>;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(34, 34, 34);
const FAINT_INK: RGBColor = RGBColor(95, 95, 95);
const GRID: RGBColor = RGBColor(226, 226, 226);

/// The height of the words above the panels, in pixels.
const HEAD: i32 = 108;
/// The height of the words below the panels, in pixels.
const FOOT: i32 = 34;

/// The words on a sheet.
struct Words<'a> {
    /// The name of the plot, for errors.
    plot: &'static str,
    title: String,
    subtitle: String,
    /// For those who do not see the plot.
    description: String,
    meta: &'a Meta,
}

/// Draws words and a legend, leaves the space between them to `panels`, and returns
/// the SVG.
fn sheet(
    (width, height): (u32, u32),
    words: &Words<'_>,
    ideal: Option<&str>,
    panels: impl FnOnce(&Area<'_>) -> Drawn,
) -> Result<String, Error> {
    let mut svg = String::new();
    let drawn = (|| {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        area.fill(&WHITE)?;
        area.draw(&label(&words.title, (24, 16), 26, INK, FontStyle::Bold))?;
        let below = label(&words.subtitle, (24, 48), 16, FAINT_INK, FontStyle::Normal);
        area.draw(&below)?;
        if let Some(ideal) = ideal {
            series::draw_legend(&area, ideal, (24, 86))?;
        }
        let foot = (24, height as i32 - 24);
        area.draw(&label(
            &source(words.meta),
            foot,
            11,
            FAINT_INK,
            FontStyle::Normal,
        ))?;
        let (middle, _) = area.split_vertically(height as i32 - FOOT);
        let (_, middle) = middle.split_vertically(HEAD);
        panels(&middle)?;
        area.present()
    })();
    drawn.map_err(|error| Error::Draw {
        plot: words.plot,
        why: error.to_string(),
    })?;
    Ok(describe(&svg, words))
}

fn label<'a>(
    text: &str,
    at: (i32, i32),
    size: i32,
    colour: RGBColor,
    style: FontStyle,
) -> Text<'a, (i32, i32), String> {
    let font: TextStyle<'_> = (FONT, size).into_font().style(style).color(&colour);
    Text::new(text.to_owned(), at, font)
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

/// Adds what a screen reader says to the drawing library's SVG.
fn describe(svg: &str, words: &Words<'_>) -> String {
    let Some((head, rest)) = svg.split_once('>') else {
        return svg.to_owned();
    };
    let mut described = format!(
        "{head} role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>{rest}",
        escape(&words.title),
        escape(&words.description),
    );
    if !described.ends_with('\n') {
        described.push('\n');
    }
    described
}

/// Words that XML takes for nothing but words. It has no place for control characters,
/// however they are written, and a message that a user would see may have some.
fn escape(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
