//! `flagrace report`: which results it shows, and how.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use flagrace_report::data::{Outcome, Run, Sample, Trial};

use crate::common::{OnTerminal, complaint, flagrace, stderr, stdout};

/// A file of results with one trial.
fn record(path: &Path, scenario: &str) {
    let trial = Trial {
        scenario: scenario.to_owned(),
        round: 1,
        engine: "threads".to_owned(),
        control: false,
        outcome: Outcome::Measured(Sample::of([("wall_s", Some(0.25))])),
    };
    let scenario = serde_json::json!({
        "name": scenario,
        "title": format!("Scenario {scenario}"),
        "design": {"interleaved": {"seed": 7}},
        "workload": {
            "requests": 20, "concurrency": 20, "store": "memory", "server_here": true,
        },
        "engines": ["threads"],
        "rounds": 1,
        "date": "2025-01-31T12:00:00Z",
    });
    let scenario = serde_json::from_value(scenario).unwrap();
    let mut run = Run::new(flagrace_measure::meta("", false, ""));
    run.scenarios.push(scenario);
    run.trials.push(trial);
    run.write(path).unwrap();
}

fn report(folder: &Path, arguments: &str) -> Command {
    let mut command = flagrace("report");
    command.args(arguments.split_whitespace());
    command.current_dir(folder);
    command
}

fn shown(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    stdout(output)
}

#[test]
fn the_latest_results_are_shown_or_the_newest_recorded_ones_or_those_that_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let said = complaint(&report(folder.path(), "").output().unwrap());
    assert!(
        said.contains("no results") && said.contains("cargo bench"),
        "{said}"
    );

    record(&path("results/2025-01-31-a/compare.jsonl"), "older");
    record(&path("results/2025-02-01-a/compare.jsonl"), "newer");
    let output = report(folder.path(), "").output().unwrap();
    assert!(shown(&output).contains("Scenario newer"), "{output:?}");
    assert_eq!(stderr(&output), "Results in results/2025-02-01-a:\n");

    // The files of a folder are one run.
    record(&path("results/latest/compare.jsonl"), "mine");
    record(&path("results/latest/bench.jsonl"), "bench");
    let output = report(folder.path(), "").output().unwrap();
    let both = shown(&output);
    assert!(
        both.find("Scenario mine") < both.find("Scenario bench"),
        "{both}"
    );
    assert_eq!(stderr(&output), "Results in results/latest:\n");

    let named = report(
        folder.path(),
        "results/2025-01-31-a --details --export-csv a.csv",
    );
    assert!(shown(&{ named }.output().unwrap()).contains("Scenario older"));
    let csv = fs::read_to_string(path("a.csv")).unwrap();
    assert!(csv.contains("older,threads,"), "{csv}");
    // They fit into the 80 columns of a terminal.
    let latest = path("results/latest");
    let mut terminal = OnTerminal::start(&format!("report --details {}", latest.display()), &[]);
    assert_eq!(terminal.end(), Some(0));
    let wide = String::from_utf8(terminal.raw).unwrap();
    assert!(
        wide.lines()
            .all(|line| line.trim_end().chars().count() <= 80),
        "{wide}"
    );

    let said = complaint(&report(folder.path(), "elsewhere").output().unwrap());
    assert!(said.contains("elsewhere"), "{said}");
}

#[test]
fn the_page_opens_in_the_browser_and_nothing_is_written_beside_the_results() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.jsonl");
    record(&file, "mine");
    // `sh` reads it: a program written here might be busy while other tests start theirs.
    let browser = folder.path().join("browser");
    fs::write(&browser, "cp \"${1#file://}\" page").unwrap();
    let mut command = report(folder.path(), "--open mine.jsonl");
    command
        .env("TMPDIR", folder.path())
        .env("BROWSER", "sh browser");
    let said = shown(&command.output().unwrap());
    let page = said.strip_prefix("opened ").unwrap().trim_end();
    assert!(fs::read_to_string(page).unwrap().contains("Scenario mine"));
    crate::common::wait_until("the browser has the page", || {
        let copy = fs::read_to_string(folder.path().join("page"));
        copy.is_ok_and(|copy| copy.contains("Scenario mine"))
    });

    fs::remove_file(page).unwrap();

    command.env("BROWSER", "missing").env("PATH", "nowhere");
    let said = complaint(&command.output().unwrap());
    assert!(
        said.contains("cannot open ") && said.contains(".html"),
        "{said}"
    );
}
