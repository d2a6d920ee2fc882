//! The life of a comparison on disk: beside a run, recorded, checked and mended.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, too

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::compare::{Dice, rounds, scenario, whole};
use common::{cell, group, meta, run};
use flagrace_report::comparison::{self, Comparison, DERIVED, FILE, Material};
use flagrace_report::record::{Options, SCENARIOS, record};
use flagrace_report::stale::{BEGIN, END, check, refresh};
use flagrace_report::{Error, Run, folder};

const OPTIONS: Options<'_> = Options {
    allow_dirty: false,
    required: &["latency"],
    scenarios: &SCENARIOS,
};

/// A project: a README with markers, and `results/latest`.
struct Project {
    root: tempfile::TempDir,
}

impl Project {
    fn new(run: &Run, comparison: &Comparison) -> Self {
        let project = Self {
            root: tempfile::tempdir().unwrap(),
        };
        let readme = format!("# Title\n\n{BEGIN}\n{END}\n");
        fs::write(project.readme(), readme).unwrap();
        folder::write(&project.latest(), run).unwrap();
        comparison::write(&project.latest(), comparison).unwrap();
        folder::derive_comparison(&project.latest()).unwrap();
        project
    }

    fn results(&self) -> PathBuf {
        self.root.path().join("results")
    }

    fn latest(&self) -> PathBuf {
        self.results().join("latest")
    }

    fn readme(&self) -> PathBuf {
        self.root.path().join("README.md")
    }

    fn record(&self) -> Result<PathBuf, Error> {
        record(&self.results(), &self.readme(), OPTIONS)
    }

