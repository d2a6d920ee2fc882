//! The section of the project's README that shows the newest recorded run, between
//! two markers. What stands outside them is left byte for byte as it is.

use std::fs;
use std::ops::Range;
use std::path::{Component, Path};

use super::Recorded;
use crate::error::Error;
use crate::export;
use crate::folder;
use crate::page;

/// The line above the section.
pub const BEGIN: &str = "<!-- flagrace:table:begin -->";

/// The line below the section.
pub const END: &str = "<!-- flagrace:table:end -->";

/// The groups whose tables the section shows; the others are a link away.
const SHOWN: [&str; 2] = ["latency", "concurrency"];

/// The README's text with the section in it.
pub(super) fn splice(
    readme: &Path,
    results: &Path,
    newest: Option<&Recorded>,
) -> Result<String, Error> {
    let (text, inside) = find(readme)?;
    let link = link(readme, results)?;
    let section = match newest {
        Some(recorded) => section(&link, recorded)?,
        None => "No run is recorded yet.\n".to_owned(),
    };
    let generated = page::generated(&format!("{link}/*/{}", folder::RAW));
    Ok(format!(
        "{}{generated}\n{section}{}",
        &text[..inside.start],
        &text[inside.end..]
    ))
}

/// The README's text, and where in it the section stands.
pub(crate) fn find(readme: &Path) -> Result<(String, Range<usize>), Error> {
    let text = fs::read_to_string(readme).map_err(Error::read(readme))?;
    let markers = |what| Error::Markers {
        path: readme.to_path_buf(),
        what,
        begin: BEGIN,
        end: END,
    };
    let only = |marker: &str, missing, repeated| {
        let mut places = line_starts(&text, marker);
        let place = places.next().ok_or_else(|| markers(missing))?;
        match places.next() {
            None => Ok(place),
            Some(_) => Err(markers(repeated)),
        }
    };
    let begin = only(
        BEGIN,
        "the opening marker is missing",
        "the opening marker stands more than once",
    )?;
    let end = only(
        END,
        "the closing marker is missing",
        "the closing marker stands more than once",
    )?;
    // The line of the opening marker ends before that of the closing one starts.
    let start = text[begin..]
        .find('\n')
        .map_or(text.len(), |n| begin + n + 1);
    if start > end {
        return Err(markers("the closing marker stands above the opening one"));
    }
    Ok((text, start..end))
}

/// Where the lines start that hold `marker` and nothing else.
fn line_starts<'a>(text: &'a str, marker: &'a str) -> impl Iterator<Item = usize> + 'a {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let here = start;
        start += line.len();
        (line.trim() == marker).then_some(here)
    })
}

/// The results' folder as the README links to it.
fn link(readme: &Path, results: &Path) -> Result<String, Error> {
    let beside = readme.parent().unwrap_or(Path::new(""));
    let below = results.strip_prefix(beside).map_err(|_| Error::NotBelow {
        results: results.to_path_buf(),
        readme: readme.to_path_buf(),
    })?;
    let parts: Vec<_> = below
        .components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    Ok(parts.join("/"))
}

fn section(results: &str, Recorded { folder, run }: &Recorded) -> Result<String, Error> {
    let meta = &run.meta;
    let here = format!("{results}/{folder}");
    let mut page = format!(
        "Recorded on {} by {}: {}; {}; revision {}; the server: {}.\n\n",
        page::day(meta),
        page::code(&meta.command),
        page::machine_line(meta),
        page::text(&meta.rustc),
        page::revision(meta),
        page::text(&meta.server),
    );
    for (file, exporter) in export::FILES {
        if file.ends_with(".svg") && exporter.export(run)?.is_some() {
            let what = file.trim_end_matches(".svg").replace("wall", "wall time");
            let what = what.replace('-', " ");
            page.push_str(&format!(
                "![Plot: {what}, one line an engine]({here}/{file})\n\n"
            ));
        }
    }
    let shown = SHOWN.iter().filter_map(|name| run.group(name));
    page.push_str(&page::how_to_read(shown.clone()));
    for group in shown {
        page.push_str(&format!("\n{}", page::table(group, "###")));
    }
    page.push_str(&format!(
        "\nAll tables of this run: [Markdown]({here}/tables.md), [CSV]({here}/tables.csv), \
         [JSON]({here}/tables.json); [every sample]({here}/{}). [All recorded runs]({results}/README.md).\n",
        folder::RAW,
    ));
    Ok(page)
}
