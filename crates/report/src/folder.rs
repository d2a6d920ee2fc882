//! The folder of a run: `raw.json`, `compare.jsonl` or both, and beside each of them what is
//! derived from it.
//!
//! ```text
//! raw.json        every sample of `cargo bench`; cannot be made again
//! tables.md
//!
//! compare.jsonl   every trial of `flagrace compare`; cannot be made again
//! compare.md  compare.csv  scaling-*.svg  timelines.svg  index.html
//! ```
//!
//! One invocation of either writes its file anew. Each file is written under another name and
//! renamed, so that a reader never sees half of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::comparison::{self, Comparison, DERIVED, Material};
use crate::error::Error;
use crate::export::{self, TABLES};
use crate::run::{FORMAT, Run};

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

/// Writes a run to a folder, which is made where it is not there: `raw.json` and
/// all that is derived from it. A derived file that the run no longer has is removed.
///
/// # Errors
///
/// Where the run contradicts itself or a file cannot be drawn or written.
pub fn write(folder: &Path, run: &Run) -> Result<(), Error> {
    let path = folder.join(RAW);
    run.check().map_err(|what| Error::Invalid {
        path: path.clone(),
        what,
    })?;
    fs::create_dir_all(folder).map_err(Error::write(folder))?;
    let mut raw = serde_json::to_string_pretty(run).map_err(Error::Serialise)?;
    raw.push('\n');
    write_file(&path, &raw)?;
    put_derived(folder, Some(run), comparison_beside(folder)?.as_ref())
}

/// Makes everything that is derived from a comparison in its folder.
///
/// # Errors
///
/// Where a file cannot be drawn or written.
pub fn derive(folder: &Path, comparison: &Comparison) -> Result<(), Error> {
    let run = understood(read(folder))?;
    put_derived(folder, run.as_ref(), Some(comparison))
}

/// Writes a run and a comparison to a folder, with what is derived from them.
///
/// # Errors
///
/// As [`write()`].
pub fn keep(folder: &Path, run: &Run, comparison: &Comparison) -> Result<(), Error> {
    comparison::write(folder, comparison)?;
    write(folder, run)
}

/// The comparison beside a run. One that cannot be understood is none: whoever measures
/// anew should not be kept from it by what was there before.
fn comparison_beside(folder: &Path) -> Result<Option<Comparison>, Error> {
    understood(comparison::read(folder))
}

/// What was read, or `None` where it is not there or cannot be understood.
fn understood<T>(read: Result<T, Error>) -> Result<Option<T>, Error> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Error::Json { .. } | Error::Format { .. } | Error::Invalid { .. }) => Ok(None),
        Err(Error::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn put_derived(
    folder: &Path,
    run: Option<&Run>,
    comparison: Option<&Comparison>,
) -> Result<(), Error> {
    for (path, text) in derived(folder, run, comparison)? {
        put(&path, text.as_deref())?;
    }
    Ok(())
}

/// Each derived file of a folder with the text that it must hold; `None` where it
/// must not be there.
pub(crate) fn derived(
    folder: &Path,
    run: Option<&Run>,
    comparison: Option<&Comparison>,
) -> Result<Vec<(PathBuf, Option<String>)>, Error> {
    let mut files = vec![(folder.join(TABLES), run.map(export::markdown))];
    let material = comparison.map(|comparison| Material::new(comparison, run));
    for (name, make) in DERIVED {
        let text = material.as_ref().map(make).transpose()?;
        files.push((folder.join(name), text.flatten()));
    }
    Ok(files)
}

/// Writes a text under its final name only once it is whole, or removes the file.
pub(crate) fn put(path: &Path, text: Option<&str>) -> Result<(), Error> {
    match text {
        Some(text) => write_file(path, text),
        None => match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::write(path)(error)),
            _ => Ok(()),
        },
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), Error> {
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
