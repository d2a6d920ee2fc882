//! Records and refreshes folders of planted runs.
#![allow(clippy::unwrap_used)]

#[path = "../../report/tests/it/planted.rs"]
#[allow(dead_code)] // other tests use the rest
mod planted;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use flagrace_report::data::Run;
use rstest::rstest;
use tempfile::TempDir;

use crate::record::record;
use crate::refresh::{BEGIN, END, refresh};
use planted::{add, empty, noise, point, sample, scenario};

/// A comparison in which async takes this many times the time of threads.
fn compare(factor: f64) -> Run {
    let mut run = empty();
    for name in ["bare", "local", "open", "delay"] {
        let mut scenario = scenario(name, &["threads-bare", "async-bare"]);
        // Each run measures the rate of an open loop.
        scenario.workload.rate = (name == "open").then_some(5000.0 + factor);
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
    let (mut compared, mut bench) = (compare(0.8), compare(0.9));
    change(&mut compared, &mut bench);
    let latest = root.path().join("results/latest");
    compared.write(&latest.join("compare.jsonl")).unwrap();
    bench.write(&latest.join("bench.jsonl")).unwrap();
    root
}

/// The text of every file below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let below = paths.flat_map(|path| match fs::read_to_string(&path) {
        Ok(text) => BTreeMap::from([(path, text)]),
        Err(_) => files(&path),
    });
    below.collect()
}

/// The reason why a recording is rejected, which must change no file.
fn refusal(root: &Path) -> String {
    let before = files(root);
    let error = record(root).unwrap_err();
    assert!(files(root) == before);
    format!("{error:#}")
}

#[test]
fn a_run_is_recorded_with_its_map_and_servers_and_never_overwritten() {
    let root = project(|_, _| {});
    let mut map = empty();
    // A calibration needs no 20 rounds.
    let mut calibration = scenario("calibrate-1", &["threads-bare", "async-bare"]);
    calibration.point = point("calibration", "cell", 1.0);
    calibration.rounds = 3;
    add(&mut map, calibration, |_, _, _| Some(sample(0.01)));
    let latest = root.path().join("results/latest");
    map.write(&latest.join("map.jsonl")).unwrap();
    let mut servers = empty();
    for x in [1, 100] {
        let mut one = scenario(&format!("servers-{x}"), &["chars-thread", "chars-task"]);
        one.point = point("servers", "connections", f64::from(x));
        one.workload.idle = Some(0);
        add(&mut servers, one, |_, _, _| Some(sample(0.01)));
    }
    servers.write(&latest.join("servers.jsonl")).unwrap();
    let first = record(root.path()).unwrap();
    assert_eq!(first, root.path().join("results/2026-01-02-vm"));
    let kept = files(&first);
    let has = |file| kept.contains_key(&first.join(file));
    assert!(has("README.md") && has("compare.jsonl") && has("map.jsonl"));
    assert!(has("servers.jsonl") && has("servers.svg"));
    let second = record(root.path()).unwrap();
    assert_eq!(second, root.path().join("results/2026-01-02-vm-2"));
    assert!(files(&first) == kept);
    let index = fs::read_to_string(root.path().join("results/README.md")).unwrap();
    assert!(index.contains("[2026-01-02-vm-2](2026-01-02-vm-2/README.md)"));
    assert_eq!(refresh(root.path(), true).unwrap(), Vec::<PathBuf>::new());
}

#[rstest]
#[case::uncommitted("uncommitted changes", |run: &mut Run, _: &mut Run| run.meta.dirty = true)]
#[case::quick("quick run", |_: &mut Run, bench: &mut Run| bench.meta.quick = true)]
#[case::revisions("not of one revision", |_: &mut Run, bench: &mut Run| bench.meta.revision.clear())]
#[case::round("19 of 20 rounds", |run: &mut Run, _: &mut Run| {
    run.trials.retain(|trial| trial.round > 1 || trial.engine != "async-bare");
})]
#[case::few("fewer than 20 rounds", |run: &mut Run, _: &mut Run| run.scenarios[0].rounds = 5)]
#[case::part("only a part", |run: &mut Run, _: &mut Run| run.meta.command = "compare".into())]
fn an_incomplete_run_is_not_recorded(#[case] why: &str, #[case] change: fn(&mut Run, &mut Run)) {
    let told = refusal(project(change).path());
    assert!(told.contains(why), "{told}");
}

#[test]
fn a_readme_without_markers_stops_the_recording() {
    let root = project(|_, _| {});
    fs::write(root.path().join("README.md"), format!("{END}\n{BEGIN}\n")).unwrap();
    let told = refusal(root.path());
    assert!(told.contains("README.md needs"), "{told}");
}

#[test]
fn check_lists_stale_files_and_changes_none() {
    let root = project(|_, _| {});
    record(root.path()).unwrap();
    let current = files(root.path());
    for folder in ["results/2026-01-02-vm", "results", ""] {
        let path = root.path().join(folder).join("README.md");
        fs::write(&path, current[&path].replace("cargo xtask", "hand")).unwrap();
        let edited = files(root.path());
        assert_eq!(refresh(root.path(), true).unwrap(), [path]);
        assert!(files(root.path()) == edited);
        refresh(root.path(), false).unwrap();
        assert!(files(root.path()) == current);
    }
    let readme = &current[&root.path().join("README.md")];
    assert!(readme.starts_with("# Before\n\n") && readme.ends_with(&format!("{END}\n\nAfter.\n")));
}

#[test]
fn the_readme_has_only_verdicts_of_two_runs_and_the_index_says_how_far_they_agree() {
    let root = project(|_, _| {});
    let says = |verdict: &str| {
        let readme = fs::read_to_string(root.path().join("README.md")).unwrap();
        let sentence = format!("0.80x the time of threads ({verdict})");
        assert!(readme.contains(&sentence), "{readme}");
    };
    // Of processor time and memory of four scenarios, and the time of those in a closed loop.
    let agree = |all, same, reversed| {
        let index = fs::read_to_string(root.path().join("results/README.md")).unwrap();
        let common = format!("Of {all} verdicts that the two newest have in common");
        let told = format!("{common} {same} are the same, {reversed} are reversed.");
        assert!(index.contains(&told), "{index}");
    };
    let first = record(root.path()).unwrap();
    says("not repeated");
    record(root.path()).unwrap();
    says("faster");
    agree(11, 11, 0);
    // Another verdict, its opposite, or another workload.
    for (factor, more, same, reversed) in [(1.0, 0, 4, 0), (1.25, 0, 4, 7), (0.8, 1, 6, 0)] {
        let mut other = compare(factor);
        other.scenarios[0].workload.requests += more;
        other.scenarios[2].workload.rate = Some(5000.0 + 1500.0 * more as f64);
        other.meta.date = "2026-01-01T00:00:00Z".to_owned();
        other.write(&first.join("compare.jsonl")).unwrap();
        refresh(root.path(), false).unwrap();
        says("not repeated");
        agree(11 - 5 * more, same, reversed);
    }
}

#[test]
fn the_recorded_runs_are_current_and_small() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let stale = refresh(root, true).unwrap();
    assert!(stale.is_empty(), "`cargo xtask refresh` mends {stale:?}");
    for entry in fs::read_dir(root.join("results")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("compare.jsonl").exists() && !folder.ends_with("latest") {
            let mut all = files(&folder);
            let servers = all.remove(&folder.join("servers.jsonl"));
            let size: usize = all.values().map(String::len).sum();
            assert!(size <= 1_700_000, "{folder:?} has {size} bytes");
            assert!(servers.is_none_or(|text| text.len() <= 300_000));
        }
    }
}
