//! The one module that reads criterion's files, and makes scenarios of them.
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

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::data::{self, Design, Outcome, Point, Scenario, Trial};

#[derive(Deserialize)]
struct Names {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
}

#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// What criterion kept of one benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Benchmark {
    /// The engine: criterion's function, or the group's name where it has none.
    pub engine: String,
    /// Criterion's value: `10`, `memory`. Empty where it has none.
    pub value: String,
    /// One number for each sample.
    pub samples: Vec<f64>,
}

/// The benchmarks of a group in `target/criterion` that were written at or after `since`, in the
/// order of measuring, in seconds. A folder that does not exist holds none.
///
/// Take `since` before the first benchmark starts.
///
/// # Errors
///
/// If a folder or a file cannot be read, or is not what criterion 0.8.2 writes.
pub fn read(criterion: &Path, group: &str, since: SystemTime) -> anyhow::Result<Vec<Benchmark>> {
    let mut found = Vec::new();
    if criterion.exists() {
        walk(criterion, since, &mut found)?;
    }
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let of_group = found.into_iter().filter(|(_, _, name, _)| name == group);
    Ok(of_group.map(|(_, _, _, benchmark)| benchmark).collect())
}

/// One scenario for each value of a group, with its trials. `group` says what they have in
/// common: where the value is a number, `group.point` has the series and the axis. The engines
/// are those that were measured, in the order of `group.engines`; `key` is the metric.
#[must_use]
pub fn scenarios(
    group: &Scenario,
    key: &str,
    benchmarks: Vec<Benchmark>,
) -> Vec<(Scenario, Vec<Trial>)> {
    let mut scenarios: Vec<(Scenario, Vec<Trial>)> = Vec::new();
    for benchmark in benchmarks {
        let (value, engine) = (benchmark.value, benchmark.engine);
        let name = match &*value {
            "" => group.name.clone(),
            value => format!("{}-{value}", group.name),
        };
        let at = scenarios.iter().position(|(known, _)| known.name == name);
        let at = at.unwrap_or_else(|| {
            let x: Option<f64> = value.parse().ok().filter(|x: &f64| x.is_finite());
            let point = group.point.clone().zip(x);
            let title = match (&point, &*value) {
                (None, value) if !value.is_empty() => format!("{}: {value}", group.title),
                _ => group.title.clone(),
            };
            let point = point.map(|(point, x)| Point { x, ..point });
            let (engines, design) = (Vec::new(), Design::Sequential);
            scenarios.push((
                Scenario {
                    name: name.clone(),
                    title,
                    design,
                    point,
                    engines,
                    rounds: 0,
                    ..group.clone()
                },
                Vec::new(),
            ));
            scenarios.len() - 1
        });
        let (scenario, trials) = &mut scenarios[at];
        scenario.rounds = scenario.rounds.max(benchmark.samples.len());
        for (round, number) in (1..).zip(benchmark.samples) {
            trials.push(Trial {
                scenario: name.clone(),
                round,
                engine: engine.clone(),
                control: false,
                outcome: Outcome::Measured(data::Sample::of([(key, Some(number))])),
            });
        }
        scenario.engines.push(engine);
        let place = |engine: &String| group.engines.iter().position(|known| known == engine);
        (scenario.engines).sort_by_key(|engine| place(engine).unwrap_or(usize::MAX));
    }
    scenarios
}

/// When and where the samples were written, the group, and what was measured.
type Found = (SystemTime, PathBuf, String, Benchmark);

fn walk(folder: &Path, since: SystemTime, found: &mut Vec<Found>) -> anyhow::Result<()> {
    let cannot = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        // A group may itself be called "new": its files tell.
        let sample = path.join("sample.json");
        if path.ends_with("new") && sample.is_file() {
            let modified = fs::metadata(&sample).and_then(|meta| meta.modified());
            let modified = modified.with_context(cannot)?;
            if modified >= since {
                let (group, benchmark) = read_one(&path)?;
                found.push((modified, sample, group, benchmark));
            }
        } else if path.is_dir() {
            walk(&path, since, found)?;
        }
    }
    Ok(())
}

fn read_one(folder: &Path) -> anyhow::Result<(String, Benchmark)> {
    let names: Names = parse(&folder.join("benchmark.json"))?;
    let path = folder.join("sample.json");
    let Sample { iters, times } = parse(&path)?;
    ensure!(
        iters.len() == times.len() && !iters.contains(&0.0),
        "{}: {} counts of iterations and {} times; there should be as many of both, and no count \
         of 0",
        path.display(),
        iters.len(),
        times.len()
    );
    let seconds = |(nanoseconds, iterations): (f64, f64)| nanoseconds / iterations / 1e9;
    let benchmark = Benchmark {
        engine: names.function_id.unwrap_or_else(|| names.group_id.clone()),
        value: names.value_str.unwrap_or_default(),
        samples: times.into_iter().zip(iters).map(seconds).collect(),
    };
    Ok((names.group_id, benchmark))
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path) -> anyhow::Result<T> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let what = || format!("{} is not as criterion 0.8.2 writes it", path.display());
    serde_json::from_slice(&text).with_context(what)
}
