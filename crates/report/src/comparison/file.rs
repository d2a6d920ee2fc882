//! The file that keeps a comparison: JSON Lines, one for each scenario and trial.
//!
//! Lines are only ever added, a round at a time, so that whatever ends the program costs at
//! most the round under way.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::raw::{Comparison, FORMAT, Scenario, Timeline, Trial};
use crate::error::Error;
use crate::run::Meta;

/// The name of the file in the folder of a run.
pub const FILE: &str = "compare.jsonl";

/// One line of the file. The header is the first.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Comparison(Header),
    Scenario(Scenario),
    Trial(Trial),
    Timeline(Timeline),
}

#[derive(Serialize, Deserialize)]
struct Header {
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

/// A file that is being written.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
}

impl Writer {
    /// Begins the file of a folder with what is known already. The folder is made where it
    /// is not there; a file that is there is replaced at once or not at all.
    ///
    /// # Errors
    ///
    /// Where the folder or the file cannot be written.
    pub fn create(folder: &Path, known: &Comparison) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::write(folder))?;
        let path = folder.join(FILE);
        let unfinished = folder.join(format!("{FILE}.{}.tmp", std::process::id()));
        let file = File::create(&unfinished).map_err(Error::write(&unfinished))?;
        let mut writer = Self { path, file };
        writer.put(&[Line::Comparison(Header {
            format: FORMAT,
            meta: known.meta.clone(),
        })])?;
        for scenario in &known.scenarios {
            writer.scenario(scenario)?;
        }
        writer.trials(&known.trials)?;
        for timeline in &known.timelines {
            writer.timeline(timeline)?;
        }
        fs::rename(&unfinished, &writer.path).map_err(Error::write(&writer.path))?;
        Ok(writer)
    }

    /// Adds a scenario, before its trials.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn scenario(&mut self, scenario: &Scenario) -> Result<(), Error> {
        self.put(&[Line::Scenario(scenario.clone())])
    }

    /// Adds the trials of a round.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn trials(&mut self, trials: &[Trial]) -> Result<(), Error> {
        let lines: Vec<Line> = trials.iter().cloned().map(Line::Trial).collect();
        self.put(&lines)
    }

    /// Adds the course of a download.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn timeline(&mut self, timeline: &Timeline) -> Result<(), Error> {
        self.put(&[Line::Timeline(timeline.clone())])
    }

    fn put(&mut self, lines: &[Line]) -> Result<(), Error> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line).map_err(Error::Serialise)?;
            text.push(b'\n');
        }
        // In one call, so that a reader sees whole lines.
        let written: io::Result<()> = self.file.write_all(&text);
        written.map_err(Error::write(&self.path))
    }
}
