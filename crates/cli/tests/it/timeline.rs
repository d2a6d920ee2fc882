//! `flagrace get --timeline` and `--trace`.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::fs;

use common::{complaint, interrupt, run, server, spawn, stdout, wait_until, within};
use flagrace_server::Fault;
use rstest::rstest;
use serde_json::Value;

#[rstest]
#[case(Fault::Cut)]
#[case(Fault::Stall)]
fn files_show_the_times_of_the_outcomes(#[case] fault: Fault) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // Nothing is left of a longer file that was there before.
    fs::write(path("a.json"), "x".repeat(100_000)).unwrap();
    let server = server(&[("DE", fault)]);
    let arguments = "get --json --no-save -E async -c 1 BR DE FR";
    let files = "--trace DIR/a.json --timeline DIR/a.svg";
    let arguments = format!("{arguments} {files} -s {}", server.base_url());
    let child = spawn(&within(&folder, &arguments));
    if matches!(fault, Fault::Stall) {
        // With one at a time, DE is requested only when BR is done.
        wait_until("DE", || server.stats().by_code.contains_key("DE"));
        interrupt(&child);
    }
    let output = child.wait_with_output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let trace = fs::read_to_string(path("a.json")).unwrap();
    let trace: Value = serde_json::from_str(&trace).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    for outcome in document["outcomes"].as_array().unwrap() {
        let flag = events
            .iter()
            .find(|event| event["name"] == outcome["label"]);
        let flag = flag.unwrap_or_else(|| panic!("{outcome} is not in {trace}"));
        for key in ["bytes", "url", "status"] {
            assert_eq!(flag["args"][key], outcome[key], "{flag}");
        }
        // FR has no start if Ctrl-C came before.
        if let Some(start) = outcome["started_s"].as_f64() {
            let microseconds = |seconds: f64| Some((seconds * 1e6).round() as u64);
            let from = flag["ts"].as_u64().unwrap();
            assert_eq!(Some(from), microseconds(start), "{flag}");
            let to = from + flag["dur"].as_u64().unwrap();
            let finish = outcome["finished_s"].as_f64().unwrap();
            assert_eq!(Some(to), microseconds(finish), "{flag}");
        }
    }
    let failed = format!(
        "{} failed",
        if matches!(fault, Fault::Stall) { 2 } else { 1 }
    );
    let picture = fs::read_to_string(path("a.svg")).unwrap();
    assert!(picture.contains(&failed), "{picture}");
}

#[rstest]
fn a_file_that_cannot_be_written_costs_no_download(
    #[values("--timeline", "--trace")] option: &str,
) {
    let server = server(&[]);
    let url = server.base_url();
    let said = complaint(&run(&format!(
        "get --no-save BR -s {url} {option} /nowhere/at/all"
    )));
    let expected = "flagrace: cannot write /nowhere/at/all: No such file or directory";
    assert!(said.starts_with(expected), "{said}");
    assert_eq!(server.stats().requests, 0);
}

#[test]
fn a_full_disk_loses_no_flag() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let output = run(&format!(
        "get BR FR -o {} --trace /dev/full",
        folder.display()
    ));
    assert!(stdout(&output).contains("2 flags downloaded."));
    assert!(folder.join("fr.gif").exists());
    let said = complaint(&output);
    assert!(
        said.starts_with("flagrace: cannot write /dev/full: "),
        "{said}"
    );
}
