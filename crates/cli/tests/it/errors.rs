//! What goes wrong, and the one clear line that says so.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::fs;

use common::{ENGINES, complaint, files, run, server, stderr, stdout};
use rstest::rstest;

/// A wrong argument names itself and what would be right, and exits with 2.
#[rstest]
#[case("get B1", "'B1' names no flag: give two letters")]
#[case("get BRA", "'BRA' names no flag")]
#[case("get é", "'é' names no flag")]
#[case(
    "get -m 0",
    "'0' for '--max-req <N>': it must be a whole number, at least 1"
)]
#[case("get -m many", "'many' for '--max-req <N>'")]
#[case("get -l 0", "'0' for '--limit <N>'")]
#[case("get --max-concurrency -1", "'-1'")]
#[case(
    "get -s REMOTE",
    "'REMOTE' for '--server <LABEL|URL>': there is no such server: a server is one of LOCAL, DELAY, ERROR"
)]
#[case("get -s ftp://example.org", "it does not begin with http://")]
#[case(
    "get -E fibers",
    "[possible values: seq, threads, rayon, rayon-default, async, async-multi, threads-bare, async-bare, async-multi-bare, thread-per-request, task-per-request]"
)]
#[case(
    "get -s http://127.0.0.1:1/flags --delay 1s",
    "give them to that server"
)]
#[case("get --timeout 0s", "longer than nothing")]
#[case("get --timeout soon", "a time is like 500ms")]
#[case("get --timeout 500000000000years", "a day at most")]
#[case("get --repeat 99999999999999", "a run has 1000000 at most")]
#[case("get --total 99999999999999999", "a run has 1000000 at most")]
#[case("get -s http://127.0.0.1:80000/flags", "no number up to 65535")]
#[case("spin blocked-task --workers 100000", "100000 is not in 1..=1000")]
#[case("get --delay 5s..1s", "it ends before it begins")]
#[case("get --error-rate 25", "a share is a number from 0 to 1")]
#[case("get -a BR", "'--all' cannot be used with '[CC]...'")]
#[case("get -a -e", "'--all' cannot be used with '--every'")]
#[case("get -v --json", "'--verbose' cannot be used with '--json'")]
#[case(
    "get --no-save -o x",
    "'--no-save' cannot be used with '--output <DIR>'"
)]
#[case("get --cost", "--json")]
#[case(
    "serve http://127.0.0.1:8000/flags",
    "a profile is one of LOCAL, DELAY, ERROR; `flagrace get --server` downloads from an address"
)]
#[case("serve --port 70000", "70000 is not in 0..=65535")]
#[case("serve --bind localhost", "'localhost' for '--bind <ADDRESS>'")]
#[case("completions tcsh", "[possible values: bash")]
#[case("spin", "<WAY>")]
#[case("spin fiber", "[possible values: thread, task, blocked-task")]
#[case(
    "spin thread --seconds 0",
    "'0' for '--seconds <S>': it must be a number"
)]
#[case("spin thread --seconds 1e9", "at most 3600")]
#[case("spin thread --seconds nan", "a number above 0")]
#[case("spin thread --workers 2", "--workers is for blocked-task")]
#[case("spin blocked-task --workers 0", "0 is not in 1..=1000")]
#[case("spin blocked-task --blockers 2", "--workers <N>")]
#[case("get --urls x BR", "'--urls <FILE>' cannot be used with '[CC]...'")]
#[case("get --urls x -a", "'--urls <FILE>' cannot be used with '--all'")]
#[case("get --urls x -e", "'--urls <FILE>' cannot be used with '--every'")]
#[case(
    "get --urls x --metadata",
    "'--urls <FILE>' cannot be used with '--metadata'"
)]
#[case(
    "get --urls x -s LOCAL",
    "'--urls <FILE>' cannot be used with '--server <LABEL|URL>'"
)]
#[case(
    "get --urls x --delay 1s",
    "'--urls <FILE>' cannot be used with '--delay <TIME>'"
)]
#[case(
    "get --urls x --error-rate 1",
    "cannot be used with '--error-rate <SHARE>'"
)]
#[case(
    "get --urls x --seed 1",
    "'--urls <FILE>' cannot be used with '--seed <SEED>'"
)]
#[case(
    "get --ca x BR",
    "--ca is for https, and nothing is asked for over https"
)]
#[case("get --ca x -s http://127.0.0.1:1/flags", "--ca is for https")]
#[case(
    "get --max-body 0",
    "'0' for '--max-body <SIZE>': a size is a number of bytes"
)]
#[case("get --max-body -1", "'-1'")]
#[case("get --max-body 2GiB", "up to 1GiB")]
#[case("get --max-body 99999999999999999999", "up to 1GiB")]
#[case("get --max-body 20000000000000000KiB", "up to 1GiB")]
#[case("get --max-body 1.5M", "'1.5M' for '--max-body <SIZE>'")]
#[case("get --max-body MiB", "'MiB' for '--max-body <SIZE>'")]
#[case("fetch", "unrecognized subcommand 'fetch'")]
fn a_wrong_argument(#[case] arguments: &str, #[case] told: &str) {
    let output = run(arguments);
    let said = stderr(&output);
    assert!(said.contains(told), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(stdout(&output), "");
}

fn one_line(arguments: &str) -> String {
    complaint(&run(arguments))
}

#[test]
fn nobody_listens() {
    // Bound and not listening: nobody else can take the port meanwhile.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    for engine in ENGINES {
        let said = one_line(&format!(
            "get --no-save -E {engine} -s http://127.0.0.1:{port}/flags"
        ));
        assert!(
            said.contains(&format!("http://127.0.0.1:{port}/flags gave no answer")),
            "{said}"
        );
        assert!(said.contains("Connection refused"), "{engine}: {said}");
        assert!(said.contains("flagrace serve"), "{said}");
    }
}

