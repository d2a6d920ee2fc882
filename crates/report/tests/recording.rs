//! The life of results on disk: merged, recorded, checked and mended.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, too

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{cell, group, memory, meta, run};
use flagrace_report::export::FILES;
use flagrace_report::record::{GROUPS, Options, record};
use flagrace_report::stale::{BEGIN, END, check, refresh};
use flagrace_report::{Error, Group, Meta, Quantity, Run, folder};

/// A way to spoil a run, and what the error then says.
type Spoilt = (fn(&mut Run), &'static str);

/// What must be there in these tests: the groups of the run that they make up.
const OPTIONS: Options<'_> = Options {
    allow_dirty: false,
    scenarios: &[],
    required: &[
        "latency",
        "concurrency",
        "save",
        "metadata",
        "errors",
        "setup",
    ],
};

/// A project: a README with markers, and `results/latest` with a whole run.
struct Project {
    root: tempfile::TempDir,
}

impl Project {
    fn new(run: &Run) -> Self {
        let project = Self {
            root: tempfile::tempdir().unwrap(),
        };
        let readme = format!("# Title\n\nAbove.\n\n{BEGIN}\n{END}\n\nBelow, no newline");
        fs::write(project.readme(), readme).unwrap();
        folder::write(&project.results().join("latest"), run).unwrap();
        project
    }

    fn results(&self) -> PathBuf {
        self.root.path().join("results")
    }

    fn readme(&self) -> PathBuf {
        self.root.path().join("README.md")
    }

    fn record(&self) -> Result<PathBuf, Error> {
        record(&self.results(), &self.readme(), OPTIONS)
    }

    fn assert_fresh(&self) {
        assert!(self.stale().is_empty(), "{:?}", self.stale());
    }

