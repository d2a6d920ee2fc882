//! Converts Twemoji's SVG to a GIF of the flag alone.

use std::cmp::Reverse;
use std::collections::HashMap;

use gif::{AnyExtension, Encoder, Extension, Frame};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::Result;

/// Attribution inside each file, so that it stays with a copied flag.
const COMMENT: &str = "Twemoji, (c) Twitter, Inc and other contributors, CC-BY-4.0, modified";

/// The width of every flag in pixels, chosen so that files are as large as in real flag
/// collections. 30 pixels per unit of Twemoji's grid, so that edges of stripes fall between pixels.
const WIDTH: u16 = 1080;

/// Colours in a file, transparent included. A flag has about a dozen flat colours; the rest are
/// blends along its edges, which add more to the size than to the picture.
const COLORS: usize = 64;

type Color = [u8; 3];

/// Draws the flag, cropped to its bounds: an emoji is a square with the flag in the middle.
pub(crate) fn gif(svg: &str) -> Result<Vec<u8>> {
    let tree = Tree::from_str(svg, &Options::default())?;
    let bounds = tree.root().abs_bounding_box();
    let scale = f32::from(WIDTH) / bounds.width();
    let height = (bounds.height() * scale).round() as u16;
    let mut pixmap = Pixmap::new(WIDTH.into(), height.into()).ok_or("no memory for its pixels")?;
    let transform = Transform::from_translate(-bounds.x(), -bounds.y()).post_scale(scale, scale);
    resvg::render(&tree, transform, &mut pixmap.as_mut());

    // GIF has no partial transparency. A pixel that is at least half opaque keeps its colour, so
    // that rounded corners keep their shape and have no dark rim.
    let pixels = pixmap.pixels().iter().map(|pixel| {
        let color = pixel.demultiply();
        (color.alpha() >= 128).then(|| [color.red(), color.green(), color.blue()])
    });
    encode(height, &pixels.collect::<Vec<_>>())
}

/// Writes pixels as a GIF with one frame; `None` is transparent.
fn encode(height: u16, pixels: &[Option<Color>]) -> Result<Vec<u8>> {
    let palette = palette(pixels);
    let transparent = u8::try_from(palette.len())?;
    let mut known: HashMap<Color, u8> = palette.iter().copied().zip(0..).collect();
    let mut index = |color| {
        *known
            .entry(color)
            .or_insert_with(|| nearest(&palette, color))
    };
    let mut indices = Vec::with_capacity(pixels.len());
    for run in pixels.chunk_by(|a, b| a == b) {
        let index = run[0].map_or(transparent, &mut index);
        indices.resize(indices.len() + run.len(), index);
    }
    // Every flag has transparent pixels: at least its round corners.
    let colors = [palette.concat(), vec![0xff; 3]].concat();
    let frame = Frame::from_indexed_pixels(WIDTH, height, indices, Some(transparent));

    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, WIDTH, height, &colors)?;
    encoder.write_raw_extension(
        AnyExtension::from(Extension::Comment),
        &[COMMENT.as_bytes()],
    )?;
    encoder.write_frame(&frame)?;
    drop(encoder);
    Ok(bytes)
}

/// The most frequent colours, with ties broken by the colour itself. At this size a flat colour
/// covers more pixels than a blend, so all flat colours are included exactly.
fn palette(pixels: &[Option<Color>]) -> Vec<Color> {
    let mut counts: HashMap<Color, usize> = HashMap::new();
    for run in pixels.chunk_by(|a, b| a == b) {
        if let Some(color) = run[0] {
            *counts.entry(color).or_default() += run.len();
        }
    }
    let mut colors: Vec<_> = counts.into_iter().collect();
    colors.sort_unstable_by_key(|&(color, count)| (Reverse(count), color));
    colors.truncate(COLORS - 1);
    colors.into_iter().map(|(color, _)| color).collect()
}

/// The index of the colour with the least squared distance.
fn nearest(palette: &[Color], color: Color) -> u8 {
    let distance = |other: &Color| -> u32 {
        let steps = color.iter().zip(other).map(|(a, b)| a.abs_diff(*b));
        steps.map(|step| u32::from(step).pow(2)).sum()
    };
    let best = (0..).zip(palette).min_by_key(|(_, other)| distance(other));
    best.map_or(0, |(index, _)| index)
}
