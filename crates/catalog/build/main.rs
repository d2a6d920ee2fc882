//! Renders every flag that Twemoji has and writes the table that `src/lib.rs` embeds.
//!
//! Into `OUT_DIR` go one `cc.gif` for each flag and `flags.rs`, an array expression that names
//! them. Each step is a module:
//!
//! - [`names`]: which codes are kept, and what they are called
//! - [`gec`]: the older American codes
//! - [`metadata`]: the three put together as JSON
//! - [`render`]: from the SVG to pixels
//! - [`encode`]: from pixels to a GIF
//!
//! Nothing here reads the clock, the network, the locale or a source of randomness, and no result
//! depends on the number of threads: two builds of one revision embed the same bytes.

mod encode;
mod gec;
mod metadata;
mod names;
mod render;

use std::fmt::Write as _;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use twemoji_assets::svg::SvgTwemojiAsset;

/// A failure is a sentence for whoever runs the build; nothing here is handled by kind.
type Result<T> = std::result::Result<T, String>;

fn main() -> ExitCode {
    // The modules in build/ are the only input that is not a dependency. Without this line cargo
    // would take every file of the package for one, and render again when a test changes.
    println!("cargo::rerun-if-changed=build");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={}", message.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let out_dir = std::env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or("OUT_DIR is not set: this program is meant to be run by cargo")?;
    let sources = sources();
    if sources.is_empty() {
        return Err("twemoji-assets holds no flags: is its feature `svg` on?".into());
    }
    draw_all(&sources, &out_dir)?;

    let mut table = String::from("// Written by crates/catalog/build/main.rs.\n[\n");
    for Source { code, .. } in &sources {
        let country = names::country(code)?;
        // Debug formatting of a string is a Rust literal, whatever the string holds.
        writeln!(
            table,
            "Flag {{ code: {code:?}, country: {country:?}, gif: include_bytes!({:?}), metadata: {:?} }},",
            file_name(code),
            metadata::json(code, &country),
        )
        .map_err(|error| error.to_string())?;
    }
    table.push_str("]\n");
    write(&out_dir.join("flags.rs"), table.as_bytes())
}

/// A flag to be: its code and its drawing.
struct Source {
    code: String,
    svg: &'static str,
}

/// All pairs of letters that Twemoji has a flag for, sorted.
///
/// The flags of England, Scotland and Wales are spelled in another way, with tag characters, and
/// are left out: nothing asks for them by two letters.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for first in 'A'..='Z' {
        for second in 'A'..='Z' {
            let emoji: String = [first, second].into_iter().filter_map(indicator).collect();
            if let Some(asset) = SvgTwemojiAsset::from_emoji(&emoji) {
                let code = String::from_iter([first, second]);
                sources.push(Source { code, svg: asset });
            }
        }
    }
    sources
}

/// The regional indicator of a letter; a pair of them is a flag.
fn indicator(letter: char) -> Option<char> {
    let offset = u32::from(letter).checked_sub(u32::from('A'))?;
    char::from_u32(u32::from('\u{1F1E6}') + offset)
}

/// Draws on as many threads as the machine has.
///
/// The flags are dealt out one by one, so that no thread gets a stretch of heavy ones.
fn draw_all(sources: &[Source], out_dir: &Path) -> Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                scope.spawn(move || {
                    let mut mine = sources.iter().skip(first).step_by(threads);
                    mine.try_for_each(|source| draw(source, out_dir))
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err("a thread that draws flags panicked".into()))
        })
    })
}

fn draw(source: &Source, out_dir: &Path) -> Result<()> {
    let Source { code, svg } = source;
    let gif = render::pixels(svg)
        .and_then(|image| encode::gif(&image))
        .map_err(|error| format!("the flag {code}: {error}"))?;
    write(&out_dir.join(file_name(code)), &gif)
}

fn file_name(code: &str) -> String {
    format!("{}.gif", code.to_ascii_lowercase())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
