//! That a GIF holds a flag, and the right one: each is decoded, and some are looked at.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may panic as the test may"
)]

use flagrace_catalog::{Flag, all, find};
use gif::Decoder;

/// A decoded flag, its pixels as places in the palette.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    palette: Vec<[u8; 3]>,
    clear: Option<u8>,
}

impl Picture {
    fn of(flag: &Flag) -> Self {
        let mut decoder = Decoder::new(flag.gif).unwrap();
        let palette = decoder.global_palette().unwrap().as_chunks().0.to_vec();
        let frame = decoder.read_next_frame().unwrap().unwrap();
        let picture = Self {
            width: frame.width.into(),
            height: frame.height.into(),
            pixels: frame.buffer.to_vec(),
            palette,
            clear: frame.transparent,
        };
        assert!(decoder.read_next_frame().unwrap().is_none(), "one frame");
        assert_eq!(picture.pixels.len(), picture.width * picture.height);
        picture
    }

    /// The colour at a place given in hundredths of the width and the height.
    fn at(&self, across: usize, down: usize) -> &'static str {
        let x = (self.width - 1) * across / 100;
        let y = (self.height - 1) * down / 100;
        let index = self.pixels[y * self.width + x];
        match self.clear {
            Some(clear) if clear == index => "clear",
            _ => name(self.palette[usize::from(index)]),
        }
    }
}

/// The name of a colour, roughly; the drawings have their own shades.
fn name([red, green, blue]: [u8; 3]) -> &'static str {
    match [red, green, blue].map(|part| part >= 0x80) {
        [true, true, true] => "white",
        [true, true, false] => "yellow",
        [true, false, false] => "red",
        [false, true, _] => "green",
        [false, false, _] if blue >= 0x60 => "blue",
        [false, false, false] if green >= 0x60 => "green",
        [false, false, false] => "black",
        _ => "purple",
    }
}

#[test]
fn every_flag_fills_a_picture_of_the_same_width() {
    let width = Picture::of(&all()[0]).width;
    for flag in all() {
        let picture = Picture::of(flag);
        let code = flag.code;
        assert_eq!(picture.width, width, "{code}");

        let mut counts = [0; 256];
        for &index in &picture.pixels {
            counts[usize::from(index)] += 1;
        }
        let colors = counts.iter().filter(|&&count| count > 0).count();
        assert!((4..=64).contains(&colors), "{code}: {colors} colours");

        // Round corners, as Twemoji draws them, and but for these the flag is all there is.
        // Nepal's is the only one that is not a rectangle.
        let clear = counts[usize::from(picture.clear.unwrap())];
        let percent = clear * 100 / picture.pixels.len();
        if code == "NP" {
            assert!((20..50).contains(&percent), "{percent} %");
            continue;
        }
        assert!(clear > 0 && percent < 3, "{code}: {percent} %");
        for (across, down) in [(0, 0), (100, 0), (0, 100), (100, 100)] {
            assert_eq!(picture.at(across, down), "clear", "{code} {across},{down}");
        }
    }
}

#[test]
fn shapes_are_not_stretched() {
    // The height of a picture whose width is 36.
    let height = |code| {
        let picture = Picture::of(find(code).unwrap());
        picture.height as f64 * 36.0 / picture.width as f64
    };
    assert_eq!(height("BR"), 26.0);
    assert_eq!(height("CH"), 36.0);
    assert_eq!(height("VA"), 36.0);
    assert!(height("NP") > 36.0, "Nepal's flag is higher than wide");
}

#[test]
fn well_known_flags_have_their_colours_where_they_belong() {
    // Hundredths of the width and of the height.
    let seen = [
        (
            "JP",
            vec![(50, 50, "red"), (5, 5, "white"), (95, 95, "white")],
        ),
        (
            "FR",
            vec![(15, 50, "blue"), (50, 50, "white"), (85, 50, "red")],
        ),
        (
            "IT",
            vec![(15, 50, "green"), (50, 50, "white"), (85, 50, "red")],
        ),
        (
            "DE",
            vec![(50, 15, "black"), (50, 50, "red"), (50, 85, "yellow")],
        ),
        ("UA", vec![(50, 25, "blue"), (50, 75, "yellow")]),
        ("ID", vec![(50, 25, "red"), (50, 75, "white")]),
        ("PL", vec![(50, 25, "white"), (50, 75, "red")]),
        ("CH", vec![(50, 50, "white"), (10, 50, "red")]),
        (
            "BR",
            vec![(3, 50, "green"), (15, 50, "yellow"), (35, 60, "blue")],
        ),
        ("NP", vec![(99, 1, "clear"), (20, 90, "red")]),
    ];
    for (code, places) in seen {
        let picture = Picture::of(find(code).unwrap());
        for (across, down, color) in places {
            assert_eq!(picture.at(across, down), color, "{code} {across},{down}");
        }
    }
}

#[test]
fn every_file_says_whose_it_is() {
    // A comment is plain text inside the file; a decoder would skip it.
    let comment = b"Twemoji, (c) Twitter, Inc and other contributors, CC-BY-4.0, modified";
    for flag in all() {
        assert!(flag.gif.starts_with(b"GIF89a") && flag.gif.ends_with(b";"));
        let holds = flag.gif.windows(comment.len()).any(|part| part == comment);
        assert!(holds, "{}", flag.code);
    }
}
