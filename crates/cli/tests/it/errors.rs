//! Errors: one line each.

use std::fs;

use crate::common::{ENGINES, complaint, files, flagrace, run, server, stderr, stdout, within};
use flagrace_server::Fault;
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
#[case("lesson 0", "'0' for '[N]': 0 is not in 1..=9")]
#[case("lesson 10", "10 is not in 1..=9")]
#[case("spin thread --workers 2", "--workers is for blocked-task")]
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
    let server = server(&[("BR", Fault::Stall)]);
    let url = server.base_url();
    for engine in ENGINES {
        let get = format!("get --no-save -E {engine} --timeout 50ms");
        let said = complaint(&run(&format!("{get} -s http://127.0.0.1:1/f BR FR")));
        let first = "2 of 2 flags failed, the first: http://127.0.0.1:1/f/br/br.gif: no response: ";
        for told in [first, "Connection refused", "flagrace serve"] {
            assert!(said.contains(told), "{engine}: {said}");
        }
        let said = complaint(&run(&format!("{get} -s {url} BR")));
        let expected = format!("1 of 1 flag failed, the first: {url}/br/br.gif: timed out\n");
        assert!(said.ends_with(&expected), "{engine}: {said}");
    }
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
