//! The embedded catalog: its codes, names and pictures.

#![allow(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use std::collections::BTreeSet;

use flagrace_catalog::{ATTRIBUTION, Flag, all, find};
use gif::Decoder;
use rstest::rstest;
use serde_json::{Value, json};

#[test]
fn there_are_about_250_flags_with_unique_codes_and_names() {
    assert!((240..=262).contains(&all().len()), "{}", all().len());
    assert!(all().is_sorted_by(|a, b| a.code < b.code));
    let names: BTreeSet<_> = all().iter().map(|flag| flag.country).collect();
    assert_eq!(names.len(), all().len());
    for Flag { code, country, .. } in all() {
        let letters = code.bytes().filter(u8::is_ascii_uppercase).count();
        assert_eq!((code.len(), letters), (2, 2), "{code}");
        assert!((4..=50).contains(&country.chars().count()), "{country}");
        // Names are used in file names.
        let unfit = |c: char| c.is_control() || "/\\()\"".contains(c);
        assert!(!country.contains(unfit) && country.trim() == *country);
    }
}

#[test]
fn the_twenty_most_populous_countries_are_there() {
    let codes = "CN IN US ID BR PK NG BD RU JP MX PH VN ET EG DE IR TR CD FR";
    let found = codes.split(' ').filter(|code| find(code).is_some());
    assert_eq!(found.count(), 20);
}

#[test]
fn find_ignores_case_and_accepts_only_codes() {
    for flag in all() {
        assert_eq!(find(flag.code), Some(flag));
        assert_eq!(find(&flag.code.to_lowercase()), Some(flag));
    }
    // The last two are one letter of two bytes, and two of them.
    for wrong in ["", "B", "BRA", "XX", "  ", "é", "ÉÉ"] {
        assert_eq!(find(wrong), None, "{wrong:?}");
    }
}

#[test]
fn metadata_is_json_with_name_and_code() {
    for flag in all() {
        let value: Value = serde_json::from_str(flag.metadata).unwrap();
        let expected = json!({ "country": flag.country, "iso_cc": flag.code });
        assert_eq!(value, expected);
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
        assert!(named(ATTRIBUTION.as_bytes()), "{part}");
        assert!(all().iter().all(|flag| named(flag.gif)), "{part}");
    }
}

/// A decoded flag.
struct Picture {
    width: usize,
    height: usize,
    indices: Vec<u8>,
    palette: Vec<[u8; 3]>,
    transparent: u8,
}

impl Picture {
    fn of(flag: &Flag) -> Self {
        let mut decoder = Decoder::new(flag.gif).unwrap();
        let palette = decoder.global_palette().unwrap().as_chunks().0.to_vec();
        let frame = decoder.read_next_frame().unwrap().unwrap().clone();
        assert!(decoder.read_next_frame().unwrap().is_none(), "one frame");
        Self {
            width: frame.width.into(),
            height: frame.height.into(),
            indices: frame.buffer.to_vec(),
            palette,
            transparent: frame.transparent.unwrap(),
        }
    }

    /// The colour, roughly, at a point in hundredths of width and height.
    fn at(&self, (across, down): (usize, usize)) -> &'static str {
        let x = (self.width - 1) * across / 100;
        let y = (self.height - 1) * down / 100;
        let index = self.indices[y * self.width + x];
        if index == self.transparent {
            return "transparent";
        }
        let [red, green, blue] = self.palette[usize::from(index)];
        match [red, green, blue].map(|part| part >= 0x80) {
            [true, true, true] => "white",
            [true, true, false] => "yellow",
            [true, false, false] => "red",
            [false, true, _] => "green",
            [false, false, _] if blue >= 0x60 => "blue",
            [false, false, _] if green >= 0x60 => "green",
            _ => "black",
        }
    }
}

/// Corners are round, as Twemoji draws them; apart from these, only Nepal's flag, which is not a
/// rectangle, leaves anything transparent.
#[test]
fn every_flag_is_a_gif_of_one_width_that_it_fills() {
    for flag in all() {
        let (picture, code) = (Picture::of(flag), flag.code);
        assert_eq!(picture.width, 1080, "{code}");
        let colors = picture.indices.iter().collect::<BTreeSet<_>>().len();
        assert!((4..=64).contains(&colors), "{code}: {colors} colours");
        let transparent = picture.indices.iter();
        let transparent = transparent.filter(|&&index| index == picture.transparent);
        let percent = transparent.count() * 100 / picture.indices.len();
        if code == "NP" {
            assert!((20..50).contains(&percent), "{percent} %");
            continue;
        }
        assert!(percent < 3, "{code}: {percent} %");
        for corner in [(0, 0), (100, 0), (0, 100), (100, 100)] {
            assert_eq!(picture.at(corner), "transparent", "{code} {corner:?}");
        }
    }
}

/// The height, and the colours at some points.
#[rstest]
#[case("JP", 780, &[((50, 50), "red"), ((5, 5), "white"), ((95, 95), "white")])]
#[case("FR", 780, &[((15, 50), "blue"), ((50, 50), "white"), ((85, 50), "red")])]
#[case("DE", 780, &[((50, 15), "black"), ((50, 50), "red"), ((50, 85), "yellow")])]
#[case("ID", 780, &[((50, 25), "red"), ((50, 75), "white")])]
#[case("BR", 780, &[((3, 50), "green"), ((15, 50), "yellow"), ((35, 60), "blue")])]
#[case("CH", 1080, &[((50, 50), "white"), ((10, 50), "red")])]
#[case("NP", 1418, &[((99, 1), "transparent"), ((20, 90), "red")])]
fn pictures_show_the_right_flag(
    #[case] code: &str,
    #[case] height: usize,
    #[case] points: &[((usize, usize), &'static str)],
) {
    let picture = Picture::of(find(code).unwrap());
    assert_eq!(picture.height, height, "at a width of {}", picture.width);
    for &(point, color) in points {
        assert_eq!(picture.at(point), color, "{point:?}");
    }
}
