//! Recording and refreshing, in folders of planted runs.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use flagrace_report::data::{Point, Run};
use rstest::rstest;
use tempfile::TempDir;

use crate::agree::agree;
use crate::planted::{add, empty, noise, sample, scenario};
use crate::record::record;
use crate::refresh::{BEGIN, END, refresh};

/// A comparison in which async takes so many times the time of threads.
fn compare(factor: f64) -> Run {
    let mut run = empty();
    let engines = ["threads-bare", "async-bare"];
    let mut point = scenario("concurrency-10", &engines);
    point.point = Some(Point {
        series: "concurrency".to_owned(),
        axis: "requests at a time".to_owned(),
        x: 10.0,
    });
    for scenario in ["local", "delay", "bare"]
        .map(|name| scenario(name, &engines))
        .into_iter()
        .chain([point])
    {
        add(&mut run, scenario, |round, engine, control| {
            let factor = if engine == "async-bare" { factor } else { 1.0 };
            Some(sample(0.01 * factor * noise(round, engine, control, 0.01)))
        });
    }
    run
}

/// A project with a README and a newest run.
fn project(change: impl FnOnce(&mut Run, &mut Run)) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let readme = format!("# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n");
    fs::write(root.path().join("README.md"), readme).unwrap();
    let (mut compared, mut bench) = (compare(0.8), empty());
    change(&mut compared, &mut bench);
    compared
        .write(&root.path().join("results/latest/compare.jsonl"))
        .unwrap();
    bench
        .write(&root.path().join("results/latest/bench.jsonl"))
        .unwrap();
    root
}

fn record_latest(root: &Path) -> anyhow::Result<String> {
    let folder = record(root, &root.join("results/latest"))?;
    Ok(folder.file_name().unwrap().to_str().unwrap().to_owned())
}

/// Every file below a folder with its text.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.extend(
                self::files(&path)
                    .into_iter()
                    .map(|(file, text)| (format!("{name}/{file}"), text)),
            );
        } else {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn a_recorded_run_is_never_overwritten() {
    let root = project(|_, _| {});
    assert_eq!(record_latest(root.path()).unwrap(), "2026-01-02-vm");
    let first = files(&root.path().join("results/2026-01-02-vm"));
    assert!(first.contains_key("README.md") && first.contains_key("compare.jsonl"));
    assert_eq!(record_latest(root.path()).unwrap(), "2026-01-02-vm-2");
    assert_eq!(files(&root.path().join("results/2026-01-02-vm")), first);
    let index = fs::read_to_string(root.path().join("results/README.md")).unwrap();
    assert!(
        index.contains("[2026-01-02-vm-2](2026-01-02-vm-2/README.md)"),
        "{index}"
    );
    assert_eq!(
        refresh(root.path(), true).unwrap(),
        Vec::<std::path::PathBuf>::new()
    );
}

#[rstest]
#[case::uncommitted(|run: &mut Run, _: &mut Run| run.meta.dirty = true, "uncommitted changes")]
#[case::quick(|_: &mut Run, bench: &mut Run| bench.meta.quick = true, "quick run")]
#[case::two_revisions(|_: &mut Run, bench: &mut Run| bench.meta.revision = "f".to_owned(), "not of one run")]
#[case::lost_round(|run: &mut Run, _: &mut Run| { run.trials.pop(); }, "19 of 20 rounds")]
#[case::lost_scenario(
    |run: &mut Run, _: &mut Run| {
        run.scenarios.retain(|one| one.name != "bare");
        run.trials.retain(|one| one.scenario != "bare");
    },
    "no scenario \"bare\"",
)]
fn what_is_not_whole_is_not_recorded(
    #[case] change: impl FnOnce(&mut Run, &mut Run),
    #[case] why: &str,
) {
    let root = project(change);
    let before = files(root.path());
    let told = format!("{:#}", record_latest(root.path()).unwrap_err());
    assert!(told.contains(why), "{told}");
    assert_eq!(files(root.path()), before);
}

#[test]
fn a_readme_without_markers_stops_the_recording() {
    let root = project(|_, _| {});
    fs::write(root.path().join("README.md"), format!("{BEGIN}\n")).unwrap();
    let before = files(root.path());
    let told = format!("{:#}", record_latest(root.path()).unwrap_err());
    assert!(told.contains(END), "{told}");
    assert_eq!(files(root.path()), before);
}

#[test]
fn check_names_stale_files_and_changes_none() {
    let root = project(|_, _| {});
    record_latest(root.path()).unwrap();
    let current = files(root.path());
    for file in [
        "results/2026-01-02-vm/README.md",
        "results/README.md",
        "README.md",
    ] {
        let path = root.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("cargo xtask refresh", "hand")).unwrap();
        let edited = files(root.path());
        assert_eq!(refresh(root.path(), true).unwrap(), [path]);
        assert_eq!(files(root.path()), edited);
        refresh(root.path(), false).unwrap();
        assert_eq!(files(root.path()), current);
    }
    let readme = String::from_utf8(current["README.md"].clone()).unwrap();
    assert!(readme.starts_with("# Before\n\n") && readme.ends_with(&format!("{END}\n\nAfter.\n")));
}

#[test]
fn the_readme_says_only_what_two_runs_say() {
    let root = project(|_, _| {});
    let readme = || fs::read_to_string(root.path().join("README.md")).unwrap();
    record_latest(root.path()).unwrap();
    let time = "0.80 times the time of threads-bare";
    assert!(
        readme().contains(&format!("{time} (not repeated)")),
        "{}",
        readme()
    );
    record_latest(root.path()).unwrap();
    assert!(
        readme().contains(&format!("{time} (faster)")),
        "{}",
        readme()
    );
    let mut other = compare(1.0);
    other.meta.date = "2026-01-01T00:00:00Z".to_owned();
    other
        .write(&root.path().join("results/2026-01-02-vm/compare.jsonl"))
        .unwrap();
    refresh(root.path(), false).unwrap();
    assert!(
        readme().contains(&format!("{time} (not repeated)")),
        "{}",
        readme()
    );
}

#[rstest]
#[case::the_same(0.8, 0.8, 8, 0)]
#[case::one_is_equal(0.8, 1.0, 0, 0)]
#[case::reversed(0.8, 1.25, 0, 8)]
fn agreement_of_two_runs(
    #[case] first: f64,
    #[case] second: f64,
    #[case] same: usize,
    #[case] reversed: usize,
) {
    let folder = tempfile::tempdir().unwrap();
    let runs = [("a", first), ("b", second)].map(|(name, factor)| {
        let run = folder.path().join(name);
        compare(factor).write(&run.join("compare.jsonl")).unwrap();
        run
    });
    let agreement = agree(&runs[0], &runs[1]).unwrap();
    // Memory is the same in all of the four scenarios.
    let expected = format!(
        "{} verdicts are the same, {reversed} are reversed",
        same + 4
    );
    assert!(agreement.text.contains(&expected), "{}", agreement.text);
    assert_eq!(agreement.reversed, reversed > 0);
}
