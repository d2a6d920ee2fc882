//! The embedded catalog: its codes, names and pictures.

#![allow(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use std::collections::BTreeSet;

use flagrace_catalog::{Flag, all, find};
use gif::{ColorOutput, DecodeOptions, Frame};
use rstest::rstest;

#[test]
fn there_are_259_flags_with_unique_codes_and_names() {
    assert_eq!(all().len(), 259);
    assert!(all().is_sorted_by(|a, b| a.code < b.code));
    let names: BTreeSet<_> = all().iter().map(|flag| flag.country).collect();
    assert_eq!(names.len(), all().len());
    for Flag { code, country, .. } in all() {
        let letters = code.bytes().filter(u8::is_ascii_uppercase).count();
        assert_eq!((code.len(), letters), (2, 2), "{code}");
        assert!((4..=50).contains(&country.chars().count()), "{country}");
        // File names contain the names.
        let unfit = |c: char| c.is_control() || "/\\\"".contains(c);
        assert!(!country.contains(unfit) && country.trim() == *country);
    }
}

#[test]
fn find_ignores_case_and_accepts_only_codes() {
    for flag in all() {
        assert_eq!(find(flag.code), Some(flag));
        assert_eq!(find(&flag.code.to_lowercase()), Some(flag));
    }
    // The last two are a single two-byte letter, and two of them.
    for wrong in ["", "B", "BRA", "XX", "  ", "é", "ÉÉ"] {
        assert_eq!(find(wrong), None, "{wrong:?}");
    }
}

#[test]
fn sizes_are_those_of_real_flag_collections() {
    let mut sizes: Vec<usize> = all().iter().map(|flag| flag.gif.len()).collect();
    sizes.sort_unstable();
    assert!(sizes[0] >= 1_000 && sizes[sizes.len() - 1] <= 36_864);
    let median = sizes[sizes.len() / 2];
    assert!((9_000..=11_500).contains(&median), "median {median}");
}

#[test]
fn authors_and_licence_are_named_in_every_file() {
    for part in ["Twemoji", "Twitter", "CC-BY-4.0", "modified"] {
        let named = |bytes: &[u8]| bytes.windows(part.len()).any(|at| at == part.as_bytes());
        assert!(all().iter().all(|flag| named(flag.gif)), "{part}");
    }
}

/// The only frame of a flag, in red, green, blue and opacity.
fn decoded(flag: &Flag) -> Frame<'static> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let mut decoder = options.read_info(flag.gif).unwrap();
    let frame = decoder.read_next_frame().unwrap().unwrap().clone();
    assert!(decoder.read_next_frame().unwrap().is_none(), "one frame");
    frame
}

/// The colour at a point in hundredths of width and height; `None` where it is transparent.
fn color(frame: &Frame<'_>, (across, down): (usize, usize)) -> Option<u32> {
    let [width, height] = [frame.width, frame.height].map(usize::from);
    let (x, y) = ((width - 1) * across / 100, (height - 1) * down / 100);
    let [red, green, blue, opacity] = frame.buffer.as_chunks().0[y * width + x];
    (opacity > 0).then(|| u32::from_be_bytes([0, red, green, blue]))
}

/// Corners are round, as Twemoji draws them; otherwise only Nepal's flag, which is not a rectangle,
/// has transparent pixels.
#[test]
fn every_flag_is_a_gif_of_one_width_that_it_fills() {
    for flag in all() {
        let (frame, code) = (decoded(flag), flag.code);
        assert_eq!(frame.width, 1080, "{code}");
        let (pixels, _) = frame.buffer.as_chunks::<4>();
        let runs = pixels.chunk_by(|one, next| one == next);
        let colors = runs.map(|run| run[0]).collect::<BTreeSet<_>>().len();
        assert!((4..=64).contains(&colors), "{code}: {colors} colours");
        let transparent = pixels.iter().filter(|pixel| pixel[3] == 0).count();
        let percent = transparent * 100 / pixels.len();
        if code == "NP" {
            assert!((20..50).contains(&percent), "{percent} %");
            continue;
        }
        assert!(percent < 3, "{code}: {percent} %");
        for corner in [(0, 0), (100, 0), (0, 100), (100, 100)] {
            assert_eq!(color(&frame, corner), None, "{code} {corner:?}");
        }
    }
}

/// The height, and the colours at some points.
#[rstest]
#[case("JP", 780, &[((50, 50), 0xed1b2f), ((5, 5), 0xeeeeee), ((95, 95), 0xeeeeee)])]
#[case("FR", 780, &[((15, 50), 0x002495), ((50, 50), 0xeeeeee), ((85, 50), 0xed2939)])]
#[case("DE", 780, &[((50, 15), 0x141414), ((50, 50), 0xed1f24), ((50, 85), 0xffcd05)])]
#[case("BR", 780, &[((3, 50), 0x009b3a), ((15, 50), 0xfedf01), ((35, 60), 0x002776)])]
#[case("CH", 1080, &[((50, 50), 0xffffff), ((10, 50), 0xd32d27)])]
#[case("NP", 1418, &[((20, 90), 0xdd2f45)])]
fn pictures_show_the_right_flag(
    #[case] code: &str,
    #[case] height: u16,
    #[case] points: &[((usize, usize), u32)],
) {
    let frame = decoded(find(code).unwrap());
    assert_eq!(frame.height, height);
    for &(point, expected) in points {
        assert_eq!(color(&frame, point), Some(expected), "{point:?}");
    }
}
