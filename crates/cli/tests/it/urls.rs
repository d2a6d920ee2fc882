//! `flagrace get --urls`: somebody's own work, over http.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use common::{ENGINES, complaint, flagrace, folder, run, server, stderr, stdout, within};
use flagrace_conformance::site::Site;
use flagrace_server::Fault;
use rstest::rstest;
use serde_json::Value;

#[test]
fn the_longest_url_is_as_long_as_every_engine_can_ask_for() {
    let plain = Site::http();
    let long = |bytes: usize| {
        let url = plain.url("/a/x.txt?");
        let filler = "n".repeat(bytes - url.len());
        url + &filler
    };
    let folder = folder(&[long(4_000)]);
    for engine in ENGINES {
        let output = run(&within(
            &folder,
            &format!("get -E {engine} --urls DIR/urls --no-save"),
        ));
        assert!(output.status.success(), "{engine}: {}", stderr(&output));
    }
    fs::write(folder.path().join("urls"), long(4_001)).unwrap();
    let said = stderr(&run(&within(&folder, "get --urls DIR/urls --no-save")));
    assert!(said.contains("line 1: 'http://127.0.0.1:"), "{said}");
    assert!(said.contains("it is longer than 4,000 bytes"), "{said}");
    assert!(said.lines().count() == 1 && said.len() < 400, "{said}");
}

#[test]
fn it_tells_of_urls_and_hosts() {
    let site = server(&[("FR", Fault::Status(500))]);
    let host = site.address();
    let url = |cc: &str| format!("http://{host}/flags/{cc}/{cc}.gif");
    let folder = folder(&["br", "xx", "fr"].map(url));
    let output = run(&within(&folder, "get --urls DIR/urls --no-save -v -E seq"));
    let told = stdout(&output);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(
        lines[..lines.len() - 1],
        [
            &format!("Searching for 3 URLs on 1 host: {host}"),
            "1 concurrent connection will be used.",
            &format!("{} OK", url("br")),
            &format!("{} not found", url("xx")),
            &format!("*** Error for {}: HTTP 500", url("fr")),
            "--------------------",
            "1 URL downloaded.",
            "1 not found.",
            "1 error.",
        ]
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn in_json_an_outcome_has_its_url_and_its_file() {
    let site = Site::http();
    let folder = folder(&[site.url("/a/x"), site.url("/b/X")]);
    for engine in ENGINES {
        let arguments = format!("get --urls DIR/urls --no-save --json -E {engine}");
        let output = run(&within(&folder, &arguments));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let told: Vec<_> = (document["outcomes"].as_array().unwrap().iter())
            .map(|one| [&one["url"], &one["file"], &one["code"], &one["status"]].map(Value::as_str))
            .collect();
        let (first, second) = (site.url("/a/x"), site.url("/b/X"));
        assert_eq!(
            told,
            [
                [Some(&*first), Some("0001-x"), None, Some("ok")],
                [Some(&*second), Some("0002-X"), None, Some("ok")],
            ]
        );
        assert!(document.get("base_url").is_none() && document.get("server").is_none());
    }
}

#[test]
fn a_list_may_come_from_standard_input_and_may_be_cut_and_repeated() {
    let site = Site::http();
    let mut command = flagrace("get --urls - --no-save --limit 2 --repeat 3");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let list = ["/a", "/b", "/c"].map(|path| site.url(path)).join("\n");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(list.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(stdout(&output).contains("Searching for 6 URLs on 1 host"));
    assert!(stdout(&output).contains("6 URLs downloaded."));
    assert_eq!(site.asked(), ["/a", "/a", "/a", "/b", "/b", "/b"]);
}

#[rstest]
#[case("999", false)]
#[case("1000", true)]
#[case("1k", true)]
#[case("1KiB", true)]
fn the_largest_body_is_the_users_to_set(#[case] size: &str, #[case] fits: bool) {
    let site = Site::http();
    let folder = folder(&[site.url("/large/1000/x")]);
    for engine in ENGINES {
        let arguments = format!("get --urls DIR/urls --no-save -v -E {engine} --max-body {size}");
        let output = run(&within(&folder, &arguments));
        let told = stdout(&output);
        assert_eq!(output.status.success(), fits, "{engine}: {told}");
        assert_eq!(told.contains("the body is too large"), !fits, "{told}");
    }
}

/// What stands in a file is the world's, not the command line's: exit code 1.
#[rstest]
#[case(
    "--urls DIR/nowhere",
    "cannot read the URLs in DIR/nowhere: No such file"
)]
#[case("--urls DIR/bad", "DIR/bad: line 2: 'ftp://a/' is no URL to download")]
#[case("--urls DIR/empty", "DIR/empty: there is no URL in it")]
#[case("--urls DIR/noise", "cannot read the URLs in DIR/noise: ")]
fn a_file_that_is_wrong(#[case] arguments: &str, #[case] told: &str) {
    let folder = folder(&[]);
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("bad", b"http://a/\nftp://a/\n");
    write("empty", b"# nothing\n");
    write("noise", b"\xff\xfe\x00");
    let output = run(&within(&folder, &format!("get --no-save {arguments}")));
    let said = complaint(&output);
    assert!(said.contains(&within(&folder, told)), "{said}");
    assert_eq!(stdout(&output), "");
}

/// The benchmarks do without rustls, and so does a build without the feature.
#[cfg(not(feature = "https"))]
#[rstest]
#[case("get --urls DIR/urls")]
#[case("get BR -s https://127.0.0.1:1/flags")]
#[case("race -s https://127.0.0.1:1/flags")]
#[case("compare --urls DIR/urls")]
#[case("compare -s https://127.0.0.1:1/flags")]
#[case("get --urls DIR/plain --ca DIR/urls")]
fn a_build_without_https_says_how_to_get_it(#[case] arguments: &str) {
    let folder = folder(&["https://127.0.0.1:1/".to_owned()]);
    fs::write(folder.path().join("plain"), "http://127.0.0.1:1/").unwrap();
    let mut command = flagrace(&within(&folder, arguments));
    let output = command.current_dir(folder.path()).output().unwrap();
    let said = stderr(&output);
    assert!(!output.status.success());
    assert!(
        said.lines().next().unwrap().contains("--features https"),
        "{said}"
    );
}