    fn stale(&self) -> Vec<PathBuf> {
        let stale = check(&self.results(), &self.readme()).unwrap();
        stale.into_iter().map(|one| one.path).collect()
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn both_are_recorded_and_the_readme_shows_the_comparison() {
    let project = Project::new(&run(), &whole());
    let recorded = project.record().unwrap();
    assert_eq!(folder::read(&recorded).unwrap(), run());
    assert_eq!(comparison::read(&recorded).unwrap(), whole());
    assert_eq!(names(&recorded), names(&project.latest()));
    assert_eq!(project.stale(), [] as [PathBuf; 0]);

    let readme = read(&project.readme());
    let local = readme
        .split_once("### All flags, planted as local\n")
        .unwrap()
        .1;
    let (local, rest) = local.split_once("\n### 20 flags").unwrap();
    assert!(local.contains("| threads again | 10.58 ms<br>"), "{local}");
    assert!(
        local.contains("| a tie |") && local.contains("| slower |"),
        "{local}"
    );
    // Families and the rest are a link away.
    for other in ["concurrency-10", "planted as save", "planted as controls"] {
        assert!(!readme.contains(other), "{other}");
    }
    for link in rest.split("](").skip(1) {
        let path = link.split_once(')').unwrap().0;
        assert!(project.root.path().join(path).exists(), "{path}");
    }
    for file in [
        "compare.md",
        "compare.csv",
        "compare.json",
        FILE,
        "tables.md",
        "raw.json",
    ] {
        assert!(
            rest.contains(&format!("(results/2025-01-31-desk-example/{file})")),
            "{file}"
        );
    }
    let index = read(&project.results().join("README.md"));
    assert!(
        index.contains("](2025-01-31-desk-example/compare.md), [tables.md]"),
        "{index}"
    );
}

#[test]
fn a_byte_in_what_is_made_of_the_trials_is_found_and_mended() {
    let project = Project::new(&run(), &whole());
    let recorded = project.record().unwrap();
    for (name, _) in DERIVED {
        let path = recorded.join(name);
        let whole = read(&path);
        fs::write(&path, whole.replacen('1', "7", 1)).unwrap();
        assert_eq!(project.stale(), [path.as_path()]);
        assert_eq!(
            refresh(&project.results(), &project.readme()).unwrap(),
            [path.as_path()]
        );
        assert_eq!(read(&path), whole);
    }
    // A trial that was edited is found in all of them but in the plots, which do not count
    // connections.
    let trials = recorded.join(FILE);
    let edited = read(&trials).replace("\"connections\":20", "\"connections\":21000");
    fs::write(&trials, edited).unwrap();
    let counting = DERIVED.iter().filter(|(name, _)| !name.ends_with(".svg"));
    assert_eq!(project.stale().len(), counting.count());
    fs::remove_file(&trials).unwrap();
    let error = check(&project.results(), &project.readme()).unwrap_err();
    assert!(error.to_string().contains(FILE), "{error}");
}

#[test]
fn a_run_without_a_comparison_stays_as_it_is() {
    let project = Project::new(&run(), &whole());
    fs::remove_file(project.latest().join(FILE)).unwrap();
    let before = Options {
        scenarios: &[],
        ..OPTIONS
    };
    let old = record(&project.results(), &project.readme(), before).unwrap();
    for (name, _) in DERIVED {
        assert!(!names(&old).iter().any(|there| there == name), "{name}");
    }
    let (readme, files) = (read(&project.readme()), names(&old));
    assert!(readme.contains("from results/*/raw.json by"), "{readme}");

    // An older day has a comparison: it is what the README shows, though not the newest.
    let mut earlier = whole();
    earlier.meta.date = "2025-01-30T12:00:00Z".to_owned();
    let other = project.results().join("2025-01-30-desk-example");
    let mut one = run();
    one.meta.date.clone_from(&earlier.meta.date);
    folder::keep(&other, &one, Some(&earlier)).unwrap();
    refresh(&project.results(), &project.readme()).unwrap();
    assert_eq!(names(&old), files);
    let readme = read(&project.readme());
    assert!(readme.contains("Recorded on 2025-01-30") && !readme.contains("raw.json by"));
    let index = read(&project.results().join("README.md"));
    let place = |text: &str| index.find(text).unwrap();
    assert!(place("(2025-01-31-desk-example/tables.md)") < place("(2025-01-30-desk-example/c"));
}

/// A way to spoil a run or its comparison, and what the error then says.
type Spoilt = (fn(&mut Run, &mut Comparison), &'static str);

#[test]
fn a_comparison_that_should_not_be_recorded_is_refused() {
    let spoilt: [Spoilt; 8] = [
        (
            |_, c| c.meta.revision = "fff".to_owned(),
            "holds two runs: the revision of raw.json is 0123456789abcdef0123456789abcdef01234567, \
             of compare.jsonl fff",
        ),
        (
            |run, _| run.meta.host = "Other".to_owned(),
            "the host of raw.json is Other",
        ),
        (
            |_, c| c.meta.dirty = true,
            "the uncommitted changes of raw.json is no",
        ),
        (
            |run, c| {
                run.meta.dirty = true;
                c.meta.dirty = true;
            },
            "uncommitted changes (at revision",
        ),
        (
            |_, c| *c = c.only(|name| name != "save" && !name.starts_with("flags")),
            "compare.jsonl lacks save, flags: run `flagrace compare --scenario all`",
        ),
        (
            |_, c| c.trials.retain(|t| t.scenario != "delay" || t.round != 10),
            "in scenario delay, async has 9 of 10 rounds: run `flagrace compare --scenario delay`",
        ),
        (
            |_, c| {
                c.trials
                    .retain(|t| t.scenario != "local" || !t.noise || t.round < 10)
            },
            "in scenario local, threads again has 9 of 10 rounds",
        ),
        (
            |_, c| c.trials.retain(|t| t.scenario != "local"),
            "threads has 0 of 10 rounds",
        ),
    ];
    for (spoil, why) in spoilt {
        let (mut run, mut comparison) = (run(), whole());
        spoil(&mut run, &mut comparison);
        let project = Project::new(&run, &comparison);
        let readme = read(&project.readme());
        let error = project.record().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert_eq!(names(&project.results()), ["latest"]);
        assert_eq!(read(&project.readme()), readme);
    }

    // Who failed and was then left out is whole all the same.
    let mut failed = whole();
    let late = |round: usize| round > 3;
    failed.trials.retain(|t| {
        !(t.scenario == "concurrency-10000" && t.engine == "threads-reqwest" && late(t.round))
    });
    Project::new(&run(), &failed).record().unwrap();

    let project = Project::new(&run(), &whole());
    fs::remove_file(project.latest().join(FILE)).unwrap();
    let error = project.record().unwrap_err().to_string();
    assert!(
        error.contains("run `flagrace compare --scenario all` first"),
        "{error}"
    );
}

#[test]
fn a_bench_and_a_comparison_leave_each_other_alone() {
    let project = Project::new(&run(), &whole());
    let latest = project.latest();
    let page = read(&latest.join("compare.md"));
    // A bench of other source replaces the run, not the comparison.
    let mut other = meta();
    other.revision = "fff".to_owned();
    let cells = vec![cell("seq", "1", 1.0, 0.01)];
    folder::merge(&latest, other, vec![group("save", "", "x", cells)]).unwrap();
    assert_eq!(comparison::read(&latest).unwrap(), whole());
    assert_eq!(read(&latest.join("compare.md")), page);
    // But what is made of both takes only what belongs together.
    let run_of_fff = folder::read(&latest).unwrap();
    assert!(Material::new(&whole(), Some(&run_of_fff)).run.is_none());
    assert!(Material::new(&whole(), Some(&run())).run.is_some());

    // A comparison that cannot be understood does not keep a bench from its tables, and
    // what was made of it goes.
    fs::write(latest.join(FILE), "{}\n").unwrap();
    folder::write(&latest, &run()).unwrap();
    assert!(!latest.join("compare.md").exists() && latest.join("tables.md").exists());
    let error = folder::derive_comparison(&latest).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is not a comparison of flagrace"),
        "{error}"
    );

    // Nor does a run that cannot be understood keep a comparison from its own.
    let mut one = scenario("local");
    one.rounds = 6;
    let trials = rounds(&one, 0.01, &[("threads", 1.0)], (0.02, 0.02), &mut Dice(1));
    let small = common::compare::comparison(vec![one], trials);
    comparison::write(&latest, &small).unwrap();
    fs::write(latest.join("raw.json"), "{}").unwrap();
    assert_eq!(folder::derive_comparison(&latest).unwrap(), small);
    assert!(latest.join("compare.md").exists());
}
