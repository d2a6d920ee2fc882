//! `flagrace get --timeline` and `--trace`.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::fs;
use std::path::Path;

use common::{ENGINES, complaint, interrupt, run, server, spawn, stdout, wait_until};
use flagrace_server::Fault;
use rstest::rstest;
use serde_json::{Value, json};

/// A flag, or a phase of one, in a trace. Times are in microseconds.
#[derive(Debug)]
struct Event {
    name: String,
    thread: u64,
    from: u64,
    to: u64,
    args: Value,
}

/// The flags of a trace, each with its phases.
fn read(path: &Path) -> Vec<(Event, Vec<Event>)> {
    let trace: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut flags: Vec<(Event, Vec<Event>)> = Vec::new();
    for event in trace["traceEvents"].as_array().unwrap() {
        if event["ph"] != "X" {
            continue;
        }
        let from = event["ts"].as_u64().unwrap();
        let read = Event {
            name: event["name"].as_str().unwrap().to_owned(),
            thread: event["tid"].as_u64().unwrap(),
            from,
            to: from + event["dur"].as_u64().unwrap(),
            args: event["args"].clone(),
        };
        match event["cat"].as_str().unwrap() {
            "flag" => flags.push((read, Vec::new())),
            "phase" => flags.last_mut().unwrap().1.push(read),
            other => panic!("{other}"),
        }
    }
    flags
}

#[test]
fn a_trace_has_the_times_of_the_outcomes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.json");
    for engine in ENGINES {
        let server = server(&[("FR", Fault::Status(418)), ("DE", Fault::Cut)]);
        // Nothing is left of a longer file that was there before.
        fs::write(&path, "x".repeat(100_000)).unwrap();
        let output = run(&format!(
            "get --json --no-save -c 4 -E {engine} -s {} B DE FR --trace {}",
            server.base_url(),
            path.display()
        ));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let outcomes = document["outcomes"].as_array().unwrap();
        let flags = read(&path);
        assert_eq!(flags.len(), outcomes.len(), "{engine}");
        for outcome in outcomes {
            let is_it = |(flag, _): &&(Event, Vec<Event>)| outcome["label"] == flag.name;
            let (flag, phases) = flags.iter().find(is_it).unwrap();
            let at = |step: &str| Some((outcome[step].as_f64()? * 1e6).round() as u64);
            let place = format!("{engine}: {flag:?} {phases:?} {outcome}");
            let ends = (Some(flag.from), Some(flag.to));
            assert_eq!(ends, (at("started_s"), at("finished_s")), "{place}");
            for key in ["bytes", "url", "status"] {
                assert_eq!(flag.args[key], outcome[key], "{place}");
            }
            let within = |phase: &Event| phase.from >= flag.from && phase.to <= flag.to;
            assert!(phases.iter().all(within), "{place}");
            if outcome["status"] == "ok" {
                // Together the phases fill the time from the start until the flag was saved.
                let drawn: u64 = phases.iter().map(|phase| phase.to - phase.from).sum();
                assert_eq!(Some(flag.from + drawn), at("saved_s"), "{place}");
            }
        }
        // No two flags in a row overlap.
        let mut order: Vec<_> = flags.iter().map(|(flag, _)| flag).collect();
        order.sort_by_key(|flag| (flag.thread, flag.from, flag.to));
        for two in order.windows(2) {
            let apart = two[0].thread != two[1].thread || two[0].to <= two[1].from;
            assert!(apart, "{two:?}");
        }
    }
}

#[test]
fn a_cancelled_download_has_a_timeline() {
    // rayon-default has a thread for each core, whatever is asked for.
    for engine in ENGINES.into_iter().filter(|name| *name != "rayon-default") {
        let server = server(&[("DE", Fault::Stall)]);
        let folder = tempfile::tempdir().unwrap();
        let [picture, trace] = ["a.svg", "a.json"].map(|name| folder.path().join(name));
        let child = spawn(&format!(
            "get --no-save -E {engine} -c 1 -s {} BR DE FR --trace {} --timeline {}",
            server.base_url(),
            trace.display(),
            picture.display()
        ));
        // With one at a time, DE is asked for only when BR is done.
        wait_until(engine, || server.stats().by_code.contains_key("DE"));
        interrupt(&child);
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
        let flags = read(&trace);
        let told = |at: usize| (flags[at].0.name.as_str(), &flags[at].0.args["status"]);
        assert_eq!(told(0), ("BR", &json!("ok")), "{engine}");
        assert_eq!(told(1), ("DE", &json!("cancelled")), "{engine}");
        let svg = fs::read_to_string(picture).unwrap();
        assert!(svg.contains("2 failed"), "{svg}");
    }
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
