//! `flagrace serve`, `completions` and `report`.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Child;

use common::{interrupt, run, spawn, stderr, stdout};
use rstest::rstest;

/// Starts a server and waits until it says where it is.
fn serve(arguments: &str) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let mut child = spawn(&format!("serve --port 0 {arguments}"));
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let url = url
        .unwrap_or_else(|| panic!("{line}"))
        .trim_end_matches(',')
        .to_owned();
    (child, reader, url)
}

#[test]
fn it_serves_until_ctrl_c_and_says_what_it_saw() {
    let (mut child, mut reader, url) = serve("");
    let output = run(&format!("get --no-save -E seq -s {url}"));
    assert!(output.status.success(), "{}", stderr(&output));
    interrupt(&child);
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert!(
        rest.contains("20 requests over 1 connections, at most 1 at a time."),
        "{rest}"
    );
    assert!(child.wait().unwrap().success());
}

/// The delays happen in the event loops: a timer with a thread would be what is measured.
#[cfg(target_os = "linux")]
#[test]
fn a_delay_takes_no_thread_of_its_own() {
    let (child, _reader, url) = serve("--threads 2 --delay 1ms");
    let output = run(&format!("get --no-save -s {url}"));
    assert!(output.status.success(), "{}", stderr(&output));
    let tasks = fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    let mut names: Vec<_> = tasks
        .map(|task| fs::read_to_string(task.unwrap().path().join("comm")).unwrap())
        .collect();
    interrupt(&child);
    names.sort();
    let expected = "ctrl-c\nflagrace\nserver-0\nserver-1\nserver-accept\n";
    assert_eq!(names.concat(), expected);
}

#[test]
fn a_directory_takes_the_place_of_the_built_in_flags() {
    let folder = tempfile::tempdir().unwrap();
    let kept = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("br")).unwrap();
    fs::write(folder.path().join("br/br.gif"), b"GIF89a of my own").unwrap();
    fs::write(
        folder.path().join("br/metadata.json"),
        r#"{"country": "../Brazil"}"#,
    )
    .unwrap();
    let (child, _reader, url) = serve(&format!("--flags {}", folder.path().display()));
    let output = run(&format!(
        "get --metadata -o {} -s {url} BR FR",
        kept.path().display()
    ));
    assert!(
        stdout(&output).contains("1 flag downloaded.\n1 not found."),
        "{}",
        stdout(&output)
    );
    let saved = fs::read(kept.path().join("_Brazil-BR.gif")).unwrap();
    assert_eq!(saved, b"GIF89a of my own");
    interrupt(&child);
}

#[test]
fn knobs_shape_the_profile_and_the_seed_decides_who_is_refused() {
    let refused = |seed: u32| {
        let (child, _reader, url) = serve(&format!("--error-rate 0.5 --seed {seed}"));
        let output = run(&format!("get --no-save -v -a -s {url}"));
        interrupt(&child);
        let mut lines: Vec<_> = stdout(&output)
            .lines()
            .filter(|line| line.starts_with("*** Error"))
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    };
    let first = refused(1);
    assert!((80..180).contains(&first.len()), "{}", first.len());
    assert_eq!(first, refused(1));
    assert_ne!(first, refused(2));
}

#[rstest]
fn there_are_completions_for(#[values("bash", "zsh", "fish", "elvish", "powershell")] shell: &str) {
    let output = run(&format!("completions {shell}"));
    assert!(output.status.success());
    let script = stdout(&output);
    assert!(script.contains("max-req") && script.contains("serve"));
}

/// The committed tables are what the committed raw data say.
#[test]
fn no_recorded_table_is_stale() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let output = run(&format!("report --check --root {root}"));
    assert!(output.status.success(), "{}", stderr(&output));
}

/// A folder may hold a comparison, criterion's samples or both: what it has is shown.
#[test]
fn a_report_shows_what_its_folder_has() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/2026-11-23-vm-5");
    let folder = tempfile::tempdir().unwrap();
    let put = |name| fs::copy(recorded.join(name), folder.path().join(name)).unwrap();
    let shown = || stdout(&run(&format!("report {}", folder.path().display())));
    put("compare.jsonl");
    let compared = shown();
    let heading = "delay: 20 flags, 20 at a time, from a server that takes 50 ms\n";
    assert!(compared.contains(heading), "{compared}");
    put("raw.json");
    let both = shown();
    assert!(both.starts_with(&compared), "{both}");
    let heading = "20 flags, 20 at a time, by the server's delay";
    assert!(both.contains(heading), "{both}");
    fs::remove_file(folder.path().join("compare.jsonl")).unwrap();
    assert_eq!(format!("{compared}\n{}", shown()), both);
}
