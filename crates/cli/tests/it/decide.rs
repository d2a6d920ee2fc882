//! `flagrace decide` and `flagrace map`, with planted calibrations: a real one takes 20 seconds.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use flagrace_measure::map;
use flagrace_report::data::{Run, Trial};

use crate::common::{complaint, flagrace, server, shown, stderr, stdout};
use crate::planting;

/// A run that measured these scenarios with each engine once.
pub fn planted(path: &Path, names: impl IntoIterator<Item = String>) -> String {
    let mut run = planting::empty();
    run.meta = flagrace_measure::meta("flagrace map --seed 7 --rounds 1", false, "here");
    let engines = ["threads-bare", "async-bare", "async-multi-bare"];
    for (name, delay_s) in names.into_iter().zip([0.0, 0.01].into_iter().cycle()) {
        let mut scenario = planting::scenario(&name, &engines);
        (scenario.title, scenario.rounds) = (name, 1);
        let work = &mut scenario.workload;
        (work.requests, work.concurrency, work.delay_s) = (100, 1, Some(delay_s));
        let time_s = 100.0 * (delay_s + 50e-6);
        planting::add(&mut run, scenario, |_, engine, _| {
            let place = engines.iter().position(|one| *one == engine).unwrap();
            let mut sample = planting::with(time_s, "download_s", time_s);
            sample.insert("user_s".to_owned(), 100.0 * [25e-6, 18e-6, 20e-6][place]);
            sample.insert("system_s".to_owned(), 0.0);
            Some(sample)
        });
    }
    run.write(path).unwrap();
    fs::read_to_string(path).unwrap()
}

fn calibration() -> impl Iterator<Item = String> {
    map::calibration(1).into_iter().map(|one| one.name)
}

#[test]
fn a_prediction_shows_each_model_and_says_which_to_take() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("flagrace/calibration-1.jsonl");
    let text = planted(&kept, calibration());
    let decide = |arguments: &str| {
        let mut command = flagrace(&format!("decide --cores 1 {arguments}"));
        command.env("XDG_CACHE_HOME", folder.path());
        command.output().unwrap()
    };
    let from = format!("--from {}", kept.display());
    for (arguments, told) in [
        ("-m 20 -n 200 --delay 200ms", "simpler: the time is"),
        ("-m 10000 -n 10000 --delay 30s", "Take tasks: the time is"),
        ("-m 20 -n 2000 --delay 50ms --cpu 20ms", "the engine hybrid"),
        ("-m20 -n 2000 --delay 50ms --cpu 1ms", "computing to a pool"),
        ("-m 10 -n 10000", "Take async-bare: the cores are"),
        #[cfg(target_os = "linux")]
        ("-m 2 -n 4 --check", "Measured here: async-bare took"),
    ] {
        let said = shown(&decide(&format!("{arguments} {from}")));
        let said = said.replace('\n', " ");
        assert!(said.contains(told), "{said}");
        for engine in ["threads-bare", "async-bare", "async-multi-bare"] {
            assert!(said.contains(&format!(" {engine} ")), "{said}");
        }
    }
    let output = decide(&format!("-n 1000 -m 1 --delay 1s --check {from}"));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("give fewer requests (-n)"));

    let far = server(&[]);
    let (base, address) = (far.base_url(), far.address());
    let output = decide(&format!("-m 10 -n 10000 {from} --url {base}/br/br.gif"));
    assert!(stdout(&output).contains("Take "), "{}", stderr(&output));
    let told = format!("10 requests, 2 a second, the first to {address}\n");
    assert_eq!(stderr(&output), told);
    assert_eq!(far.stats().requests, 10);
    let output = decide(&format!("{from} --url {base}/xx/xx.gif"));
    assert!(stderr(&output).ends_with("/xx/xx.gif: not found\n"));

    // A build with uncommitted changes always calibrates again.
    if !Run::read(&kept).unwrap().meta.dirty {
        assert!(decide("").status.success());
        assert_eq!(fs::read_to_string(&kept).unwrap(), text);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_map_continues_a_cut_file_of_the_same_seed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.jsonl");
    let cells = map::cells(7, 1, 1);
    let missing = cells.iter().find(|one| one.cpu.is_zero()).unwrap();
    let missing = &*missing.name;
    let quoted = format!("\"{missing}\"");
    let names = cells.iter().map(|one| one.name.clone());
    let text = planted(&path, calibration().chain(names));
    // The last trial is incomplete, and a scenario is missing.
    let lines = text.split_inclusive('\n');
    let cut: String = lines.filter(|line| !line.contains(&quoted)).collect();
    fs::write(&path, &cut[..cut.len() - 9]).unwrap();
    let map = |seed: &str| {
        let mut command = flagrace(&format!("map --rounds 1 --seed {seed} -o"));
        command.arg(&path).output().unwrap()
    };
    let said = complaint(&map("8"));
    assert!(said.contains("another machine, revision, seed"), "{said}");
    shown(&map("7"));
    let run = Run::read(&path).unwrap();
    assert_eq!(run.scenarios.len(), calibration().count() + cells.len());
    let is_new = |one: &&Trial| one.sample().unwrap().get("connect_s").is_some();
    let new = run.trials.iter().filter(is_new);
    let new = new.map(|one| &*one.scenario);
    let due = BTreeSet::from(["cell-21", missing]);
    assert_eq!(BTreeSet::from_iter(new), due);
}
