//! Draws every two-letter flag of Twemoji and writes the table that `src/lib.rs` embeds.
//!
//! It writes one `cc.gif` per flag and `flags.rs`, an array that includes them, to `OUT_DIR`.
//! `draw.rs` converts an SVG to a GIF. The output depends only on the source: two builds of one
//! revision embed the same bytes.

mod draw;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use twemoji_assets::svg::SvgTwemojiAsset;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    // Otherwise cargo would draw again whenever a test of this package changes.
    println!("cargo::rerun-if-changed=build");
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("run this with cargo")?);
    let rows = flags()
        .into_par_iter()
        .map(|(code, svg)| row(&code, svg, &out_dir));
    let rows: Vec<String> = rows.collect::<Result<_>>()?;
    fs::write(out_dir.join("flags.rs"), format!("[\n{}]\n", rows.concat()))?;
    Ok(())
}

/// All pairs of letters with a flag in Twemoji, sorted by code. A flag is two regional indicators,
/// whose order in Unicode is that of the letters.
fn flags() -> Vec<(String, &'static SvgTwemojiAsset)> {
    let letters = || ('A'..='Z').zip('\u{1F1E6}'..);
    let pairs = letters().flat_map(|first| letters().map(move |second| [first, second]));
    let flag = |[(a, first), (b, second)]: [(char, char); 2]| {
        let svg = SvgTwemojiAsset::from_emoji(&String::from_iter([first, second]))?;
        Some((String::from_iter([a, b]), svg))
    };
    pairs.filter_map(flag).collect()
}

/// Draws a flag into its file, and returns its row of the table.
fn row(code: &str, svg: &SvgTwemojiAsset, out_dir: &Path) -> Result<String> {
    let gif = draw::gif(svg).map_err(|error| format!("the flag {code}: {error}"))?;
    let name = format!("{}.gif", code.to_ascii_lowercase());
    fs::write(out_dir.join(&name), gif)?;
    let label = svg.label.ok_or("a flag without a label")?;
    let country = label.trim_start_matches("flag: ");
    let metadata = format!(r#"{{"country":"{country}","iso_cc":"{code}"}}"#);
    // The debug format of a string is a Rust literal.
    Ok(format!(
        "Flag {{ code: {code:?}, country: {country:?}, gif: include_bytes!({name:?}), metadata: {metadata:?} }},\n"
    ))
}
