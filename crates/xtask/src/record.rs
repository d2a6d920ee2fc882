//! Recorded runs: `results/<date>-<host>/`, committed and never overwritten.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use flagrace_report::data::{Meta, Run, Scenario};

use crate::refresh::{self, FILES};

/// The scenarios and series without which a comparison is not whole.
const REQUIRED: [&str; 4] = ["local", "delay", "bare", "concurrency"];

/// The most bytes of a recorded run.
const LARGEST: u64 = 1_000_000;

/// Copies the runs of `from` to a folder named after the day and the host, with `-2`, `-3` and
/// so on where that is taken, and refreshes. Returns the new folder.
pub fn record(root: &Path, from: &Path) -> anyhow::Result<PathBuf> {
    let runs = FILES.map(|(file, command)| {
        let path = from.join(file);
        ensure!(
            path.exists(),
            "{}: no such file; run `{command}` first",
            path.display()
        );
        let run = Run::read(&path)?;
        if let Some(why) = refusal(&run) {
            bail!("{}: {why}", path.display());
        }
        Ok(run)
    });
    let [compare, bench] = runs;
    let (compare, bench) = (compare?, bench?);
    if let Some((what, one, other)) = difference(&compare.meta, &bench.meta) {
        bail!("compare.jsonl and bench.jsonl are not of one run: {what} is {one} and {other}");
    }
    let has = |name: &&&str| {
        let is = |one: &Scenario| {
            one.name == **name
                || one
                    .point
                    .as_ref()
                    .is_some_and(|point| point.series == **name)
        };
        compare.scenarios.iter().any(is)
    };
    if let Some(missing) = REQUIRED.iter().find(|name| !has(name)) {
        bail!("no scenario {missing:?}; run `{}`", FILES[0].1);
    }
    // Fails before anything is written if the README has no markers.
    refresh::refresh(root, true)?;

    let folder = reserve(&root.join("results"), &compare.meta)?;
    let kept = keep(root, from, &folder);
    if kept.is_err() {
        // The folder is new and not whole. The first error is the one to tell.
        let _ = fs::remove_dir_all(&folder);
    }
    kept.map(|()| folder)
}

fn keep(root: &Path, from: &Path, folder: &Path) -> anyhow::Result<()> {
    for (file, _) in FILES {
        let to = folder.join(file);
        fs::copy(from.join(file), &to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    let mut size = 0;
    for (path, text) in refresh::files_of(folder)? {
        size += text.len() as u64;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for (file, _) in FILES {
        size += fs::metadata(folder.join(file))?.len();
    }
    ensure!(
        size <= LARGEST,
        "the run has {size} bytes; at most {LARGEST} are recorded"
    );
    refresh::refresh(root, false)?;
    Ok(())
}

/// Why a run is not to be recorded, and what would be right.
fn refusal(run: &Run) -> Option<String> {
    let meta = &run.meta;
    if meta.quick {
        return Some("a quick run; measure without `--quick`".to_owned());
    }
    if meta.dirty {
        let revision = &meta.revision;
        return Some(format!(
            "{revision} had uncommitted changes; commit, then measure again"
        ));
    }
    run.scenarios
        .iter()
        .find_map(|scenario| lacking(run, scenario))
}

/// The engine that has too few rounds and did not fail.
fn lacking(run: &Run, scenario: &Scenario) -> Option<String> {
    let mut trials: BTreeMap<(&str, bool), (usize, bool)> = BTreeMap::new();
    for engine in &scenario.engines {
        trials.insert((engine, false), (0, false));
    }
    if scenario.is_interleaved() {
        trials.insert((scenario.baseline(), true), (0, false));
    }
    for trial in run
        .trials
        .iter()
        .filter(|trial| trial.scenario == scenario.name)
    {
        let (rounds, failed) = trials.entry((&trial.engine, trial.control)).or_default();
        *rounds += 1;
        *failed |= trial.sample().is_none();
    }
    let asked = if scenario.is_interleaved() {
        scenario.rounds
    } else {
        1
    };
    let lacks = |(_, (rounds, failed)): &(_, (usize, bool))| *rounds < asked && !failed;
    let ((engine, _), (rounds, _)) = trials.into_iter().find(lacks)?;
    let name = &scenario.name;
    Some(format!(
        "scenario {name:?}: {engine} has {rounds} of {asked} rounds; measure it whole"
    ))
}

/// The first thing in which two files are not of one source, compiler and machine.
fn difference<'a>(one: &'a Meta, other: &'a Meta) -> Option<(&'static str, &'a str, &'a str)> {
    let key = |meta: &'a Meta| {
        [
            ("the revision", &*meta.revision),
            ("Cargo.lock", &*meta.lock_hash),
            ("the compiler", &*meta.rustc),
            ("the host", &*meta.host),
            ("the processor", &*meta.cpu),
        ]
    };
    (key(one).into_iter().zip(key(other)))
        .find(|((_, one), (_, other))| one != other)
        .map(|((what, one), (_, other))| (what, one, other))
}

/// Makes a folder that was not there.
fn reserve(results: &Path, meta: &Meta) -> anyhow::Result<PathBuf> {
    let day = meta.day().context("the run has no date")?;
    let host: String = (meta.host.chars())
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    for number in 1.. {
        let suffix = if number == 1 {
            String::new()
        } else {
            format!("-{number}")
        };
        let folder = results.join(format!("{day}-{host}{suffix}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot write {}", folder.display()));
            }
        }
    }
    unreachable!("some number is free")
}
