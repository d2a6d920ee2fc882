//! From pixels to a GIF.

use std::borrow::Cow;
use std::collections::HashMap;

use gif::{AnyExtension, Encoder, Extension, Frame};

use crate::Result;
use crate::render::Image;

/// Written into every file, so that a flag that has left the catalog still says whose it is.
const COMMENT: &str = "Twemoji, (c) Twitter, Inc and other contributors, CC-BY-4.0, modified";

/// Colours in a file, see-through included: a power of two, as the format has it.
///
/// A flag has a dozen flat colours or so. The rest are the blends along its edges, up to 1,500 of
/// them, and these weigh more in the file than they show on the screen.
const COLORS: usize = 64;

pub(crate) fn gif(image: &Image) -> Result<Vec<u8>> {
    let palette = palette(image);
    let clear = u8::try_from(palette.len()).map_err(|_| "a GIF holds at most 256 colours")?;
    let mut frame = Frame {
        width: image.width,
        height: image.height,
        buffer: Cow::Owned(indices(image, &palette, clear)),
        ..Frame::default()
    };
    let mut table = palette.concat();
    if image.pixels.contains(&None) {
        frame.transparent = Some(clear);
        table.extend([0xff; 3]);
    }

    let mut bytes = Vec::new();
    let encode = |bytes: &mut Vec<u8>| {
        let mut encoder = Encoder::new(bytes, image.width, image.height, &table)?;
        let comment = AnyExtension::from(Extension::Comment);
        encoder.write_raw_extension(comment, &[COMMENT.as_bytes()])?;
        encoder.write_frame(&frame)
    };
    encode(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The most frequent colours.
///
/// At this size a flat colour covers more pixels than any blend along an edge, so all flat colours
/// are in it, exactly; a quantiser that averages would shift them. Ties are broken by the colour
/// itself, because the order of a hash map is another at every run.
fn palette(image: &Image) -> Vec<[u8; 3]> {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for run in image.pixels.chunk_by(|a, b| a == b) {
        if let Some(color) = run[0] {
            *counts.entry(color).or_default() += run.len();
        }
    }
    let mut colors: Vec<_> = counts.into_iter().collect();
    colors.sort_unstable_by_key(|&(color, count)| (std::cmp::Reverse(count), color));
    colors.truncate(COLORS - 1);
    colors.into_iter().map(|(color, _)| color).collect()
}

/// Each pixel as the place of its colour in the palette, or of the nearest one.
fn indices(image: &Image, palette: &[[u8; 3]], clear: u8) -> Vec<u8> {
    let mut known: HashMap<[u8; 3], u8> = (0..).zip(palette).map(|(i, &c)| (c, i)).collect();
    let mut indices = Vec::with_capacity(image.pixels.len());
    for run in image.pixels.chunk_by(|a, b| a == b) {
        let index = match run[0] {
            Some(color) => *known
                .entry(color)
                .or_insert_with(|| nearest(palette, color)),
            None => clear,
        };
        indices.resize(indices.len() + run.len(), index);
    }
    indices
}

fn nearest(palette: &[[u8; 3]], color: [u8; 3]) -> u8 {
    let distance = |other: &[u8; 3]| -> u32 {
        let steps = color.iter().zip(other).map(|(a, b)| a.abs_diff(*b));
        steps.map(|step| u32::from(step).pow(2)).sum()
    };
    let best = (0..).zip(palette).min_by_key(|(_, other)| distance(other));
    best.map_or(0, |(index, _)| index)
}
