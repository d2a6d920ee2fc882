//! Recorded runs: `results/<date>-<host>/`, committed, and never overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::folder::{self, LATEST};
use crate::run::{Meta, Run};
use crate::stale;

/// The groups without which a run is not whole.
pub const GROUPS: [&str; 10] = [
    "latency",
    "concurrency",
    "controls",
    "save",
    "metadata",
    "styles",
    "errors",
    "setup",
    "spinner",
    "memory",
];

/// What a run must be in order to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Whether a run of a tree with uncommitted changes is taken.
    pub allow_dirty: bool,
    /// The groups that the run must have.
    pub required: &'a [&'a str],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            allow_dirty: false,
            required: &GROUPS,
        }
    }
}

/// Promotes `results/latest` to a folder of its own, named after the day and the
/// host, with `-2`, `-3` and so on where that is taken. Then refreshes the index of
/// the results and the README's section. Returns the new folder.
///
/// # Errors
///
/// Where there is no run, or it is quick, not whole, or of uncommitted changes; and
/// where a file cannot be read or written. The README is looked at first: where its
/// markers are missing nothing is recorded.
pub fn record(results: &Path, readme: &Path, options: Options<'_>) -> Result<PathBuf, Error> {
    let latest = results.join(LATEST);
    if !latest.join(folder::RAW).exists() {
        return Err(Error::NothingToRecord { path: latest });
    }
    let run = folder::read(&latest)?;
    refuse(&latest, &run, options)?;
    stale::find_section(readme)?;

    let recorded = reserve(results, &run.meta)?;
    if let Err(error) = folder::write(&recorded, &run) {
        // The folder is ours and not whole; the first error is the one to tell.
        let _ = fs::remove_dir_all(&recorded);
        return Err(error);
    }
    stale::refresh(results, readme)?;
    Ok(recorded)
}

fn refuse(latest: &Path, run: &Run, options: Options<'_>) -> Result<(), Error> {
    let path = latest.to_path_buf();
    if run.meta.quick {
        return Err(Error::Quick { path });
    }
    let missing: Vec<String> = (options.required.iter())
        .filter(|name| run.group(name).is_none_or(|group| group.cells.is_empty()))
        .map(|name| (*name).to_owned())
        .collect();
    if !missing.is_empty() {
        return Err(Error::Incomplete { path, missing });
    }
    if run.meta.dirty && !options.allow_dirty {
        return Err(Error::Dirty {
            path,
            revision: run.meta.revision.clone(),
        });
    }
    Ok(())
}

/// Makes the first folder of that day and host that is not there yet.
fn reserve(results: &Path, meta: &Meta) -> Result<PathBuf, Error> {
    let day = meta.day().unwrap_or("undated");
    let base = format!("{day}-{}", host_name(&meta.host));
    let mut nth = 1;
    loop {
        let name = if nth == 1 {
            base.clone()
        } else {
            format!("{base}-{nth}")
        };
        let path = results.join(name);
        // Making it is the test: two that record at once cannot both succeed.
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => nth += 1,
            Err(error) => return Err(Error::write(&path)(error)),
        }
    }
}

/// A host's name that is one part of a path, whatever it holds.
fn host_name(host: &str) -> String {
    let safe: String = host
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    match safe.trim_matches('-') {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::host_name;

    #[test]
    fn a_host_never_leaves_the_folder() {
        assert_eq!(host_name("Desk-2.example.org"), "desk-2-example-org");
        assert_eq!(host_name("../../etc"), "etc");
        assert_eq!(host_name("/"), "unnamed");
        assert_eq!(host_name(""), "unnamed");
        assert_eq!(host_name(&"x".repeat(5000)).len(), 40);
    }
}