    fn stale(&self) -> Vec<PathBuf> {
        let stale = check(&self.results(), &self.readme()).unwrap();
        stale.into_iter().map(|one| one.path).collect()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
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
    let mut expected: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    expected.push("raw.json");
    expected.sort_unstable();
    assert_eq!(names(root.path()), expected);
}

#[test]
fn a_run_that_contradicts_itself_is_neither_written_nor_read() {
    let root = tempfile::tempdir().unwrap();
    let spoil: [Spoilt; 9] = [
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
            |run| {
                run.groups.push(memory());
                run.groups[6].cells[1].samples[9] = -4096.0;
            },
            "group \"memory\", engine \"thread\", scenario \"100 threads or tasks\": \
             a sample of -4096 B; memory is finite and not below 0",
        ),
        (
            |run| {
                run.groups.push(memory());
                run.groups[6].cells[0].samples[0] = f64::NAN;
            },
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
    let text = fs::read_to_string(&raw).unwrap();
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
fn a_group_of_times_is_written_as_before_there_was_memory() {
    let before = "{\"name\":\"latency\",\"title\":\"Latency\",\"scenario_axis\":\"ms\",\
                  \"flags\":20,\"ideal_delay_s\":0.01,\"note\":\"\",\"cells\":[]}";
    let mut group: Group = serde_json::from_str(before).unwrap();
    assert_eq!((group.quantity, &group.baseline), (Quantity::Time, &None));
    assert_eq!(serde_json::to_string(&group).unwrap(), before);

    group.quantity = Quantity::Memory;
    group.baseline = Some("task".to_owned());
    let after = before.replace(
        "\"flags\"",
        "\"quantity\":\"memory\",\"baseline\":\"task\",\"flags\"",
    );
    assert_eq!(serde_json::to_string(&group).unwrap(), after);
    assert_eq!(serde_json::from_str::<Group>(&after).unwrap(), group);
}

#[test]
fn memory_comes_back_as_it_was_written() {
    let root = tempfile::tempdir().unwrap();
    let run = Run::new(meta(), vec![memory()]);
    folder::write(root.path(), &run).unwrap();
    assert_eq!(folder::read(root.path()).unwrap(), run);
    let written = ["raw.json", "tables.csv", "tables.json", "tables.md"];
    assert_eq!(names(root.path()), written);
}

#[test]
fn the_readme_speaks_of_what_it_shows() {
    let section = |run: &Run| {
        let project = Project::new(run);
        project.record().unwrap();
        fs::read_to_string(project.readme()).unwrap()
    };
    let mut run = run();
    let of_times = section(&run);
    run.groups.push(memory());
    assert_eq!(section(&run), of_times);

    run.groups[0].quantity = Quantity::Memory;
    let of_both = section(&run);
    assert!(
        of_both.contains("the fastest or smallest of its row"),
        "{of_both}"
    );
}

#[test]
fn groups_of_one_run_are_merged_and_replaced_by_name() {
    let root = tempfile::tempdir().unwrap();
    let latest = root.path().join("results/latest");
    let one = |name: &str, median: f64| {
        vec![group(name, name, "x", vec![cell("seq", "1", median, 0.01)])]
    };
    folder::merge(&latest, meta(), one("latency", 1.0)).unwrap();
    folder::merge(&latest, meta(), one("save", 2.0)).unwrap();
    let later = Meta {
        date: "2025-01-31T13:00:00.5Z".to_owned(),
        command: "cargo bench --bench latency".to_owned(),
        ..meta()
    };
    let run = folder::merge(&latest, later.clone(), one("latency", 3.0)).unwrap();
    assert_eq!(run, folder::read(&latest).unwrap());
    assert_eq!(run.meta, later);
    let found: Vec<(&str, f64)> = (run.groups.iter())
        .map(|group| (group.name.as_str(), group.cells[0].samples[0].floor()))
        .collect();
    assert_eq!(found, [("latency", 3.0), ("save", 2.0)]);
}

#[test]
fn a_run_never_mixes_two() {
    let changes: [fn(&mut Meta); 6] = [
        |meta| meta.revision = "other".to_owned(),
        |meta| meta.quick = true,
        |meta| meta.host = "other".to_owned(),
        |meta| meta.dirty = true,
        |meta| meta.lock_hash = "other".to_owned(),
        |meta| meta.rustc = "other".to_owned(),
    ];
    for change in changes {
        let root = tempfile::tempdir().unwrap();
        folder::write(root.path(), &run()).unwrap();
        let mut other = meta();
        change(&mut other);
        let cells = vec![cell("seq", "1", 1.0, 0.01)];
        let groups = vec![group("save", "", "x", cells)];
        let merged = folder::merge(root.path(), other, groups).unwrap();
        assert_eq!(merged.groups.len(), 1);
        let left = ["raw.json", "tables.csv", "tables.json", "tables.md"];
        assert_eq!(names(root.path()), left);
    }
}

#[test]
fn what_cannot_be_understood_gives_way_to_a_merge() {
    let root = tempfile::tempdir().unwrap();
    for text in ["", "{\"format\": 99}", "{\"format\": 1}"] {
        fs::write(root.path().join("raw.json"), text).unwrap();
        let merged = folder::merge(root.path(), meta(), run().groups).unwrap();
        assert_eq!(merged, run());
    }
}

#[test]
fn a_recorded_run_is_never_overwritten() {
    let project = Project::new(&run());
    let first = project.record().unwrap();
    assert_eq!(first, project.results().join("2025-01-31-desk-example"));
    let before = fs::read(first.join("raw.json")).unwrap();

    let mut again = run();
    again.meta.date = "2025-01-31T15:00:00Z".to_owned();
    folder::write(&project.results().join("latest"), &again).unwrap();
    let second = project.record().unwrap();
    assert_eq!(second, project.results().join("2025-01-31-desk-example-2"));
    let third = project.record().unwrap();
    assert_eq!(third, project.results().join("2025-01-31-desk-example-3"));

    assert_eq!(fs::read(first.join("raw.json")).unwrap(), before);
    assert_eq!(folder::read(&second).unwrap(), again);
    project.assert_fresh();
    // Newest first.
    let index = fs::read_to_string(project.results().join("README.md")).unwrap();
    let place = |name: &str| index.find(&format!("[{name}](")).unwrap();
    assert!(place("2025-01-31-desk-example-2") < place("2025-01-31-desk-example"));
}

#[test]
fn what_should_not_be_recorded_is_refused_and_leaves_nothing() {
    let refusals: [Spoilt; 4] = [
        (|run| run.meta.quick = true, "without `--quick`"),
        (|run| run.meta.dirty = true, "commit them"),
        (
            |run| {
                run.groups
                    .retain(|g| g.name != "errors" && g.name != "save")
            },
            "lacks save, errors: run the whole of `cargo bench`",
        ),
        (|run| run.groups[5].cells.clear(), "lacks setup"),
    ];
    for (spoil, why) in refusals {
        let mut run = run();
        spoil(&mut run);
        let project = Project::new(&run);
        let readme = fs::read(project.readme()).unwrap();
        let error = project.record().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(names(&project.results()), ["latest"]);
        assert_eq!(fs::read(project.readme()).unwrap(), readme);
    }

    let mut dirty = run();
    dirty.meta.dirty = true;
    let project = Project::new(&dirty);
    let options = Options {
        allow_dirty: true,
        ..OPTIONS
    };
    record(&project.results(), &project.readme(), options).unwrap();

    fs::remove_dir_all(project.results().join("latest")).unwrap();
    let error = project.record().unwrap_err().to_string();
    assert!(error.contains("holds no run of `cargo bench`"), "{error}");
}

#[test]
fn one_byte_in_any_derived_file_is_found_and_mended() {
    let project = Project::new(&run());
    let recorded = project.record().unwrap();
    project.assert_fresh();

    let mut derived: Vec<PathBuf> = FILES.iter().map(|(name, _)| recorded.join(name)).collect();
    derived.push(project.results().join("README.md"));
    derived.push(project.readme());
    for path in derived {
        let whole = fs::read(&path).unwrap();
        // A byte in the middle; in the README that is within the section.
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] = if changed[middle] == b'z' { b'y' } else { b'z' };
        for spoilt in [Some(changed), None] {
            match &spoilt {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                // The README cannot be made from nothing: it is not wholly derived.
                None if path == project.readme() => continue,
                None => fs::remove_file(&path).unwrap(),
            }
            let stale = check(&project.results(), &project.readme()).unwrap();
            assert_eq!(stale.len(), 1, "{}", path.display());
            let says = stale[0].to_string();
            assert!(
                says.contains(path.file_name().unwrap().to_str().unwrap()),
                "{says}"
            );
            assert!(
                says.ends_with("`flagrace report --refresh` mends it"),
                "{says}"
            );
            let mended = refresh(&project.results(), &project.readme()).unwrap();
            assert_eq!(mended, [path.as_path()]);
            assert_eq!(fs::read(&path).unwrap(), whole);
            project.assert_fresh();
        }
    }
}

#[test]
fn raw_data_that_changed_or_went_is_found() {
    let project = Project::new(&run());
    let recorded = project.record().unwrap();
    let mut edited = run();
    edited.groups[0].cells[0]
        .samples
        .iter_mut()
        .for_each(|s| *s *= 1.5);
    let raw = serde_json::to_string_pretty(&edited).unwrap() + "\n";
    fs::write(recorded.join("raw.json"), raw).unwrap();
    // The index does not show that cell, the README does.
    assert_eq!(project.stale().len(), FILES.len() + 1);
    fs::remove_file(recorded.join("raw.json")).unwrap();
    let error = check(&project.results(), &project.readme()).unwrap_err();
    assert!(error.to_string().contains("raw.json"), "{error}");
}

#[test]
fn outside_its_markers_the_readme_is_left_alone() {
    let project = Project::new(&run());
    project.record().unwrap();
    let text = fs::read_to_string(project.readme()).unwrap();
    let (above, rest) = text.split_once(BEGIN).unwrap();
    let (section, below) = rest.split_once(END).unwrap();
    assert_eq!(
        (above, below),
        ("# Title\n\nAbove.\n\n", "\n\nBelow, no newline")
    );
    for link in [
        "](results/2025-01-31-desk-example/tables.md)",
        "](results/README.md)",
    ] {
        assert!(section.contains(link), "{link} in {section}");
        let path = link.trim_start_matches("](").trim_end_matches(')');
        assert!(project.root.path().join(path).exists(), "{path}");
    }
    assert!(section.contains("`cargo bench`") && section.contains("Planted CPU"));
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
        let project = Project::new(&run());
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
    let project = Project::new(&run());
    let stale = project.stale();
    assert_eq!(
        stale,
        [project.results().join("README.md"), project.readme()]
    );
    refresh(&project.results(), &project.readme()).unwrap();
    project.assert_fresh();
    let readme = fs::read_to_string(project.readme()).unwrap();
    assert!(readme.contains("No run is recorded yet."));
}

#[test]
fn other_folders_beside_the_runs_are_left_alone() {
    let project = Project::new(&run());
    project.record().unwrap();
    let other = project.results().join("2025-02-01-peers");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("peers.md"), "wrk").unwrap();
    project.assert_fresh();
}

#[test]
fn results_must_lie_below_the_readme() {
    let project = Project::new(&run());
    let elsewhere = tempfile::tempdir().unwrap();
    let error = check(elsewhere.path(), &project.readme()).unwrap_err();
    assert!(matches!(error, Error::NotBelow { .. }), "{error}");
}

/// Whoever adds a group of benchmarks has to say that a recorded run must have it.
#[test]
fn a_run_is_whole_when_it_has_what_every_benchmark_file_makes() {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches");
    let files = fs::read_dir(benches).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| Some(file.strip_suffix(".rs")?.to_owned()))
        .filter(|name| !matches!(&**name, "harness" | "main"))
        .collect();
    names.sort_unstable();
    let mut required = GROUPS.map(str::to_owned);
    required.sort_unstable();
    assert_eq!(names, required);
}
