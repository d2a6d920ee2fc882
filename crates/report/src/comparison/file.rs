//! The file that keeps a comparison: JSON Lines, one for each scenario and trial.
//!
//! It is written whole, and then lines are added, a round at a time ([`Writer`](super::Writer)).

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::raw::{Comparison, FORMAT, Scenario, Timeline, Trial};
use crate::error::Error;
use crate::folder;
use crate::run::Meta;

/// The name of the file in the folder of a run.
pub const FILE: &str = "compare.jsonl";

/// One line of the file. The header is the first.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line {
    Comparison(Header),
    Scenario(Scenario),
    Trial(Trial),
    Timeline(Timeline),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    format: u32,
    meta: Meta,
}

/// Reads the comparison of a folder.
///
/// A last line that was not written whole, because the program was ended in the middle of
/// it, is passed over.
///
/// # Errors
///
/// Where the file cannot be read, is of another format, or contradicts itself.
pub fn read(folder: &Path) -> Result<Comparison, Error> {
    let path = folder.join(FILE);
    let bytes = fs::read(&path).map_err(Error::read(&path))?;
    // Whole lines only: what stands after the last line feed was not finished, and may end
    // within a letter.
    let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    let mut lines = (bytes[..end].split(|byte| *byte == b'\n'))
        .filter(|line| !line.is_empty())
        .map(serde_json::from_slice::<Line>);
    let json = |source| Error::Json {
        path: path.clone(),
        expected: "a comparison of flagrace",
        source,
    };
    let invalid = |what: &str| Error::Invalid {
        path: path.clone(),
        what: what.to_owned(),
    };
    let header = lines.next().ok_or_else(|| invalid("it is empty"))?;
    let Line::Comparison(Header { format, meta }) = header.map_err(json)? else {
        return Err(invalid("its first line is not `comparison`"));
    };
    if format != FORMAT {
        return Err(Error::Format {
            path,
            found: format,
            expected: FORMAT,
        });
    }
    let mut comparison = Comparison {
        meta,
        scenarios: Vec::new(),
        trials: Vec::new(),
        timelines: Vec::new(),
    };
    for line in lines {
        match line.map_err(json)? {
            Line::Comparison(_) => return Err(invalid("`comparison` is there twice")),
            Line::Scenario(scenario) => comparison.scenarios.push(scenario),
            Line::Trial(trial) => comparison.trials.push(trial),
            Line::Timeline(timeline) => comparison.timelines.push(timeline),
        }
    }
    comparison.check().map_err(|what| invalid(&what))?;
    Ok(comparison)
}

/// Writes a comparison as the file of a folder. The folder is made where it is not there; a
/// file that is there is replaced at once or not at all.
///
/// # Errors
///
/// Where the folder or the file cannot be written.
pub fn write(folder: &Path, comparison: &Comparison) -> Result<(), Error> {
    begin(folder, comparison).map(|_| ())
}

/// As [`write()`], and lines can be added to the file.
pub(super) fn begin(folder: &Path, comparison: &Comparison) -> Result<File, Error> {
    fs::create_dir_all(folder).map_err(Error::write(folder))?;
    let path = folder.join(FILE);
    let header = Line::Comparison(Header {
        format: FORMAT,
        meta: comparison.meta.clone(),
    });
    let scenarios = comparison.scenarios.iter().cloned().map(Line::Scenario);
    let trials = comparison.trials.iter().cloned().map(Line::Trial);
    let timelines = comparison.timelines.iter().cloned().map(Line::Timeline);
    let lines = [header].into_iter().chain(scenarios).chain(trials);
    folder::write_file(&path, &text(lines.chain(timelines))?)?;
    let file = File::options().append(true).open(&path);
    file.map_err(Error::write(&path))
}

/// Adds lines to a file, in one call, so that a reader sees whole lines.
pub(super) fn add(
    file: &mut File,
    path: &Path,
    lines: impl Iterator<Item = Line>,
) -> Result<(), Error> {
    let text = text(lines)?;
    file.write_all(text.as_bytes()).map_err(Error::write(path))
}

fn text(lines: impl Iterator<Item = Line>) -> Result<String, Error> {
    let mut text = String::new();
    for line in lines {
        text += &serde_json::to_string(&line).map_err(Error::Serialise)?;
        text.push('\n');
    }
    Ok(text)
}
