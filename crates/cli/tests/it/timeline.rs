//! `flagrace get --timeline` and `--trace`.

use std::fs;

use crate::common::{complaint, interrupt, run, server, spawn, stdout, wait_until, within};
use flagrace_server::Fault;
use rstest::rstest;
use serde_json::Value;

#[rstest]
#[case(Fault::Cut, "1 failed")]
#[case(Fault::Stall, "2 failed")]
fn files_show_the_times_of_the_outcomes(#[case] fault: Fault, #[case] failed: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // The file replaces a longer one.
    fs::write(path("a.json"), "x".repeat(100_000)).unwrap();
    let server = server(&[("DE", fault)]);
    let arguments = "get --json --no-save -E async -c 1 BR DE FR";
    let files = "--trace DIR/a.json --timeline DIR/a.svg";
    let arguments = format!("{arguments} {files} -s {}", server.base_url());
    let child = spawn(&within(&folder, &arguments));
    if matches!(fault, Fault::Stall) {
        // One at a time: DE is requested after BR finished.
        wait_until("DE", || server.stats().by_code.contains_key("DE"));
        interrupt(&child);
    }
    let output = child.wait_with_output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let trace: Value = serde_json::from_slice(&fs::read(path("a.json")).unwrap()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    for outcome in document["outcomes"].as_array().unwrap() {
        let mut names = events.iter().map(|event| &event["name"]);
        let place = names.position(|name| *name == outcome["label"]).unwrap();
        let flag = &events[place];
        assert_eq!(flag["args"]["status"], outcome["status"], "{flag}");
        for key in ["bytes", "url"] {
            assert_eq!(flag["args"]["request"][key], outcome[key], "{flag}");
        }
        let at = |step: &str| Some((outcome[step].as_f64()? * 1e6).round() as u64);
        // FR does not start if Ctrl-C comes first.
        let Some(start) = at("started_s") else {
            assert_eq!(outcome["status"], "cancelled");
            continue;
        };
        let length = |event: &Value| event["dur"].as_u64().unwrap();
        assert_eq!(flag["ts"], start, "{flag}");
        assert_eq!(Some(start + length(flag)), at("finished_s"), "{flag}");
        if outcome["status"] == "ok" {
            // The phases cover the time from the start until the flag was saved.
            let phases = events[place + 1..].iter();
            let phases = phases.take_while(|event| event["cat"] == "phase");
            let drawn: u64 = phases.map(length).sum();
            assert_eq!(Some(start + drawn), at("saved_s"), "{flag}");
        }
    }
    let picture = fs::read_to_string(path("a.svg")).unwrap();
    assert!(picture.contains(failed), "{picture}");
}

#[test]
fn an_unwritable_file_is_reported_before_downloading() {
    let server = server(&[]);
    let url = server.base_url();
    let get = format!("get --no-save BR -s {url} --trace /nowhere/at/all");
    let output = run(&get);
    let said = complaint(&output);
    let expected = "flagrace: cannot write /nowhere/at/all: No such file or directory";
    assert!(said.starts_with(expected), "{said}");
    assert_eq!(server.stats().requests, 0);
}

#[test]
fn a_full_disk_loses_no_flag() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&within(&folder, "get BR FR -o DIR --trace /dev/full"));
    assert!(stdout(&output).contains("2 flags downloaded."));
    assert!(folder.path().join("fr.gif").exists());
    let said = complaint(&output);
    let expected = "flagrace: cannot write /dev/full: ";
    assert!(said.starts_with(expected), "{said}");
}
