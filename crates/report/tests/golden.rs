//! Every form of a planted run, byte for byte as it was when last looked at.
//!
//! Where a change is meant, `FLAGRACE_BLESS=1 cargo test -p flagrace-report` writes
//! the files again; then look at them.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, too

mod common;

use std::fs;
use std::path::Path;

use flagrace_report::Run;
use flagrace_report::comparison::{DERIVED, Material, export, findings};
use flagrace_report::export::{Exporter, FILES, Terminal};

fn same_as_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("FLAGRACE_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    let differs = (text.lines().zip(golden.lines())).find(|(now, then)| now != then);
    assert!(
        text == golden,
        "{name} is not as it was; the first line that differs, now and then: {differs:?}"
    );
}

#[test]
fn every_file_of_a_run() {
    for (name, exporter) in FILES {
        let text = exporter.export(&common::run()).unwrap();
        same_as_golden(name, &text.expect("the planted run has all groups"));
    }
}

#[test]
fn the_terminal() {
    let text = Terminal::default().export(&common::run()).unwrap().unwrap();
    same_as_golden("terminal.txt", &text);
}

#[test]
fn every_form_of_a_comparison() {
    let whole = common::compare::whole();
    let page = export::markdown(&whole, &findings(&whole));
    same_as_golden("compare/compare.md", &page);
    same_as_golden(
        "compare/terminal.txt",
        &export::terminal(&findings(&whole), None),
    );
    let narrow = export::terminal(&findings(&whole), Some(80));
    let widest = narrow.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "a line of {widest:?} characters");
    same_as_golden("compare/terminal-80.txt", &narrow);

    // The files that programs read hold every number: of fewer scenarios.
    let few = whole.only(|name| matches!(name, "save" | "controls" | "concurrency-10000"));
    let found = findings(&few);
    same_as_golden("compare/compare.csv", &export::csv(&few, &found));
    let json = export::json(&few, &found).unwrap();
    same_as_golden("compare/compare.json", &json);
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["scenarios"][0]["rows"][0]["engine"], "threads");

    // What stands beside the trials is made by the same functions.
    let material = Material::new(&whole, None);
    assert_eq!(DERIVED[0].0, "compare.md");
    assert_eq!(DERIVED[0].1(&material).unwrap(), Some(page));
}

#[test]
fn every_form_of_a_run_of_times_and_memory() {
    let run = with_memory();
    for (name, exporter) in FILES {
        let text = exporter.export(&run).unwrap().unwrap();
        same_as_golden(&format!("memory/{name}"), &text);
    }
    let text = Terminal::default().export(&run).unwrap().unwrap();
    same_as_golden("memory/terminal.txt", &text);
}

#[test]
fn pages_of_memory_alone_do_not_speak_of_time() {
    let mut run = with_memory();
    run.groups.retain(|group| group.name == "memory");
    // One row without an interval, then all.
    for few in [1, run.groups[0].cells.len()] {
        for cell in &mut run.groups[0].cells[..few] {
            cell.samples.truncate(2);
        }
        let page = FILES[0].1.export(&run).unwrap().unwrap();
        let terminal = Terminal::default().export(&run).unwrap().unwrap();
        for text in [&page, &terminal] {
            for word in ["time", "fast", "slow", " s ", " ms"] {
                assert!(!text.contains(word), "{word:?} in {text}");
            }
            let names_none = ["names no smallest", "is called the smallest"];
            assert!(text.contains(names_none[usize::from(few > 1)]), "{text}");
        }
        assert!(page.contains("the median memory;") && page.contains("below 1 is less:"));
        assert!(page.contains("a tenth of the baseline's memory"));
        assert!(page.contains("**Bold** is the smallest of its row"));
        assert!(terminal.contains("\nMemory: median") && terminal.contains("* smallest: "));
    }
}

#[test]
fn a_row_of_nothing_but_zeros_is_shown() {
    let mut run = with_memory();
    for cell in &mut run.groups[1].cells {
        cell.samples.fill(0.0);
    }
    let page = FILES[0].1.export(&run).unwrap().unwrap();
    let row = "| 1 thread or task | ≈ 0.000 B<br>[0.000, 0.000] | ≈ 0.000 B<br>[0.000, 0.000] |";
    assert!(page.contains(row), "{page}");
    let terminal = Terminal::default().export(&run).unwrap().unwrap();
    assert!(terminal.contains("≈ 0.000 B"), "{terminal}");
}

/// A run with a group of times and one of memory.
fn with_memory() -> Run {
    let mut run = common::run();
    run.groups.retain(|group| group.name == "setup");
    run.groups.push(common::memory());
    run
}

#[test]
fn a_quick_run_has_no_intervals_and_calls_nobody_the_fastest() {
    let mut run = common::run();
    run.meta.quick = true;
    for cell in run.groups.iter_mut().flat_map(|group| &mut group.cells) {
        cell.samples.truncate(2);
    }
    let page = FILES[0].1.export(&run).unwrap().unwrap();
    same_as_golden("quick.md", &page);
    let (_, tables) = page.split_once("\n## ").unwrap();
    assert!(!tables.contains("**") && !tables.contains('≈'), "{tables}");
}
