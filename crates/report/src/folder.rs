//! The folder of a run: `raw.json`, with every sample of `cargo bench`, `compare.jsonl`, with every
//! trial of `flagrace compare`, or both.
//!
//! One invocation of either writes its file anew, and nothing else. Each file is written under
//! another name and renamed, so that a reader never sees half of it.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;
use crate::run::{FORMAT, Run};

/// The folder of all runs, in that of the project.
pub const RESULTS: &str = "results";

/// The folder of the newest run, beneath the results. It is not committed.
pub const LATEST: &str = "latest";

/// The name of the file that holds a run.
pub const RAW: &str = "raw.json";

/// Reads the run of a folder.
///
/// # Errors
///
/// Where its `raw.json` cannot be read, is of another format or contradicts itself.
pub fn read(folder: &Path) -> Result<Run, Error> {
    let path = folder.join(RAW);
    let text = fs::read_to_string(&path).map_err(Error::read(&path))?;
    parse(&path, &text)
}

/// Writes a run to a folder, which is made where it is not there.
///
/// # Errors
///
/// Where the run contradicts itself or cannot be written.
pub fn write(folder: &Path, run: &Run) -> Result<(), Error> {
    let path = folder.join(RAW);
    run.check().map_err(|what| Error::Invalid {
        path: path.clone(),
        what,
    })?;
    fs::create_dir_all(folder).map_err(Error::write(folder))?;
    let mut raw = serde_json::to_string_pretty(run).map_err(Error::Serialise)?;
    raw.push('\n');
    write_file(&path, &raw)
}

/// Writes a text under its final name only once it is whole.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let unfinished = path.with_file_name(name);
    let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, path));
    written.map_err(|error| {
        // Nothing is left to do about a leftover that cannot be removed either.
        let _ = fs::remove_file(&unfinished);
        Error::write(path)(error)
    })
}

fn parse(path: &Path, text: &str) -> Result<Run, Error> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let json = |source| Error::Json {
        path: path.to_path_buf(),
        expected: "a raw run of flagrace",
        source,
    };
    // The version first: of another one, nothing else can be expected.
    let version: Version = serde_json::from_str(text).map_err(json)?;
    if version.format != FORMAT {
        return Err(Error::Format {
            path: path.to_path_buf(),
            found: version.format,
            expected: FORMAT,
        });
    }
    let run: Run = serde_json::from_str(text).map_err(json)?;
    run.check().map_err(|what| Error::Invalid {
        path: path.to_path_buf(),
        what,
    })?;
    Ok(run)
}
