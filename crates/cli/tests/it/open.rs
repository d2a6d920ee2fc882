//! `flagrace report --open`, with browsers that write down at most what they were to show; and a
//! recorded run in its other forms.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use crate::common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{complaint, flagrace, stderr, stdout, wait_until};
use flagrace_report::comparison::{self, Comparison};
use flagrace_report::{Meta, Run, folder, stale};

/// A folder with a project in it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A run in which nothing was measured; returns where its page will be.
    fn run(&self, run: &str, day: &str) -> PathBuf {
        let folder = self.path("results").join(run);
        record(&folder, day);
        folder.canonicalize().unwrap().join("index.html")
    }

    /// The command in the folder, with this browser.
    fn report(&self, browser: &str) -> Command {
        let mut report = flagrace("report --open");
        report.current_dir(self.0.path());
        report.env("BROWSER", browser);
        report
    }
}

/// Its standard output, if it went well and complained of nothing.
fn told(output: &Output) -> String {
    assert!(
        output.status.success() && stderr(output).is_empty(),
        "{output:?}"
    );
    stdout(output)
}

#[test]
fn the_browser_shows_the_newest_run_or_the_one_that_is_named() {
    let desk = Desk::new();
    // `sh` reads it: a program written here might be busy while other tests start theirs.
    let script = "echo \"$@\" > part && mv part shown";
    fs::write(desk.path("browser"), script).unwrap();
    let pages = ["latest", "other run"].map(|run| desk.run(run, "2025-01-31"));
    let mut report = desk.report("sh browser");
    for (page, end) in pages.iter().zip(["latest", "other%20run"]) {
        let output = report.output().unwrap();
        assert_eq!(told(&output), format!("opened {}\n", page.display()));
        wait_until("the browser has the page", || desk.path("shown").exists());
        let shown = fs::read_to_string(desk.path("shown")).unwrap();
        let end = format!("/results/{end}/index.html\n");
        assert!(
            shown.starts_with("file:///") && shown.ends_with(&end),
            "{shown}"
        );
        fs::remove_file(desk.path("shown")).unwrap();
        report.arg("results/other run");
    }
}

#[test]
fn without_a_browser_the_page_is_named() {
    let desk = Desk::new();
    let page = desk.run("latest", "2025-01-31");
    let mut report = desk.report("missing");
    let said = complaint(&report.env("PATH", "nowhere").output().unwrap());
    let expected = format!("flagrace: cannot open {}: ", page.display());
    assert!(
        said.starts_with(&expected) && said.contains("BROWSER"),
        "{said}"
    );
}

#[test]
fn what_has_no_comparison_is_told() {
    let desk = Desk::new();
    let said = complaint(&desk.report("missing").output().unwrap());
    let expected = [
        "results holds no compare.jsonl: `flagrace compare`",
        "--root",
    ];
    assert!(expected.iter().all(|part| said.contains(part)), "{said}");
    // A folder that is named is meant, whatever others there are.
    desk.run("latest", "2025-01-31");
    let mut report = desk.report("missing");
    let said = complaint(&report.arg("elsewhere").output().unwrap());
    assert!(said.contains("elsewhere holds no compare.jsonl"), "{said}");
}

#[test]
fn without_a_newest_run_a_recorded_one_is_shown() {
    let desk = Desk::new();
    for (run, date) in [
        ("a", "2025-01-30"),
        ("b", "2025-02-01"),
        ("c", "2025-01-31"),
    ] {
        desk.run(run, date);
    }
    let mut report = desk.report("true");
    let output = report.output().unwrap();
    assert!(
        stdout(&output).ends_with("results/b/index.html\n"),
        "{output:?}"
    );
    let said = stderr(&output);
    assert!(said.starts_with("The newest recorded run, "), "{said}");
    assert!(said.ends_with("results/b:\n"), "{said}");

    // One's own has no comparison, as after `cargo bench`.
    let latest = desk.path("results/latest");
    fs::create_dir(&latest).unwrap();
    fs::write(latest.join("raw.json"), "{}").unwrap();
    let output = report.output().unwrap();
    assert!(
        stdout(&output).ends_with("results/b/index.html\n"),
        "{output:?}"
    );
    let said = stderr(&output);
    let why = "latest has no comparison, `flagrace compare` makes one. The newest recorded run, ";
    assert!(
        said.contains(why) && said.ends_with("results/b:\n"),
        "{said}"
    );

    fs::remove_dir_all(&latest).unwrap();

    // Its tables are those that are printed, too.
    let mut report = flagrace("report");
    let output = report.current_dir(desk.0.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("The newest recorded run, "), "{said}");
    assert!(said.ends_with("results/b:\n"), "{said}");
}

#[test]
fn a_recorded_run_is_printed_in_the_form_that_is_asked_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let run = stale::newest(&root).unwrap().unwrap();
    let printed = |form: &str| told(&flagrace("report").arg(&run).arg(form).output().unwrap());
    let readme = fs::read_to_string(run.join("README.md")).unwrap();
    let (_, tables) = readme.split_once("\n\n").unwrap();
    assert!(
        printed("--markdown") == tables,
        "README.md has other tables"
    );
    assert!(printed("--csv").starts_with("scenario,family,x,"));
    let json: serde_json::Value = serde_json::from_str(&printed("--json")).unwrap();
    assert!(json["tables"].is_array());
    let both = common::run("report --open --csv");
    assert_eq!(both.status.code(), Some(2), "{both:?}");
}

/// A run and a comparison in which nothing was measured.
fn record(folder: &Path, day: &str) {
    let date = format!("{day}T12:00:00Z");
    let nothing = Comparison {
        meta: Meta {
            date,
            ..flagrace_measure::meta("", false, "")
        },
        scenarios: Vec::new(),
        trials: Vec::new(),
        timelines: Vec::new(),
    };
    let run = Run::new(nothing.meta.clone(), Vec::new());
    folder::write(folder, &run).unwrap();
    comparison::write(folder, &nothing).unwrap();
}