#[test]
fn the_directory_cannot_be_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "not a directory").unwrap();
    let said = one_line(&format!("get -o {} BR", file.join("flags").display()));
    assert!(said.contains("cannot keep flags in"), "{said}");
    assert!(said.contains("-o names another directory"), "{said}");
    assert!(said.contains("Not a directory"), "{said}");
}

#[test]
fn the_port_is_in_use() {
    let server = server(&[]);
    let port = server.address().port();
    let said = one_line(&format!("serve --port {port}"));
    assert!(
        said.contains(&format!("port {port} on 127.0.0.1 is in use")),
        "{said}"
    );
}

#[test]
fn the_directory_of_flags_lacks_files() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = format!("serve --port 0 --flags {}", folder.path().display());
    assert!(one_line(&arguments).contains("holds no flags"));
    fs::create_dir(folder.path().join("br")).unwrap();
    assert!(one_line(&arguments).contains("br.gif is missing"));
    fs::write(folder.path().join("br/br.gif"), b"GIF89a").unwrap();
    assert!(one_line(&arguments).contains("metadata.json is missing"));
}

#[test]
fn there_is_no_run_to_show() {
    let folder = tempfile::tempdir().unwrap();
    let said = one_line(&format!("report --root {}", folder.path().display()));
    assert!(
        said.contains("`flagrace compare` and `cargo bench` make one"),
        "{said}"
    );
}

/// A flag that fails does not take a sound one with it, and what was there stays whole.
#[test]
fn what_was_saved_before_an_error_stays() {
    let server = server(&[("FR", flagrace_server::Fault::Cut)]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("fr.gif"), b"from an earlier day").unwrap();
    let output = run(&format!(
        "get -o {} -s {} BR FR",
        folder.path().display(),
        server.base_url()
    ));
    assert_eq!(output.status.code(), Some(1));
    let kept = files(folder.path());
    assert_eq!(kept["fr.gif"], b"from an earlier day");
    assert_eq!(kept["br.gif"], flagrace_catalog::find("BR").unwrap().gif);
    assert_eq!(kept.len(), 2);
}

/// Nobody hears what is said on a standard error that is full; what is asked for comes all the
/// same, and the exit code is what it would be.
#[cfg(target_os = "linux")]
#[rstest]
#[case("get BR --no-save -s http://127.0.0.1:1/flags", 1)]
#[case("get B1", 2)]
#[case("race BR -E seq,async -s http://127.0.0.1:1/flags", 1)]
#[case("compare -n 1 -c delay -E async -o DIR", 0)]
fn a_full_standard_error_changes_nothing(#[case] arguments: &str, #[case] code: i32) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = arguments.replace("DIR", folder.path().to_str().unwrap());
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = common::flagrace(&arguments)
        .stdout(std::process::Stdio::null())
        .stderr(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(code), "{arguments}");
}
