//! `flagrace serve` and `completions`.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout};

use common::{interrupt, run, spawn, stderr, stdout};
use rstest::rstest;

/// Starts a server and waits until it has printed its URL.
fn serve(arguments: &str) -> (Child, BufReader<ChildStdout>, String) {
    let mut child = spawn(&format!("serve --port 0 {arguments}"));
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut words = line.split_whitespace();
    let url = words.find(|word| word.starts_with("http://")).unwrap();
    (child, reader, url.to_owned())
}

#[test]
fn it_serves_until_ctrl_c_and_prints_its_counts() {
    let (mut child, mut reader, url) = serve("");
    let output = run(&format!("get --no-save -E seq -s {url}"));
    assert!(output.status.success(), "{}", stderr(&output));
    interrupt(&child);
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    let counts = "20 requests over 1 connections, at most 1 at a time.";
    assert!(rest.contains(counts), "{rest}");
    assert!(child.wait().unwrap().success());
}

/// The delays happen in the event loops: a timer with a thread of its own would be measured too.
#[cfg(target_os = "linux")]
#[test]
fn a_delay_takes_no_thread_of_its_own() {
    let (child, _reader, url) = serve("--threads 2 --delay 1ms");
    let output = run(&format!("get --no-save -s {url}"));
    assert!(output.status.success(), "{}", stderr(&output));
    let tasks = fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).unwrap();
    let mut names: Vec<_> = tasks.map(|task| name(task.unwrap())).collect();
    interrupt(&child);
    names.sort();
    let expected = "ctrl-c\nflagrace\nserver-0\nserver-1\nserver-accept\n";
    assert_eq!(names.concat(), expected);
}

#[test]
fn a_directory_replaces_the_built_in_flags() {
    let folder = tempfile::tempdir().unwrap();
    let kept = tempfile::tempdir().unwrap();
    let brazil = folder.path().join("br");
    fs::create_dir(&brazil).unwrap();
    fs::write(brazil.join("br.gif"), b"GIF89a of my own").unwrap();
    fs::write(brazil.join("metadata.json"), r#"{"country": "../Brazil"}"#).unwrap();
    let (child, _reader, url) = serve(&format!("--flags {}", folder.path().display()));
    let kept = kept.path();
    let output = run(&format!(
        "get --metadata -o {} -s {url} BR FR",
        kept.display()
    ));
    interrupt(&child);
    let text = stdout(&output);
    assert!(text.contains("1 flag downloaded.\n1 not found."), "{text}");
    let saved = fs::read(kept.join("_Brazil-BR.gif")).unwrap();
    assert_eq!(saved, b"GIF89a of my own");
}

#[rstest]
fn there_are_completions_for(#[values("bash", "zsh", "fish", "elvish", "powershell")] shell: &str) {
    let output = run(&format!("completions {shell}"));
    assert!(stdout(&output).contains("concurrency"));
}
