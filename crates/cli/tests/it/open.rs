//! `flagrace report`: which results it shows, and how.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{OnTerminal, complaint, flagrace, shown, stderr, wait_until};
use crate::decide::planted;

fn record(path: &Path, scenario: &str) {
    planted(path, [format!("planted-{scenario}")]);
}

fn report(folder: &Path, arguments: &str) -> Command {
    let mut command = flagrace(&format!("report {arguments}"));
    command.current_dir(folder);
    command
}

#[test]
fn shows_the_latest_results_or_the_newest_recorded_or_the_named_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let report = |arguments| report(folder.path(), arguments).output().unwrap();
    let said = complaint(&report(""));
    let told = "no results in results/latest: `cargo bench` measures";
    assert!(said.contains(told), "{said}");

    record(&path("results/2025-01-31-a/compare.jsonl"), "older");
    record(&path("results/2025-02-01-a/compare.jsonl"), "newer");
    let output = report("");
    assert!(shown(&output).contains("planted-newer"), "{output:?}");
    assert_eq!(stderr(&output), "Results in results/2025-02-01-a:\n");

    // The files of a folder form one run.
    record(&path("results/latest/compare.jsonl"), "mine");
    record(&path("results/latest/bench.jsonl"), "bench");
    let output = report("");
    let both = shown(&output);
    let [mine, bench] = ["mine", "bench"].map(|name| both.find(&format!("planted-{name}")));
    assert!(mine.is_some() && mine < bench, "{both}");
    assert_eq!(stderr(&output), "Results in results/latest:\n");

    let named = report("results/2025-01-31-a --details --export-csv a.csv");
    assert!(shown(&named).contains("planted-older"));
    let csv = fs::read_to_string(path("a.csv")).unwrap();
    assert!(csv.contains("planted-older,threads-bare,"), "{csv}");
    // They fit into a terminal of 80 columns.
    let latest = path("results/latest");
    let mut terminal = OnTerminal::start(&format!("report --details {}", latest.display()), &[]);
    assert_eq!(terminal.end(), Some(0));
    let text = String::from_utf8(terminal.raw).unwrap();
    let mut lines = text.lines().map(|line| line.trim_end().chars());
    assert!(lines.all(|line| line.count() <= 80), "{text}");

    record(&path("results/latest/again.jsonl"), "mine");
    let said = stderr(&report(""));
    let told = "results/latest is not one run: scenario \"planted-mine\"";
    assert!(said.contains(told), "{said}");
    let said = complaint(&report("elsewhere"));
    assert!(said.contains("elsewhere"), "{said}");
}

/// macOS asks no variable which browser to open.
#[cfg(target_os = "linux")]
#[test]
fn the_page_opens_in_the_browser() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    record(&path("mine.jsonl"), "mine");
    // `sh` reads it: a new executable might be busy while other tests start processes.
    fs::write(path("browser"), "cp \"${1#file://}\" page").unwrap();
    let mut command = report(folder.path(), "--open mine.jsonl");
    command.env("TMPDIR", folder.path());
    command.env("BROWSER", "sh browser");
    let said = shown(&command.output().unwrap());
    let page = said.strip_prefix("opened ").unwrap().trim_end();
    let is_page = |text: String| text.contains("planted-mine");
    assert!(is_page(fs::read_to_string(page).unwrap()));
    wait_until("the browser has the page", || {
        fs::read_to_string(path("page")).is_ok_and(is_page)
    });

    command.env("BROWSER", "missing").env("PATH", "nowhere");
    let said = complaint(&command.output().unwrap());
    let told = said.contains("cannot open ") && said.contains(".html");
    assert!(told, "{said}");
}
