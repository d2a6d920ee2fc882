//! From Twemoji's SVG to the pixels of the flag alone.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::Result;

/// The width of every flag, in pixels; the height follows from the flag's own shape.
///
/// Flat colours compress so well that it takes this many pixels for the files to weigh what the
/// files of real flag collections weigh. It is 30 pixels to a unit of the usual drawing, 36 units
/// wide, which puts the edges of stripes between two pixels and not across one.
const WIDTH: u16 = 1080;

/// Rows of pixels, each `Some([red, green, blue])` or see-through.
pub(crate) struct Image {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) pixels: Vec<Option<[u8; 3]>>,
}

/// Draws the flag, cropped to its own bounds: an emoji is a square with the flag in its middle.
pub(crate) fn pixels(svg: &str) -> Result<Image> {
    let tree = Tree::from_str(svg, &Options::default()).map_err(|error| error.to_string())?;
    let bounds = tree.root().abs_bounding_box();
    if bounds.width() <= 0.0 || bounds.height() <= 0.0 {
        return Err("its drawing is empty".into());
    }
    let scale = f32::from(WIDTH) / bounds.width();
    let height = (bounds.height() * scale).round();
    if !(1.0..=2.0 * f32::from(WIDTH)).contains(&height) {
        return Err(format!("{height} is no sensible height for a flag"));
    }
    let height = height as u16;

    let mut pixmap = Pixmap::new(WIDTH.into(), height.into()).ok_or("no memory for its pixels")?;
    let transform = Transform::from_translate(-bounds.x(), -bounds.y()).post_scale(scale, scale);
    resvg::render(&tree, transform, &mut pixmap.as_mut());

    // GIF knows only opaque and see-through. What is at least half there counts as there, in its
    // own colour: the rounded corners then keep their shape and get no dark rim.
    let pixels = pixmap.pixels().iter().map(|pixel| {
        let color = pixel.demultiply();
        (color.alpha() >= 128).then(|| [color.red(), color.green(), color.blue()])
    });
    Ok(Image {
        width: WIDTH,
        height,
        pixels: pixels.collect(),
    })
}
