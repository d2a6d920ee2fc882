//! Recorded runs: `results/<date>-<host>/`, committed and never overwritten.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::data::{Meta, Run, Scenario};

use crate::refresh::{self, FILES};

/// The scenarios and series without which a comparison is not whole.
const REQUIRED: [&str; 4] = ["local", "delay", "bare", "concurrency"];

/// Copies the files of `from` to a folder named after the day and the host, with `-2`, `-3` and
/// so on where that is taken, and refreshes. Returns the new folder.
pub fn record(root: &Path, from: &Path) -> anyhow::Result<PathBuf> {
    let mut metas = Vec::new();
    for (file, command) in FILES {
        let path = from.join(file);
        ensure!(
            path.exists(),
            "{} is not there: run `{command}` first",
            path.display()
        );
        let run = Run::read(&path)?;
        refuse(&run).with_context(|| format!("{} is not whole", path.display()))?;
        let has = |name: &str| {
            let series = |one: &Scenario| one.point.as_ref().is_some_and(|at| at.series == name);
            (run.scenarios.iter()).any(|one| one.name == name || series(one))
        };
        let lacking = REQUIRED.iter().find(|name| metas.is_empty() && !has(name));
        if let Some(name) = lacking {
            bail!(
                "{} has no scenario {name:?}: run `{command}`",
                path.display()
            );
        }
        metas.push(run.meta);
    }
    let made = |meta: &Meta| {
        let (date, command) = (String::new(), String::new());
        Meta {
            date,
            command,
            ..meta.clone()
        }
    };
    ensure!(
        made(&metas[0]) == made(&metas[1]),
        "{} and {} are not of one revision and machine: measure both again",
        FILES[0].0,
        FILES[1].0
    );
    // Before anything is written: it fails if the README has no markers.
    refresh::refresh(root, true)?;
    let folder = reserve(&root.join("results"), &metas[0])?;
    for (file, _) in FILES {
        let to = folder.join(file);
        fs::copy(from.join(file), &to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    refresh::refresh(root, false)?;
    Ok(folder)
}

/// Refuses a run that is quick, of changes that are not committed, or interrupted.
fn refuse(run: &Run) -> anyhow::Result<()> {
    ensure!(
        !run.meta.quick,
        "a quick run has too few samples: measure without `--quick`"
    );
    ensure!(
        !run.meta.dirty,
        "revision {} had uncommitted changes: commit, then measure again",
        run.meta.revision
    );
    for analysis in analyse(run, Margins::default()) {
        let scenario = &analysis.scenario;
        let asked = if scenario.is_interleaved() {
            scenario.rounds
        } else {
            1
        };
        for engine in &scenario.engines {
            let row = analysis.row(engine);
            let (trials, failed) = row.map_or((0, 0), |row| (row.trials, row.failed()));
            // An engine that fails is left out of later rounds.
            ensure!(
                trials >= asked || failed > 0,
                "scenario {:?}: {engine} has {trials} of {asked} rounds; measure it again",
                scenario.name
            );
        }
    }
    Ok(())
}

/// Makes a folder that was not there.
fn reserve(results: &Path, meta: &Meta) -> anyhow::Result<PathBuf> {
    let day = meta.day().context("the run has no date")?;
    let host = meta
        .host
        .replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let names = (2..).map(|number| format!("{day}-{host}-{number}"));
    let mut folders = [format!("{day}-{host}")]
        .into_iter()
        .chain(names)
        .map(|name| results.join(name));
    let folder = folders
        .find(|folder| !folder.exists())
        .context("every name is taken")?;
    fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
