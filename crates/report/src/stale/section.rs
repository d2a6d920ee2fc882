//! The section of the project's README that shows the newest recorded run, between
//! two markers. What stands outside them is left byte for byte as it is.

use std::fs;
use std::ops::Range;
use std::path::Path;

use super::{PLOTTED, Recorded};
use crate::comparison::{self, HEADLINES, Table, export};
use crate::error::Error;
use crate::folder::{RAW, RESULTS};
use crate::old_page as page;
use crate::run::Meta;

/// The line above the section.
pub const BEGIN: &str = "<!-- flagrace:table:begin -->";

/// The line below the section.
pub const END: &str = "<!-- flagrace:table:end -->";

/// The README's text with the section in it.
pub(super) fn splice(readme: &Path, runs: &[Recorded]) -> Result<String, Error> {
    let (text, inside) = find(readme)?;
    let section = match runs.first() {
        Some(newest) => section(newest),
        None => "No run is recorded yet.\n".to_owned(),
    };
    let generated = page::generated(&format!("{RESULTS}/*/{}", comparison::FILE));
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

/// When, where and of what, in a line.
fn recorded(meta: &Meta) -> String {
    format!(
        "Recorded on {} by {}: {}; {}; revision {}; the server: {}.\n",
        page::day(meta),
        page::code(&meta.command),
        page::text(&page::machine_line(meta)),
        page::text(&meta.rustc),
        page::revision(meta),
        page::text(&meta.server),
    )
}

/// The section of a run.
fn section(one: &Recorded) -> String {
    let (here, comparison) = (format!("{RESULTS}/{}", one.folder), &one.comparison);
    let findings = comparison::findings(comparison);
    let of = |name: &&str| (findings.tables.iter()).find(|table| table.scenario.name == **name);
    let tables: Vec<&Table> = HEADLINES.iter().filter_map(of).collect();
    let mut page = format!(
        "{}\n{}",
        recorded(&comparison.meta),
        export::headline(&tables, "###")
    );
    let families = findings.families.iter();
    for curves in families.filter(|curves| PLOTTED.contains(&&*curves.family)) {
        let (family, words) = (&curves.family, &curves.axis);
        page.push_str(&format!("\n### By {words}\n"));
        if let Some(headline) = curves.headline() {
            page.push_str(&format!("\n{}\n", page::text(&headline)));
        }
        page.push_str(&format!(
            "\n![Plot: wall time, memory and processor time of one flag, by {words}, one \
             line an engine]({here}/scaling-{family}.svg)\n"
        ));
    }
    page.push_str(&format!(
        "\nOf this run: [all tables]({here}/README.md), [every trial]({here}/{}), \
         [every sample]({here}/{RAW}); `flagrace report --open {here}` shows it as one page. \
         [All recorded runs]({RESULTS}/README.md).\n",
        comparison::FILE,
    ));
    page
}
