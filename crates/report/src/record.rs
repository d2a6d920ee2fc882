//! Recorded runs: `results/<date>-<host>/`, committed, and never overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::comparison::{self, Comparison};
use crate::error::Error;
use crate::folder::{self, LATEST, RESULTS};
use crate::run::{Meta, Run};
use crate::stale::{self, README};

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
pub const SCENARIOS: [&str; 6] = ["local", "delay", "save", "bare", "concurrency", "flags"];

/// Promotes `results/latest` of the project in `root` to a folder of its own, named after the day
/// and the host, with `-2`, `-3` and so on where that is taken. Then refreshes the index of the results and the README's
/// section. Returns the new folder. With `allow_dirty` the source may have uncommitted changes.
///
/// # Errors
///
/// Where there is no run or no comparison, where one of them is quick, not whole, or of
/// uncommitted changes, and where they are not of one run; and where a file cannot be read or
/// written. Where the README has no markers, nothing is recorded.
pub fn record(root: &Path, allow_dirty: bool) -> Result<PathBuf, Error> {
    let results = root.join(RESULTS);
    let latest = results.join(LATEST);
    for (file, command) in [
        (folder::RAW, "cargo bench"),
        (comparison::FILE, "flagrace compare --scenario all"),
    ] {
        let path = latest.join(file);
        if !path.exists() {
            let what = format!("there is no such file: run `{command}` first");
            return Err(Error::Invalid { path, what });
        }
    }
    let (run, comparison) = (folder::read(&latest)?, comparison::read(&latest)?);
    if let Some(what) = refusal(&run, &comparison, allow_dirty) {
        return Err(Error::Invalid { path: latest, what });
    }
    stale::find_section(&root.join(README))?;

    let recorded = reserve(&results, &run.meta)?;
    let kept =
        comparison::write(&recorded, &comparison).and_then(|()| folder::write(&recorded, &run));
    if let Err(error) = kept {
        // The folder is ours and not whole; the first error is the one to tell.
        let _ = fs::remove_dir_all(&recorded);
        return Err(error);
    }
    stale::refresh(root)?;
    Ok(recorded)
}

/// Why these are not to be recorded, if they are not, and what would be right.
fn refusal(run: &Run, comparison: &Comparison, allow_dirty: bool) -> Option<String> {
    if run.meta.quick {
        return Some("a quick run has too few samples: run `cargo bench` without `--quick`".into());
    }
    let there = |name: &&str| run.group(name).is_some_and(|group| !group.cells.is_empty());
    let missing = GROUPS.into_iter().filter(|name| !there(name));
    if let Some(missing) = listed(missing) {
        return Some(format!(
            "it lacks {missing}: run the whole of `cargo bench`"
        ));
    }
    if run.meta.dirty && !allow_dirty {
        return Some(format!(
            "it was measured with uncommitted changes (at revision {}): commit them and measure \
             again, or allow it",
            run.meta.revision
        ));
    }
    if let Some((what, run, comparison)) = run.meta.difference(&comparison.meta) {
        return Some(format!(
            "it holds two runs: the {what} of raw.json is {run}, of compare.jsonl {comparison}; \
             make both anew"
        ));
    }
    let there = |name: &&str| {
        comparison.scenarios.iter().any(|scenario| {
            let family = scenario.family.as_ref();
            scenario.name == *name || family.is_some_and(|family| family.name == *name)
        })
    };
    let missing = SCENARIOS.into_iter().filter(|name| !there(name));
    if let Some(missing) = listed(missing) {
        return Some(format!(
            "it lacks {missing}: run `flagrace compare --scenario all`"
        ));
    }
    comparison.scenarios.iter().find_map(|scenario| {
        let what = comparison.lacking(scenario)?;
        let name = &scenario.name;
        Some(format!(
            "in scenario {name}, {what}: run `flagrace compare --scenario all` to its end"
        ))
    })
}

/// Names with commas between them, if there are any.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| names.join(", "))
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
