//! The forms of planted results, byte for byte as they were when last looked at.
//!
//! Where a change is meant, `FLAGRACE_BLESS=1 cargo test -p flagrace-report` writes
//! the files again; then look at them.

use std::fs;
use std::path::Path;

use crate::common::{compare, run};
use flagrace_report::comparison::{export, findings};
use flagrace_report::export::{markdown, short, terminal};

pub fn same_as_golden(name: &str, text: &str) {
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

/// Tables that fit on a terminal of 80 characters.
fn fits(text: &str) {
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "a line of {widest:?} characters");
}

#[test]
fn every_form_of_a_run() {
    same_as_golden("tables.md", &markdown(&run()));
    let narrow = terminal(&run().groups, Some(80));
    fits(&narrow);
    same_as_golden("terminal.txt", &narrow);
    let short = short(&run(), Some(80));
    fits(&short);
    same_as_golden("short.txt", &short);
}

#[test]
fn every_form_of_a_comparison() {
    let whole = compare::whole();
    let page = export::markdown(&whole, &findings(&whole));
    same_as_golden("compare/compare.md", &page);
    let narrow = export::terminal(&findings(&whole), Some(80));
    fits(&narrow);
    same_as_golden("compare/terminal.txt", &narrow);

    let csv = export::csv(&findings(&whole)).unwrap();
    same_as_golden("compare/compare.csv", &csv);
    let json = export::json(&whole, &findings(&whole)).unwrap();
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    let row = &document["tables"][0]["rows"][0];
    assert_eq!(row["engine"], "threads");
    let median = row["figures"]["wall_s"]["median"].as_f64().unwrap();
    assert!((median / 0.0107 - 1.0).abs() < 0.2, "{median}");
}

#[test]
fn a_row_of_nothing_but_zeros_is_shown() {
    let mut run = run();
    run.groups.retain(|group| group.name == "memory");
    for cell in &mut run.groups[0].cells {
        cell.samples.fill(0.0);
    }
    let row = "| 1 thread or task | 0.000 B<br>[0.000, 0.000] | 0.000 B<br>[0.000, 0.000] |";
    let page = markdown(&run);
    assert!(page.contains(row), "{page}");
    assert!(terminal(&run.groups, None).contains("0.000 B"));
}

#[test]
fn a_quick_run_has_no_intervals() {
    let mut run = run();
    run.meta.quick = true;
    for cell in run.groups.iter_mut().flat_map(|group| &mut group.cells) {
        cell.samples.truncate(2);
    }
    let page = markdown(&run);
    assert!(page.contains("a quick run: too few samples"), "{page}");
    let notes = page.matches("2 samples a cell; with fewer than 6 there is no 95 % interval");
    assert_eq!(notes.count(), run.groups.len());
    let short = short(&run, None);
    assert!(short.contains("A quick run: every fifth flag") && !short.contains('±'));
}
