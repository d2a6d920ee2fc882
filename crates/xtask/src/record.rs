//! Recorded runs: `results/<date>-<host>/`, committed and never overwritten.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::data::Run;

use crate::refresh::{self, BENCH, COMPARE, MAP, SERVERS};

/// Copies the files of the newest run to a folder named after the day and the host, with `-2`, `-3`
/// and so on if that exists, and refreshes. Returns the new folder.
pub fn record(root: &Path) -> anyhow::Result<PathBuf> {
    let results = root.join("results");
    let from = results.join("latest");
    let mut runs: Vec<(&str, Run)> = Vec::new();
    for file in [COMPARE, BENCH, MAP, SERVERS] {
        let path = from.join(file);
        if [MAP, SERVERS].contains(&file) && !path.exists() {
            continue;
        }
        let run = Run::read(&path).context("measure first, with the commands in README.md")?;
        refuse(&run).with_context(|| format!("{} is not complete", path.display()))?;
        runs.push((file, run));
    }
    let compare = &runs[0].1.meta;
    ensure!(
        compare.command.contains("--scenario all"),
        "the comparison is only a part: run `flagrace compare --scenario all`"
    );
    ensure!(
        runs.iter().all(|(_, run)| run.meta.is_like(compare)),
        "the files are not of one revision and machine: measure all again"
    );
    // Check this before writing anything: it fails if the README has no markers.
    refresh::refresh(root, true)?;
    let day = compare.day().context("the run has no date")?;
    let is_special = |letter: char| !letter.is_ascii_alphanumeric();
    let name = format!("{day}-{}", compare.host.replace(is_special, "-"));
    let mut folder = results.join(&name);
    let mut number = 1;
    while folder.exists() {
        number += 1;
        folder = results.join(format!("{name}-{number}"));
    }
    fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (file, _) in &runs {
        let to = folder.join(file);
        fs::copy(from.join(file), &to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    refresh::refresh(root, false)?;
    Ok(folder)
}

/// Rejects a quick run, one with uncommitted changes, or an interrupted one.
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
    let mut left_out = BTreeSet::new();
    for analysis in analyse(run, Margins::default()) {
        let scenario = &analysis.scenario;
        let series = scenario.point.as_ref().map(|point| point.series.clone());
        let rounds = scenario.is_interleaved().then_some(scenario.rounds);
        let asked = rounds.unwrap_or(1);
        // A calibration has no verdict, and a timeline is for its picture.
        let may_be_short = series.as_deref() == Some("calibration")
            || (run.timelines.iter()).any(|one| one.scenario == scenario.name);
        ensure!(
            rounds.is_none_or(|rounds| rounds >= 20) || may_be_short,
            "scenario {:?} has fewer than 20 rounds; measure it again",
            scenario.name
        );
        for engine in &scenario.engines {
            let row = analysis.row(engine);
            let trials = row.map_or(0, |row| row.trials);
            // An engine that fails is left out of later rounds, and of later points.
            let key = (series.clone(), engine.clone());
            if row.is_some_and(|row| !row.failures.is_empty()) {
                left_out.insert(key.clone());
            }
            ensure!(
                trials >= asked || left_out.contains(&key),
                "scenario {:?}: {engine} has {trials} of {asked} rounds; measure it again",
                scenario.name
            );
        }
    }
    Ok(())
}
