//! Whether the committed tables are what the committed raw data says, and making
//! them so.
//!
//! Three things are derived: the files in the folder of each recorded run, the
//! index `results/README.md`, and a section of the project's README between two
//! markers. [`check`] makes each of them again in memory and compares bytes.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::comparison::{self, Comparison, DERIVED};
use crate::error::Error;
use crate::export::TABLES;
use crate::folder;
use crate::folder::LATEST;
use crate::run::Run;

mod index;
mod section;

pub(crate) use section::find as find_section;
pub use section::{BEGIN, END};

pub use crate::page::REFRESH;

/// A derived file that is not what the raw data says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: &'static str,
    /// The command that mends it.
    pub command: &'static str,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "{path} {}: `{}` mends it", self.why, self.command)
    }
}

/// A recorded run with its comparison, and the name of their folder.
pub(crate) struct Recorded {
    pub(crate) folder: String,
    pub(crate) run: Run,
    pub(crate) comparison: Comparison,
}

/// Every derived file that differs from what the recorded raw data says. `latest`
/// is not a recorded run and is not looked at.
///
/// # Errors
///
/// Where a recorded run cannot be read, or the README lacks its markers.
pub fn check(results: &Path, readme: &Path) -> Result<Vec<Stale>, Error> {
    let mut stale = Vec::new();
    for (path, expected) in expected(results, readme)? {
        let found = read_if_there(&path)?;
        let why = match (&found, &expected) {
            (Some(found), Some(expected)) if found == expected.as_bytes() => continue,
            (None, None) => continue,
            (Some(_), Some(_)) => "is stale",
            (None, Some(_)) => "is missing",
            (Some(_), None) => "should not be there",
        };
        stale.push(Stale {
            path,
            why,
            command: REFRESH,
        });
    }
    Ok(stale)
}

/// Makes every derived file again, and returns those that were stale.
///
/// # Errors
///
/// As [`check`], and where a file cannot be written.
pub fn refresh(results: &Path, readme: &Path) -> Result<Vec<PathBuf>, Error> {
    let stale = check(results, readme)?;
    for (path, text) in expected(results, readme)? {
        if stale.iter().any(|one| one.path == path) {
            folder::put(&path, text.as_deref())?;
        }
    }
    Ok(stale.into_iter().map(|one| one.path).collect())
}

/// The folder of the newest recorded run that fits.
///
/// # Errors
///
/// Where a recorded run cannot be read.
pub fn newest(results: &Path, fits: impl Fn(&Path) -> bool) -> Result<Option<PathBuf>, Error> {
    let runs = recorded(results)?;
    let mut folders = runs.iter().map(|one| results.join(&one.folder));
    Ok(folders.find(|folder| fits(folder)))
}

/// Every derived file and the text that it must hold; `None` where it must not exist.
fn expected(results: &Path, readme: &Path) -> Result<Vec<(PathBuf, Option<String>)>, Error> {
    let runs = recorded(results)?;
    let mut files = Vec::new();
    for one in &runs {
        let folder = results.join(&one.folder);
        files.extend(folder::derived(
            &folder,
            Some(&one.run),
            Some(&one.comparison),
        )?);
    }
    files.push((results.join("README.md"), Some(index::page(&runs))));
    let text = section::splice(readme, results, &runs)?;
    files.push((readme.to_path_buf(), Some(text)));
    Ok(files)
}

/// The recorded runs, newest first.
fn recorded(results: &Path) -> Result<Vec<Recorded>, Error> {
    let entries = match fs::read_dir(results) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::read(results)(error)),
    };
    let mut runs = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::read(results))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == LATEST {
            continue;
        }
        // Other folders may stand beside the runs. One with tables in it is a run
        // that has lost its raw data, and reading it says so.
        let mut files = DERIVED.iter().map(|(file, _)| *file);
        let has = |file: &str| path.join(file).exists();
        if [folder::RAW, comparison::FILE, TABLES].into_iter().any(has) || files.any(has) {
            runs.push(Recorded {
                folder: name.into_owned(),
                run: folder::read(&path)?,
                comparison: comparison::read(&path)?,
            });
        }
    }
    let key = |one: &Recorded| (one.run.meta.date.clone(), one.folder.clone());
    runs.sort_by_key(|one| std::cmp::Reverse(key(one)));
    Ok(runs)
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::read(path)(error)),
    }
}
