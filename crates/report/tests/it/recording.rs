//! The life of results on disk: recorded, checked and mended.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::compare::whole;
use crate::common::{memory, run};
use flagrace_report::comparison::{self, Comparison, FILE};
use flagrace_report::record::{GROUPS, record};
use flagrace_report::stale::{BEGIN, END, check, refresh};
use flagrace_report::{Error, Group, Quantity, Run, folder};

/// A project: a README with markers, and `results/latest` with a run and a comparison.
struct Project {
    root: tempfile::TempDir,
}

impl Project {
    fn new(run: &Run, comparison: &Comparison) -> Self {
        let project = Self {
            root: tempfile::tempdir().unwrap(),
        };
        let readme = format!("# Title\n\nAbove.\n\n{BEGIN}\n{END}\n\nBelow, no newline");
        fs::write(project.readme(), readme).unwrap();
        folder::write(&project.latest(), run).unwrap();
        comparison::write(&project.latest(), comparison).unwrap();
        project
    }

    fn whole() -> Self {
        Self::new(&run(), &whole())
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
        record(self.root.path(), false)
    }

    fn stale(&self) -> Vec<PathBuf> {
        let stale = check(self.root.path()).unwrap();
        stale.into_iter().map(|one| one.path).collect()
    }

    fn assert_fresh(&self) {
        assert_eq!(self.stale(), [] as [PathBuf; 0]);
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
fn a_run_comes_back_as_it_was_written() {
    let root = tempfile::tempdir().unwrap();
    let mut run = run();
    // Numbers whose last bit a hasty parser loses.
    run.groups[0].cells[0].samples = vec![0.1 + 0.2, 1.0 / 3.0, 5e-324, 0.010_849_999_999_999_999];
    folder::write(root.path(), &run).unwrap();
    assert_eq!(folder::read(root.path()).unwrap(), run);
    assert_eq!(names(root.path()), ["raw.json"]);
}

/// A way to spoil a run, and what the error then says.
type SpoiltRun = (fn(&mut Run), &'static str);

#[test]
fn a_run_that_contradicts_itself_is_neither_written_nor_read() {
    let root = tempfile::tempdir().unwrap();
    let spoil: [SpoiltRun; 9] = [
        (
            |run| run.groups[1].name = "latency".to_owned(),
            "more than one group",
        ),
        (
            |run| run.groups[0].cells[0].samples.clear(),
            "at least one is needed",
        ),
        (|run| run.groups[0].cells[0].samples[3] = -1.0, "above 0"),
        (|run| run.groups[0].cells[0].samples[3] = 0.0, "0 s; a time"),
        (
            |run| run.groups[5].cells[1].samples[9] = -4096.0,
            "group \"memory\", engine \"thread\", scenario \"100 threads or tasks\": \
             a sample of -4096 B; memory is finite and not below 0",
        ),
        (
            |run| run.groups[5].cells[0].samples[0] = f64::NAN,
            "a sample of NaN B; memory is finite",
        ),
        (
            |run| run.groups[0].cells[0].samples[3] = f64::INFINITY,
            "finite",
        ),
        (
            |run| run.groups[0].cells[1].scenario = "50".to_owned(),
            "more than once",
        ),
        (|run| run.meta.date = "../../etc".to_owned(), "RFC 3339"),
    ];
    for (spoil, why) in spoil {
        let mut spoilt = run();
        spoil(&mut spoilt);
        let error = folder::write(root.path(), &spoilt).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("raw.json"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert_eq!(names(root.path()), [""; 0]);
    }
    folder::write(root.path(), &run()).unwrap();
    let raw = root.path().join("raw.json");
    let text = read(&raw);
    fs::write(&raw, text.replace("\"format\": 1", "\"format\": 2")).unwrap();
    let error = folder::read(root.path()).unwrap_err().to_string();
    assert!(
        error.contains("is in format 2; this program reads format 1"),
        "{error}"
    );
    fs::write(&raw, text.replace("\"engine\"", "\"motor\"")).unwrap();
    assert!(matches!(folder::read(root.path()), Err(Error::Json { .. })));
}

#[test]
fn a_group_that_was_recorded_before_there_was_memory_is_read() {
    let before = "{\"name\":\"latency\",\"title\":\"Latency\",\"scenario_axis\":\"ms\",\
                  \"flags\":20,\"ideal_delay_s\":0.01,\"note\":\"\",\"cells\":[]}";
    let group: Group = serde_json::from_str(before).unwrap();
    assert_eq!((group.quantity, &group.baseline), (Quantity::Time, &None));
    assert!(!serde_json::to_string(&group).unwrap().contains("quantity"));
    let text = serde_json::to_string(&memory()).unwrap();
    assert!(text.contains("\"quantity\":\"memory\",\"baseline\":\"task\",\"flags\""));
}

#[test]
fn both_are_recorded_and_the_readme_shows_the_comparison() {
    let project = Project::whole();
    let recorded = project.record().unwrap();
    assert_eq!(recorded, project.results().join("2025-01-31-desk-example"));
    assert_eq!(folder::read(&recorded).unwrap(), run());
    assert_eq!(comparison::read(&recorded).unwrap(), whole());
    let plots = ["scaling-concurrency.svg", "scaling-flags.svg"];
    let files = [&["README.md", FILE, "raw.json"][..], &plots].concat();
    assert_eq!(names(&recorded), files);
    project.assert_fresh();

    let readme = read(&project.readme());
    let (above, rest) = readme.split_once(BEGIN).unwrap();
    let (section, below) = rest.split_once(END).unwrap();
    // What stands outside the markers is left alone.
    assert_eq!(
        (above, below),
        ("# Title\n\nAbove.\n\n", "\n\nBelow, no newline")
    );
    let (_, local) = section
        .split_once("### All flags, planted as local\n")
        .unwrap();
    let (local, rest) = local.split_once("\n### By ").unwrap();
    assert!(local.contains("| threads again | 10.58 ms<br>"), "{local}");
    assert!(
        local.contains("| a tie |") && local.contains("| slower |"),
        "{local}"
    );
    // Families and the rest are a link away.
    for other in ["concurrency-10", "planted as save"] {
        assert!(!readme.contains(other), "{other}");
    }
    let links = rest.split("](").skip(1);
    let links: Vec<&str> = links.map(|link| link.split_once(')').unwrap().0).collect();
    for file in files {
        let path = format!("results/2025-01-31-desk-example/{file}");
        assert!(links.contains(&path.as_str()), "{file}");
    }
    for path in links {
        assert!(project.root.path().join(path).exists(), "{path}");
    }
}

#[test]
fn a_recorded_run_is_never_overwritten() {
    let project = Project::whole();
    let first = project.record().unwrap();
    let before = fs::read(first.join("raw.json")).unwrap();
    let mut again = run();
    again.meta.date = "2025-01-31T15:00:00Z".to_owned();
    folder::write(&project.latest(), &again).unwrap();
    let second = project.record().unwrap();
    assert_eq!(second, project.results().join("2025-01-31-desk-example-2"));
    let third = project.record().unwrap();
    assert_eq!(third, project.results().join("2025-01-31-desk-example-3"));

    assert_eq!(fs::read(first.join("raw.json")).unwrap(), before);
    assert_eq!(folder::read(&second).unwrap(), again);
    project.assert_fresh();
    // Newest first.
    let index = read(&project.results().join("README.md"));
    let place = |name: &str| index.find(&format!("[{name}](")).unwrap();
    assert!(place("2025-01-31-desk-example-2") < place("2025-01-31-desk-example"));
}

/// A way to spoil a run or its comparison, and what the error then says.
type Spoilt = (fn(&mut Run, &mut Comparison), &'static str);

#[test]
fn what_should_not_be_recorded_is_refused_and_leaves_nothing() {
    let spoilt: [Spoilt; 11] = [
        (|run, _| run.meta.quick = true, "without `--quick`"),
        (
            |run, _| {
                run.groups
                    .retain(|g| g.name != "overhead" && g.name != "save");
            },
            "lacks save, overhead: run the whole of `cargo bench`",
        ),
        (|run, _| run.groups[3].cells.clear(), "lacks setup"),
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
            "commit them",
        ),
        (
            |_, c| {
                let gone = |name: &str| name == "save" || name.starts_with("flags");
                c.scenarios.retain(|one| !gone(&one.name));
                c.trials.retain(|one| !gone(&one.scenario));
            },
            "lacks save, flags: run `flagrace compare --scenario all`",
        ),
        (
            |_, c| c.trials.retain(|t| t.scenario != "delay" || t.round != 10),
            "in scenario delay, async has 9 of 10 rounds",
        ),
        (
            |_, c| {
                c.trials
                    .retain(|t| t.scenario != "local" || !t.noise || t.round < 10);
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

    let (mut dirty, mut compared) = (run(), whole());
    (dirty.meta.dirty, compared.meta.dirty) = (true, true);
    let project = Project::new(&dirty, &compared);
    record(project.root.path(), true).unwrap();

    // An engine that failed and was then left out is whole all the same.
    let mut failed = whole();
    let late = |round: usize| round > 3;
    failed.trials.retain(|t| {
        !(t.scenario == "concurrency-10000" && t.engine == "threads-bare" && late(t.round))
    });
    Project::new(&run(), &failed).record().unwrap();

    for (file, command) in [(FILE, "flagrace compare"), ("raw.json", "cargo bench")] {
        fs::remove_file(project.latest().join(file)).unwrap();
        let error = project.record().unwrap_err().to_string();
        assert!(error.contains(file) && error.contains(command), "{error}");
    }
}

#[test]
fn one_byte_in_any_derived_file_is_found_and_mended() {
    let project = Project::whole();
    let recorded = project.record().unwrap();
    project.assert_fresh();

    let mut derived = vec![project.results().join("README.md"), project.readme()];
    let made = names(&recorded)
        .into_iter()
        .filter(|name| !name.contains(".json"));
    derived.extend(made.map(|name| recorded.join(name)));
    assert_eq!(derived.len(), 5);
    for path in derived {
        let whole = read(&path);
        let mut spoilt = vec![Some(whole.replacen('1', "7", 1))];
        if path == project.readme() {
            // It cannot be made from nothing: it is not wholly derived.
            assert_ne!(spoilt[0].as_ref(), Some(&whole));
        } else {
            spoilt.push(None);
        }
        for text in spoilt {
            match text {
                Some(text) => fs::write(&path, text).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let stale = check(project.root.path()).unwrap();
            assert_eq!(stale.len(), 1, "{}", path.display());
            let says = stale[0].to_string();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(says.contains(name), "{says}");
            assert!(
                says.ends_with("`flagrace report --refresh` mends it"),
                "{says}"
            );
            let mended = refresh(project.root.path()).unwrap();
            assert_eq!(mended, [path.as_path()]);
            assert_eq!(read(&path), whole);
            project.assert_fresh();
        }
    }
}

#[test]
fn raw_data_that_changed_or_went_is_found() {
    let project = Project::whole();
    let recorded = project.record().unwrap();
    let mut edited = run();
    (edited.groups[0].cells[0].samples.iter_mut()).for_each(|s| *s *= 1.5);
    let raw = serde_json::to_string_pretty(&edited).unwrap() + "\n";
    fs::write(recorded.join("raw.json"), raw).unwrap();
    let tables = [recorded.join("README.md")];
    assert_eq!(project.stale(), tables);
    refresh(project.root.path()).unwrap();
    // A trial that was edited is found in all but the plots, which do not count connections.
    let trials = recorded.join(FILE);
    let text = read(&trials).replace("\"connections\":20", "\"connections\":21000");
    fs::write(&trials, text).unwrap();
    assert_eq!(project.stale(), tables);
    for file in ["raw.json", FILE] {
        let text = read(&recorded.join(file));
        fs::remove_file(recorded.join(file)).unwrap();
        let error = check(project.root.path()).unwrap_err();
        assert!(error.to_string().contains(file), "{error}");
        fs::write(recorded.join(file), text).unwrap();
    }
}

#[test]
fn a_readme_without_its_markers_is_refused_before_anything_is_recorded() {
    for (text, what) in [
        ("no markers\n".to_owned(), "the opening marker is missing"),
        (format!("{BEGIN}\n"), "the closing marker is missing"),
        (
            format!("{END}\n{BEGIN}\n"),
            "the closing marker stands above",
        ),
        (
            format!("{BEGIN}\n{BEGIN}\n{END}\n"),
            "the opening marker stands more than once",
        ),
        (
            format!("see `{BEGIN}`\n{END}\n"),
            "the opening marker is missing",
        ),
    ] {
        let project = Project::whole();
        fs::write(project.readme(), text).unwrap();
        let error = project.record().unwrap_err().to_string();
        assert!(
            error.contains(what) && error.contains("README.md"),
            "{error}"
        );
        assert!(error.contains(BEGIN) && error.contains(END), "{error}");
        assert_eq!(names(&project.results()), ["latest"]);
    }
}

#[test]
fn before_the_first_record_the_pages_say_so() {
    let project = Project::whole();
    let index = project.results().join("README.md");
    assert_eq!(project.stale(), [index, project.readme()]);
    refresh(project.root.path()).unwrap();
    project.assert_fresh();
    assert!(read(&project.readme()).contains("No run is recorded yet."));
}

#[test]
fn other_folders_beside_the_runs_are_left_alone() {
    let project = Project::whole();
    project.record().unwrap();
    let other = project.results().join("2025-02-01-peers");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("peers.md"), "wrk").unwrap();
    project.assert_fresh();
}

/// Whoever adds a group of benchmarks has to say that a recorded run must have it.
#[test]
fn a_run_is_whole_when_it_has_what_every_benchmark_file_makes() {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches");
    let mut files = names(&benches);
    files.retain(|name| name.ends_with(".rs") && name != "harness.rs" && name != "main.rs");
    let mut required = GROUPS.map(|name| format!("{name}.rs"));
    required.sort_unstable();
    assert_eq!(files, required);
}
