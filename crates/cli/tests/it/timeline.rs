//! `flagrace get --timeline` and `--trace`: files that tell what happened.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::{
    ENGINES, complaint, gated, interrupt, run, server, spawn, stderr, stdout, wait_until,
};
use flagrace_server::Fault;
use rstest::rstest;
use serde_json::Value;

/// A flag, or a phase of one, as the trace has it. Times are in microseconds.
#[derive(Debug)]
struct Event {
    name: String,
    thread: u64,
    from: u64,
    to: u64,
    args: Value,
}

/// The flags of a trace, and the phases of each.
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
fn a_trace_says_what_the_outcomes_say() {
    let folder = tempfile::tempdir().unwrap();
    for engine in ENGINES {
        let server = server(&[("FR", Fault::Status(418)), ("DE", Fault::Cut)]);
        let path = folder.path().join("trace.json");
        // What is longer and was there before leaves no trace.
        fs::write(&path, "x".repeat(100_000)).unwrap();
        let output = run(&format!(
            "get --json -m 4 -E {engine} -o {} -s {} B DE FR --trace {}",
            folder.path().display(),
            server.base_url(),
            path.display()
        ));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let outcomes = document["outcomes"].as_array().unwrap();
        let flags = read(&path);
        assert_eq!(flags.len(), outcomes.len(), "{engine}");
        for outcome in outcomes {
            let code = outcome["code"].as_str().unwrap();
            let (flag, phases) = flags.iter().find(|(flag, _)| flag.name == code).unwrap();
            let timing = &outcome["timing"];
            let at = |step: &str| Some((timing[step].as_f64()? * 1e6).round() as u64);
            let place = format!("{engine}, {code}: {flag:?} {phases:?} {timing}");
            assert_eq!(Some(flag.from), at("started_s"), "{place}");
            assert_eq!(Some(flag.to), at("finished_s"), "{place}");
            assert_eq!(flag.args["bytes"], outcome["bytes"], "{place}");
            let url = flag.args["url"].as_str().unwrap();
            assert!(
                url.starts_with("http://127.0.0.1:") && url.ends_with(".gif"),
                "{place}"
            );
            let status = match outcome["status"].as_str().unwrap() {
                "ok" => "ok",
                "not_found" => "not found",
                _ => outcome["error"].as_str().unwrap(),
            };
            assert_eq!(flag.args["status"], status, "{place}");
            if status == "ok" {
                // Each phase is there, unless it was shorter than can be told.
                let steps = ["started_s", "first_byte_s", "body_read_s", "saved_s"];
                let lengths = steps
                    .windows(2)
                    .map(|two| at(two[1]).unwrap() - at(two[0]).unwrap());
                let drawn: Vec<_> = phases.iter().map(|phase| phase.to - phase.from).collect();
                assert_eq!(
                    drawn,
                    lengths.filter(|&one| one > 0).collect::<Vec<_>>(),
                    "{place}"
                );
            }
            for phase in phases {
                let step = match phase.name.as_str() {
                    "waiting" => "first_byte_s",
                    "receiving" => "body_read_s",
                    "saving" => "saved_s",
                    other => panic!("{other}"),
                };
                assert_eq!(Some(phase.to), at(step).or(at("finished_s")), "{place}");
                assert!(phase.from >= flag.from && phase.to <= flag.to, "{place}");
            }
        }
        no_overlap(&flags);
    }
}

/// No two flags in a thread at the same time.
fn no_overlap(flags: &[(Event, Vec<Event>)]) {
    let mut order: Vec<_> = flags.iter().map(|(flag, _)| flag).collect();
    order.sort_by_key(|flag| (flag.thread, flag.from, flag.to));
    for two in order.windows(2) {
        let apart = two[0].thread != two[1].thread || two[0].to <= two[1].from;
        assert!(apart, "{two:?}");
    }
}

