//! `flagrace report --open`, with browsers that only write down what they were to show.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{flagrace, run, stderr, stdout};
use flagrace_report::Meta;
use flagrace_report::comparison::{self, Comparison};

/// A folder with a project in it, whose programs are the only ones there are.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(desk.path("programs")).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that writes its arguments down, and then does this.
    fn program(&self, name: &str, then: &str) -> PathBuf {
        let (path, shown) = (self.path("programs").join(name), self.path(name));
        let script = format!("#!/bin/sh\necho \"$@\" >> '{}'\n{then}\n", shown.display());
        fs::write(self.path("script"), script).unwrap();
        // Another process writes it. Had this one, a test that forks meanwhile would hold it open
        // for writing, and what is open for writing cannot be run (ETXTBSY).
        let mut install = Command::new("install");
        install.args(["-m", "755"]).arg(self.path("script"));
        assert!(install.arg(&path).status().unwrap().success());
        path
    }

    /// What it was to show, if it was asked.
    fn shown(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.path(name)).ok()?;
        Some(text.trim_end().to_owned())
    }

    /// A run with a page.
    fn page(&self, run: &str) -> PathBuf {
        let folder = self.path("results").join(run);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("index.html"), "<!DOCTYPE html>").unwrap();
        folder.join("index.html").canonicalize().unwrap()
    }

    fn report(&self, display: bool) -> Command {
        let root = self.folder.path().display();
        let mut report = flagrace(&format!("report --open --root {root}"));
        for name in ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"] {
            report.env_remove(name);
        }
        if display {
            report.env("DISPLAY", ":0");
        }
        report.env("PATH", self.path("programs"));
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

/// Its one line of complaint.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stdout(output).is_empty(), "{output:?}");
    let said = stderr(output);
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn the_systems_browser_shows_the_newest_run() {
    let desk = Desk::new();
    let page = desk.page("latest");
    desk.program("xdg-open", "exit 0");
    let output = desk.report(true).output().unwrap();
    assert_eq!(told(&output), format!("opened {}\n", page.display()));
    assert_eq!(desk.shown("xdg-open").unwrap(), page.to_str().unwrap());
}

#[test]
fn a_browser_that_is_named_is_taken_instead() {
    let desk = Desk::new();
    let page = desk.page("other run");
    desk.page("latest");
    desk.program("xdg-open", "exit 0");
    desk.program("broken", "exit 1");
    desk.program("mine", "exit 0");
    // The first does not work, and one that is named needs no display.
    let mut report = desk.report(false);
    report.env("BROWSER", "broken:missing:mine --new %s --last:xdg-open");
    report.arg(desk.path("results/other run"));
    let output = report.output().unwrap();
    assert_eq!(told(&output), format!("opened {}\n", page.display()));
    let shown = format!("--new {} --last", page.display());
    assert_eq!(desk.shown("mine").unwrap(), shown);
    assert_eq!(desk.shown("broken").unwrap(), page.to_str().unwrap());
    assert_eq!(desk.shown("xdg-open"), None);
}

#[test]
fn without_a_display_the_page_is_named() {
    let desk = Desk::new();
    let page = desk.page("latest");
    desk.program("xdg-open", "exit 0");
    let said = complaint(&desk.report(false).output().unwrap());
    let expected = format!(
        "flagrace: there is no display to show a browser on, and no $BROWSER; the page is {}\n",
        page.display()
    );
    assert_eq!(said, expected);
    assert_eq!(desk.shown("xdg-open"), None);
}

#[test]
fn without_a_browser_the_page_is_named() {
    let desk = Desk::new();
    let page = desk.page("latest");
    desk.program("xdg-open", "exit 3");
    let said = complaint(&desk.report(true).output().unwrap());
    let starts = said.starts_with("flagrace: no browser could be opened (xdg-open, ");
    assert!(starts && said.contains(page.to_str().unwrap()), "{said}");
}

#[test]
fn a_browser_that_stays_is_not_waited_for() {
    let desk = Desk::new();
    desk.page("latest");
    let gate = desk.path("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).unwrap();
    desk.program("stays", &format!("read -r line < '{}'", gate.display()));
    let mut report = desk.report(true);
    let output = report.env("BROWSER", "stays").output().unwrap();
    told(&output);
    // It is still there: only now does anybody let it go on.
    let mut opened = fs::OpenOptions::new().write(true).open(&gate).unwrap();
    opened.write_all(b"go on\n").unwrap();
}

#[test]
fn what_has_no_page_is_told() {
    let desk = Desk::new();
    let said = complaint(&desk.report(true).output().unwrap());
    let expected = [
        "results holds no index.html: `flagrace compare` makes one",
        "--root",
    ];
    assert!(expected.iter().all(|part| said.contains(part)), "{said}");
    // A folder that is named is meant, whatever others there are.
    desk.page("latest");
    let mut report = desk.report(true);
    let said = complaint(&report.arg(desk.path("programs")).output().unwrap());
    assert!(said.contains("programs holds no index.html"), "{said}");
}

#[test]
fn without_a_newest_run_a_recorded_one_is_shown() {
    let desk = Desk::new();
    let mine = desk.program("mine", "exit 0");
    for (run, date) in [
        ("a", "2025-01-30"),
        ("b", "2025-02-01"),
        ("c", "2025-01-31"),
    ] {
        desk.page(run);
        record(&desk.path("results").join(run), date);
    }
    let mut report = desk.report(true);
    let output = report.env("BROWSER", &mine).output().unwrap();
    assert!(
        stdout(&output).ends_with("results/b/index.html\n"),
        "{output:?}"
    );
    let said = stderr(&output);
    assert!(said.starts_with("The newest recorded run, "), "{said}");
    assert!(said.ends_with("results/b:\n"), "{said}");

    // One's own has no page, as after `cargo bench`.
    let latest = desk.path("results/latest");
    fs::create_dir(&latest).unwrap();
    fs::write(latest.join("raw.json"), "{}").unwrap();
    let output = report.output().unwrap();
    assert!(
        stdout(&output).ends_with("results/b/index.html\n"),
        "{output:?}"
    );
    let said = stderr(&output);
    let why = "latest has no page, `flagrace compare` makes one. The newest recorded run, ";
    assert!(
        said.contains(why) && said.ends_with("results/b:\n"),
        "{said}"
    );

    // And one that was killed before it had its page.
    record(&latest, "2025-01-01");
    let output = report.output().unwrap();
    assert!(
        told(&output).ends_with("results/latest/index.html\n"),
        "{output:?}"
    );
    fs::remove_dir_all(&latest).unwrap();

    // Its tables are those that are printed, too.
    let root = desk.folder.path().display();
    let output = run(&format!("report --root {root}"));
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("The newest recorded run, "), "{said}");
    assert!(said.ends_with("results/b:\n"), "{said}");
}

/// A comparison in which nothing was compared.
fn record(folder: &Path, day: &str) {
    let word = || "-".to_owned();
    let meta = Meta {
        date: format!("{day}T12:00:00Z"),
        command: word(),
        quick: false,
        revision: word(),
        dirty: false,
        lock_hash: word(),
        rustc: word(),
        version: word(),
        host: word(),
        os: word(),
        kernel: word(),
        cpu: word(),
        cores: 1,
        memory_kib: 1,
        server: word(),
    };
    let nothing = Comparison {
        meta,
        scenarios: Vec::new(),
        trials: Vec::new(),
        timelines: Vec::new(),
    };
    comparison::write(folder, &nothing).unwrap();
}
