//! The one module that reads criterion's files, and turns them into [`Cell`]s.
//!
//! The files are criterion's private details, so this is written against one
//! release, 0.8.2, to which the workspace is pinned. What it relies on:
//!
//! ```text
//! <target>/criterion/<group>/<function>/<value>/new/benchmark.json    the names
//! <target>/criterion/<group>/<function>/<value>/new/sample.json       the samples
//! ```
//!
//! - A level is left out where a benchmark has no function or no value, and the
//!   folders' names are made safe for file systems: names are read from
//!   `benchmark.json` alone.
//! - `sample.json` has one entry a sample in `iters` and in `times`, the latter in
//!   nanoseconds for all iterations of the sample together.
//! - `new/` is rewritten by each run, and what earlier runs left stays: only files
//!   at least as young as a given moment are of this run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;

use crate::error::Error;
use crate::run::Cell;

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
}

#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// The cells of a group below criterion's folder (`target/criterion`) whose samples were written
/// at or after `since`, in the order of measuring. A folder that does not exist holds none. The
/// engine is criterion's function (the group's name where it has none), the scenario criterion's
/// value (empty where it has none).
///
/// Take `since` before the first benchmark starts.
///
/// # Errors
///
/// Where a folder or a file cannot be read, or is not what criterion 0.8.2 writes.
pub fn cells(criterion: &Path, group: &str, since: SystemTime) -> Result<Vec<Cell>, Error> {
    let mut found = Vec::new();
    if criterion.exists() {
        walk(criterion, since, &mut found)?;
    }
    found.sort_by(|(a_time, a_path, ..), (b_time, b_path, ..)| {
        (a_time, a_path).cmp(&(b_time, b_path))
    });
    let of_group = found.into_iter().filter(|(_, _, name, _)| name == group);
    Ok(of_group.map(|(_, _, _, cell)| cell).collect())
}

/// When and where the samples were written, the group, and its cell.
type Found = (SystemTime, PathBuf, String, Cell);

fn walk(folder: &Path, since: SystemTime, found: &mut Vec<Found>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::read(folder))? {
        let path = entry.map_err(Error::read(folder))?.path();
        if !path.is_dir() {
            continue;
        }
        // A group may itself be called "new": what tells the folder is its files.
        let sample = path.join("sample.json");
        if path.file_name().is_some_and(|name| name == "new") && sample.is_file() {
            let modified = fs::metadata(&sample).and_then(|meta| meta.modified());
            let modified = modified.map_err(Error::read(&sample))?;
            if modified >= since {
                let (group, cell) = read_one(&path)?;
                found.push((modified, sample, group, cell));
            }
        } else {
            walk(&path, since, found)?;
        }
    }
    Ok(())
}

fn read_one(folder: &Path) -> Result<(String, Cell), Error> {
    let names: Benchmark = parse(
        &folder.join("benchmark.json"),
        "criterion 0.8.2's description of a benchmark",
    )?;
    let path = folder.join("sample.json");
    let sample: Sample = parse(&path, "criterion 0.8.2's samples")?;
    if sample.iters.len() != sample.times.len() || sample.iters.contains(&0.0) {
        return Err(Error::Invalid {
            path,
            what: format!(
                "{} counts of iterations and {} times; there should be as many of both, and no count of 0",
                sample.iters.len(),
                sample.times.len()
            ),
        });
    }
    let samples = (sample.times.iter().zip(&sample.iters))
        .map(|(nanoseconds, iterations)| nanoseconds / iterations / 1e9)
        .collect();
    let scenario = names.value_str.unwrap_or_default();
    let cell = Cell {
        engine: names.function_id.unwrap_or_else(|| names.group_id.clone()),
        x: scenario.parse().ok().filter(|x: &f64| x.is_finite()),
        scenario,
        samples,
    };
    Ok((names.group_id, cell))
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path, expected: &'static str) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(Error::read(path))?;
    serde_json::from_str(&text).map_err(|source| Error::Json {
        path: path.to_path_buf(),
        expected,
        source,
    })
}
