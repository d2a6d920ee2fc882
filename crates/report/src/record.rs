//! Recorded runs: `results/<date>-<host>/`, committed, and never overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::comparison::{self, Comparison};
use crate::error::Error;
use crate::folder::{self, LATEST};
use crate::run::{Meta, Run};
use crate::stale;

/// The groups without which a run is not whole.
pub const GROUPS: [&str; 7] = [
    "latency",
    "concurrency",
    "save",
    "setup",
    "spinner",
    "memory",
    "overhead",
];

/// The scenarios, or families of them, without which a comparison is not whole.
pub const SCENARIOS: [&str; 6] = ["local", "delay", "save", "controls", "concurrency", "flags"];

/// What a run must be in order to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Whether a run of a tree with uncommitted changes is taken.
    pub allow_dirty: bool,
    /// The groups that the run must have.
    pub required: &'a [&'a str],
    /// The scenarios or families that its comparison must have. Where there is none of
    /// them, a run may be without a comparison.
    pub scenarios: &'a [&'a str],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            allow_dirty: false,
            required: &GROUPS,
            scenarios: &SCENARIOS,
        }
    }
}

/// Promotes `results/latest` to a folder of its own, named after the day and the
/// host, with `-2`, `-3` and so on where that is taken. Then refreshes the index of
/// the results and the README's section. Returns the new folder.
///
/// # Errors
///
/// Where there is no run or no comparison, where one of them is quick, not whole, or of
/// uncommitted changes, and where they are not of one run; and
/// where a file cannot be read or written. The README is looked at first: where its
/// markers are missing nothing is recorded.
pub fn record(results: &Path, readme: &Path, options: Options<'_>) -> Result<PathBuf, Error> {
    let latest = results.join(LATEST);
    if !latest.join(folder::RAW).exists() {
        return Err(Error::NothingToRecord { path: latest });
    }
    let run = folder::read(&latest)?;
    refuse(&latest, &run, options)?;
    let comparison = comparison_of(&latest, &run, options)?;
    stale::find_section(readme)?;

    let recorded = reserve(results, &run.meta)?;
    if let Err(error) = folder::keep(&recorded, &run, comparison.as_ref()) {
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

/// The comparison beside a run; refused where it does not belong to it or is not whole.
fn comparison_of(
    latest: &Path,
    run: &Run,
    options: Options<'_>,
) -> Result<Option<Comparison>, Error> {
    let path = latest.join(comparison::FILE);
    if !path.exists() {
        let needed = !options.scenarios.is_empty();
        return if needed {
            Err(Error::NoComparison { path })
        } else {
            Ok(None)
        };
    }
    let comparison = comparison::read(latest)?;
    if let Some((what, run, comparison)) = run.meta.difference(&comparison.meta) {
        let path = latest.to_path_buf();
        return Err(Error::TwoRuns {
            path,
            what,
            run,
            comparison,
        });
    }
    let there = |name: &&str| {
        comparison.scenarios.iter().any(|scenario| {
            let family = scenario.family.as_ref();
            scenario.name == *name || family.is_some_and(|family| family.name == *name)
        })
    };
    let missing = options.scenarios.iter().filter(|name| !there(name));
    let missing: Vec<String> = missing.map(|name| (*name).to_owned()).collect();
    if !missing.is_empty() {
        return Err(Error::LacksScenarios { path, missing });
    }
    for scenario in &comparison.scenarios {
        if let Some(what) = comparison.lacking(scenario) {
            let scenario = scenario.name.clone();
            return Err(Error::Unfinished {
                path,
                scenario,
                what,
            });
        }
    }
    Ok(Some(comparison))
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
