//! Errors: one line each.

use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::common::{
    ENGINES, complaint, files, flagrace, gated, run, server, spawn, stderr, stdout, wait_until,
    within,
};
use flagrace_server::{Delay, Fault, Profile, Server};
use rstest::rstest;

#[rstest]
#[case("get B1", "'B1' selects no flag: give two letters")]
#[case("get -c 0", "'--concurrency <N>': expected a whole number")]
#[case("get -s REMOTE", "expected one of LOCAL, DELAY, ERROR, or a")]
#[case("get -s http://127.0.0.1:80000/flags", "not a number up to 65535")]
#[case("get -s http://a --delay 1s", "give them to the `flagrace")]
#[case("get --timeout 500000000000years", "at most 1day")]
#[case("get --repeat 99999999999999", "at most 1000000 in one run")]
#[case("get --error-rate 25", "expected a number from 0 to 1")]
#[case("get -a BR", "'--all' cannot be used with '[CC|URL]...'")]
#[case("get --no-save -o x", "'--no-save' cannot be used with")]
#[case("get BR http://a/", "cannot download 'BR' as a URL: it")]
#[case("get http://a/ ftp://b", "cannot download 'ftp://b' as")]
#[case("get http://a/ -s DELAY", "are for flags, not for URLs")]
#[case("get --ca x BR", "--ca is for https, but no URL is https")]
#[case("get --max-body 2GiB", "at most 1GiB")]
#[case("race -s DELAY", "'DELAY' for '--server <URL>'")]
#[case("race -s http://a --delay 1s", "'--server <URL>' cannot")]
#[case("decide --cores 9999 --check", "--cores must be at most")]
#[case("decide --delay 1s --url http://a/", "cannot be used with")]
#[case("map", "--output <FILE>")]
#[case("serve http://a/flags", "[possible values: LOCAL, DELAY")]
#[case("lesson 0", "'0' for '[N]': 0 is not in 1..=10")]
#[case("lesson 11", "11 is not in 1..=10")]
#[case("spin thread --all", "--all is for compare")]
#[case("compare --scenario nowhere -o kept", "no scenario \"nowhere\"")]
#[case("compare -c 5", "--urls")]
#[case("compare -E async --scenario open", "open-30: load needs")]
#[case("compare --body 1MiB -s http://a/flags", "cannot be used with")]
#[case("compare --margin 0", "above 0")]
#[case("compare --scenarios nowhere", "cannot read nowhere")]
#[case("compare --urls a --scenario tiny", "cannot be used with")]
fn a_wrong_argument_is_explained_and_writes_nothing(#[case] arguments: &str, #[case] told: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = flagrace(arguments);
    let output = command.current_dir(folder.path()).output().unwrap();
    let said = stderr(&output);
    assert!(said.contains(told), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(stdout(&output), "");
    assert_eq!(files(folder.path()), [].into());
}

#[test]
fn every_engine_explains_a_missing_response() {
    for engine in ENGINES {
        let get = format!("get --no-save -E {engine} -s http://127.0.0.1:1/f BR FR");
        let said = complaint(&run(&get));
        let first = "2 of 2 flags failed, the first: http://127.0.0.1:1/f/br/br.gif: no response: ";
        for told in [first, "Connection refused", "flagrace serve"] {
            assert!(said.contains(told), "{engine}: {said}");
        }
    }
}

#[rstest]
#[case(Fault::STALL, "--timeout 50ms", "timed out; --timeout allows more")]
#[case(Fault::Metadata(""), "--max-body 9", "--max-body allows more")]
#[case(Fault::CUT, "", "closed the connection; check the server")]
#[case(Fault::Status(500), "", "HTTP 500; only the server can mend it")]
fn a_failure_names_its_flag_the_cause_and_what_to_do(
    #[case] fault: Fault,
    #[case] limit: &str,
    #[case] told: &str,
) {
    let server = server(&[("BR", fault)]);
    let url = server.base_url();
    let get = format!("get --no-save -E threads-bare {limit} -s {url} BR FR");
    let said = complaint(&run(&get));
    let (first, told) = (format!("{url}/br/br.gif: "), format!("{told}\n"));
    assert!(said.contains(&first) && said.ends_with(&told), "{said}");
}

/// It is not a wrong argument: exit code 1. Nothing is downloaded.
#[rstest]
#[case("--urls DIR/none", "the URLs in DIR/none: No such file")]
#[case("--urls DIR/bad", "DIR/bad: line 2: 'ftp://a/' is not a")]
#[case("--urls DIR/empty", "DIR/empty: it has no URL")]
#[case("--urls DIR/noise", "cannot read the URLs in DIR/noise: ")]
#[case("-o DIR/bad/a", "save flags in DIR/bad/a (-o names another")]
#[case("--timeline DIR/no/svg", "cannot write DIR/no/svg: No such file")]
fn a_bad_file_or_directory_is_one_line(#[case] arguments: &str, #[case] told: &str) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("bad", b"http://a/\nftp://a/\n");
    write("empty", b"# nothing\n");
    write("noise", b"\xff\xfe\x00");
    let output = run(&within(&folder, &format!("get {arguments}")));
    let said = complaint(&output);
    assert!(said.contains(&within(&folder, told)), "{said}");
    assert_eq!(stdout(&output), "");
}

#[cfg(target_os = "linux")]
#[rstest]
#[case("get BR --no-save -s http://127.0.0.1:1/flags", 1)]
#[case("get BR --no-save --json --verbose", 0)]
#[case("get B1", 2)]
#[case("race BR -E seq,async -s http://127.0.0.1:1/flags", 1)]
fn a_full_standard_error_changes_nothing(#[case] arguments: &str, #[case] code: i32) {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = flagrace(arguments);
    command.stdout(std::process::Stdio::null()).stderr(full);
    assert_eq!(command.status().unwrap().code(), Some(code));
}

/// Runs `get` with each engine, under limits that a shell sets.
#[cfg(target_os = "linux")]
#[rstest]
#[case::descriptors("ulimit -n 30", "-a -c 29", &ENGINES[1..], "raise `ulimit -n`")]
#[case::descriptors_before("ulimit -n 60", "-a -c 60", &ENGINES[1..], "the 60 that are allowed; raise `ulimit -n`")]
#[case::search("true", "-a --repeat 8 -c 2000", &["rayon"], "the 2000 that are allowed; each searches")]
#[case::file_size("trap '' XFSZ; ulimit -f 0", "", &ENGINES, "raise `ulimit -f`")]
#[case::threads(
    "ulimit -v 3000000; export MALLOC_ARENA_MAX=1 RUST_MIN_STACK=1073741824",
    "-c 20",
    &["threads", "rayon", "async-multi", "threads-bare", "async-multi-bare", "thread-per-request"],
    "raise `ulimit -u`"
)]
#[case::first_thread("ulimit -v 2000000; export RUST_MIN_STACK=1073741824", "", &ENGINES[1..], "raise `ulimit -u`")]
#[case::disk("mount -t tmpfs -o size=32k none DIR", "", &ENGINES, "; free space or inodes")]
#[case::inodes("mount -t tmpfs -o nr_inodes=9 none DIR", "-c 3", &ENGINES, "; free space or inodes")]
fn a_limit_of_the_system_is_told_with_its_cure(
    #[case] limit: &str,
    #[case] options: &str,
    #[case] engines: &[&str],
    #[case] told: &str,
) {
    let namespace: &[_] = match limit.starts_with("mount") {
        true => &["unshare", "-rm"],
        false => &[],
    };
    // A small disk hides the folder and ends with its namespace: its files are copied there.
    let copy = "code=$?; cp -R DIR/. . 2>&-; exit $code";
    let script = format!("cd DIR && {limit} && \"$0\" \"$@\"; {copy}");
    // Every worker has a connection while the first flag is delayed.
    let delay = Delay::fixed(Duration::from_millis(20));
    let server = Server::start(Profile::delayed_by(delay).into()).unwrap();
    for engine in engines {
        let folder = tempfile::tempdir().unwrap();
        let get = format!("get -o DIR -E {engine} -s {} {options}", server.base_url());
        let inner = flagrace(&within(&folder, &get));
        let shell = ["sh", "-c", &within(&folder, &script)];
        let mut limited = Command::new("env");
        limited.args(namespace).args(shell);
        limited.arg(inner.get_program()).args(inner.get_args());
        let output = limited.output().unwrap();
        let said = stderr(&output);
        let refused = ["env: ", "unshare: ", "mount: "];
        if refused.iter().any(|by| said.starts_with(by)) {
            // Shown even if the test passes.
            return writeln!(io::stderr(), "not tested: {said}").unwrap();
        }
        complaint(&output);
        assert!(said.contains(told), "{engine}: {said}");
        // What was saved is whole, to the trailer of a GIF, and no temporary file is left.
        let saved = files(folder.path());
        let count = format!("\n{} flag", saved.len());
        assert!(saved.is_empty() || stdout(&output).contains(&count));
        let whole = |(name, gif): (String, Vec<u8>)| name.len() == 6 && gif.ends_with(b";");
        assert!(saved.into_iter().all(whole), "{engine}");
    }
}

#[test]
fn a_folder_that_vanishes_fails_each_flag_with_its_path() {
    for engine in ENGINES {
        // Nothing is answered before two requests are in flight.
        let server = gated(2);
        let folder = tempfile::tempdir().unwrap();
        let get = format!("get -o DIR/new -E {engine} -s {} BR", server.base_url());
        let child = spawn(&within(&folder, &get));
        wait_until("a request", || server.stats().in_flight > 0);
        // Timer 02 of a client's connection would probe whether the idle server is there.
        let client = format!(":{:04X} 01 ", server.address().port());
        let sockets = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
        let mut clients = sockets.lines().filter(|line| line.contains(&client));
        assert!(!clients.any(|line| line.contains(" 02:")), "{engine}");
        fs::remove_dir_all(folder.path()).unwrap();
        let mut second = TcpStream::connect(server.address()).unwrap();
        write!(second, "GET / HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        let said = complaint(&child.wait_with_output().unwrap());
        let told = ["could not be saved: No such", &within(&folder, "DIR/new")];
        assert!(told.iter().all(|part| said.contains(part)), "{said}");
    }
}
