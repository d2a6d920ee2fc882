//! `flagrace get` over https.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::fs;

use common::{complaint, engines_with_https, files, run, stderr, stdout, within};
use flagrace_conformance::site::{Site, authority_pem};
use rstest::rstest;
use tempfile::TempDir;

/// A folder with a list of these lines, and with `ca`, which signs a site's certificate.
fn folder(lines: &[String]) -> TempDir {
    let folder = common::folder(lines);
    fs::write(folder.path().join("ca"), authority_pem()).unwrap();
    folder
}

#[test]
fn every_engine_downloads_a_list_over_http_and_https() {
    let (plain, secure) = (Site::http(), Site::https());
    let folder = folder(&[
        "# my own work".to_owned(),
        plain.url("/a/x.txt"),
        secure.url("/b/x.txt?n=1"),
        secure.url("/missing/y.txt"),
        plain.url("/a/x.txt"),
    ]);
    for engine in engines_with_https() {
        let arguments = format!("get -E {engine} --urls DIR/urls --ca DIR/ca -o DIR/{engine}");
        let output = run(&within(&folder, &arguments));
        assert!(output.status.success(), "{engine}: {}", stderr(&output));
        let expected = [
            ("0001-x.txt", "/a/x.txt"),
            ("0002-x.txt", "/b/x.txt?n=1"),
            ("0004-x.txt", "/a/x.txt"),
        ];
        let expected = expected.map(|(name, body)| (name.to_owned(), body.into()));
        assert_eq!(files(&folder.path().join(engine)), expected.into());
    }
}

#[test]
fn flags_may_come_over_https_too() {
    let site = Site::https();
    let folder = folder(&[]);
    let arguments = format!("get BR --ca DIR/ca -o DIR/flags -s {}", site.base_url());
    let output = run(&within(&folder, &arguments));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        files(&folder.path().join("flags"))["br.gif"],
        b"/flags/br/br.gif"
    );
}

/// In the same words, whatever the client.
#[test]
fn a_server_that_is_not_trusted_is_told_in_one_line_with_its_remedy() {
    let site = Site::https();
    let folder = folder(&[site.url("/a"), site.url("/b")]);
    for engine in engines_with_https() {
        let arguments = format!("get --urls DIR/urls --no-save -E {engine}");
        let said = complaint(&run(&within(&folder, &arguments)));
        for told in ["none of 2 URLs gave an answer", "certificate", "--ca names"] {
            assert!(said.contains(told), "{engine}: {said}");
        }
    }
    assert_eq!(site.asked(), [""; 0]);
}

#[rstest]
#[case(
    "--ca DIR/nowhere",
    "cannot read the certificates in DIR/nowhere: No such"
)]
#[case("--ca DIR/bad", "DIR/bad: there is no certificate in it")]
#[case("--ca DIR/broken", "DIR/broken: it is no PEM file")]
#[case("--ca DIR/forged", "DIR/forged: certificate 1 cannot be trusted")]
fn a_file_of_certificates_that_is_wrong(#[case] arguments: &str, #[case] told: &str) {
    let folder = folder(&["https://127.0.0.1:1/".to_owned()]);
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("bad", b"no certificate");
    let pem = |body: &str| {
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n").into_bytes()
    };
    write("broken", &pem("this is no base64!"));
    write("forged", &pem("dGhpcyBpcyBubyBjZXJ0aWZpY2F0ZQ=="));
    let output = run(&within(
        &folder,
        &format!("get --no-save --urls DIR/urls {arguments}"),
    ));
    let said = complaint(&output);
    assert!(said.contains(&within(&folder, told)), "{said}");
    assert_eq!(stdout(&output), "");
}
