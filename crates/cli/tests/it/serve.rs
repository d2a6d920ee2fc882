//! `flagrace serve`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Child;

use crate::common::{interrupt, run, shown, spawn, within};
use serde_json::Value;

/// Starts a server and waits until it has printed its URL.
fn serve(arguments: &str) -> (Child, String) {
    let mut child = spawn(&format!("serve --port 0 {arguments}"));
    let stdout = child.stdout.as_mut().unwrap();
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let mut words = line.split_whitespace();
    let url = words.find(|word| word.starts_with("http://")).unwrap();
    (child, url.to_owned())
}

/// Delays run in the event loops: the cost of a separate timer thread would be measured too.
#[test]
fn a_delay_needs_no_thread_and_ctrl_c_prints_the_counts() {
    let (child, url) = serve("--threads 2 --delay 1ms");
    shown(&run(&format!("get --no-save -E seq -s {url}")));
    if let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", child.id())) {
        let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).unwrap();
        let mut names: Vec<_> = tasks.map(|task| name(task.unwrap())).collect();
        names.sort();
        let expected = "ctrl-c\nflagrace\nserver-0\nserver-1\nserver-accept\n";
        assert_eq!(names.concat(), expected);
    }
    interrupt(&child);
    let rest = shown(&child.wait_with_output().unwrap());
    let counts = "20 requests over 1 connections, at most 1 at a time.";
    assert!(rest.contains(counts), "{rest}");
}

#[test]
fn a_directory_replaces_the_built_in_flags() {
    let folder = tempfile::tempdir().unwrap();
    let brazil = folder.path().join("br");
    fs::create_dir(&brazil).unwrap();
    fs::write(brazil.join("br.gif"), b"GIF89a of my own").unwrap();
    fs::write(brazil.join("metadata.json"), r#"{"country": "../Brazil"}"#).unwrap();
    let (child, url) = serve(&within(&folder, "--flags DIR"));
    let get = format!("get --metadata -o DIR/kept -s {url} BR FR");
    let text = shown(&run(&within(&folder, &get)));
    interrupt(&child);
    assert!(text.contains("1 flag downloaded.\n1 not found."), "{text}");
    let saved = fs::read(folder.path().join("kept/_Brazil-BR.gif")).unwrap();
    assert_eq!(saved, b"GIF89a of my own");
}

/// 1 MiB is the largest body that engines accept by default.
#[test]
fn a_body_of_one_mebibyte_is_served_and_computed_on() {
    let (child, url) = serve("--body 1MiB");
    let folder = tempfile::tempdir().unwrap();
    for engine in ["seq", "async", "async-spawn-blocking", "hybrid"] {
        let get = format!("get -o DIR --json --cpu 1ms -E {engine} -s {url} BR");
        let output = run(&within(&folder, &get));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["engine"], engine);
        let brazil = &document["outcomes"][0];
        assert!(brazil["computed"].is_u64(), "{brazil}");
        let saved = fs::read(folder.path().join("br.gif")).unwrap();
        assert!(saved.starts_with(b"GIF89a") && saved.len() == 1 << 20);
    }
    interrupt(&child);
}