/// The gate proves it without a clock: before so many flags are under way none can end.
#[rstest]
#[case("seq", 1)]
#[case("threads", 5)]
#[case("rayon", 5)]
#[case("async", 20)]
fn as_many_rows_as_flags_at_a_time(#[case] engine: &str, #[case] at_once: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.json");
    let server = gated(at_once);
    let output = run(&format!(
        "get --no-save -E {engine} -m {at_once} -s {} --trace {}",
        server.base_url(),
        path.display()
    ));
    assert!(output.status.success(), "{}", stderr(&output));
    let flags = read(&path);
    let first_end = flags.iter().map(|(flag, _)| flag.to).min().unwrap();
    let wall = flags.iter().filter(|(flag, _)| flag.from < first_end);
    assert_eq!(wall.count() as u64, at_once, "{flags:?}");
    let rows: BTreeSet<_> = flags.iter().map(|(flag, _)| flag.thread).collect();
    assert_eq!(rows, (1..=at_once).collect());
    no_overlap(&flags);
}

/// With metadata a task gives its permit away between its two requests.
#[test]
fn two_requests_are_drawn_truthfully() {
    let folder = tempfile::tempdir().unwrap();
    for engine in ["threads", "async", "async-multi"] {
        let trace = folder.path().join("a.json");
        let output = run(&format!(
            "get --metadata --delay 2ms -m 2 -E {engine} -o {} --trace {}",
            folder.path().display(),
            trace.display(),
        ));
        assert!(output.status.success(), "{}", stderr(&output));
        let flags = read(&trace);
        assert_eq!(flags.len(), 20);
        no_overlap(&flags);
        for (_, phases) in &flags {
            assert_eq!(phases[1].name, "receiving");
            assert!(
                phases[1].to - phases[1].from >= 2000,
                "{engine}: {phases:?}"
            );
        }
    }
}

#[test]
fn after_ctrl_c_it_tells_what_was_done() {
    // One at a time; rayon-default has a thread for each core, whatever is asked for.
    for engine in ENGINES.into_iter().filter(|name| *name != "rayon-default") {
        let server = server(&[("DE", Fault::Stall)]);
        let folder = tempfile::tempdir().unwrap();
        let [picture, trace] = ["a.svg", "a.json"].map(|name| folder.path().join(name));
        let child = spawn(&format!(
            "get -E {engine} -m 1 -o {} -s {} BR DE FR --trace {} --timeline {}",
            folder.path().display(),
            server.base_url(),
            trace.display(),
            picture.display()
        ));
        // With one at a time, DE is asked for when BR is saved, and not before.
        wait_until(engine, || server.stats().by_code.contains_key("DE"));
        interrupt(&child);
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
        let flags = read(&trace);
        let told: Vec<_> = flags
            .iter()
            .map(|(flag, _)| (flag.name.as_str(), flag.args["status"].as_str().unwrap()))
            .collect();
        assert_eq!(told[..2], [("BR", "ok"), ("DE", "cancelled")], "{engine}");
        let svg = fs::read_to_string(picture).unwrap();
        assert!(
            svg.contains("3 files in ") && svg.contains("2 failed"),
            "{svg}"
        );
        // FR may have started, for a moment.
        let never = svg.contains("never started");
        assert_eq!(never, told.len() == 2, "{engine}");
    }
}

#[test]
fn what_cannot_be_written_is_told_of_before_anything_is_downloaded() {
    let server = server(&[]);
    for option in ["--timeline", "--trace"] {
        let output = run(&format!(
            "get --no-save BR -s {} {option} /nowhere/at/all",
            server.base_url()
        ));
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            stderr(&output),
            "flagrace: cannot write /nowhere/at/all: No such file or directory (os error 2)\n"
        );
    }
    let output = run(&format!(
        "get --no-save BR -s {} --trace /nowhere/one --timeline /nowhere/one",
        server.base_url()
    ));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(server.stats().requests, 0);
}

/// The file that is always full.
#[test]
fn a_full_disk_loses_no_flag() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&format!(
        "get BR FR -o {} --trace /dev/full",
        folder.path().display()
    ));
    assert!(stdout(&output).contains("2 flags downloaded."));
    assert!(folder.path().join("fr.gif").exists());
    let said = complaint(&output);
    let expected = "flagrace: cannot write /dev/full: ";
    assert!(said.starts_with(expected), "{said}");
}
