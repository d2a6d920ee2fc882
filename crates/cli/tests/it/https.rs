//! `flagrace get` over https.

use std::fs;

use crate::common::{ENGINES, complaint, folder, run, shown, stdout, within};
use flagrace_conformance::site::{Site, authority_pem};
use rstest::rstest;

#[rstest]
#[case("get BR --no-save", "1 flag downloaded.")]
#[case("race BR -E seq,async", "1 of 1")]
fn flags_are_downloaded_over_https(#[case] arguments: &str, #[case] told: &str) {
    let site = Site::https();
    let folder = folder(&[]);
    fs::write(folder.path().join("ca"), authority_pem()).unwrap();
    let arguments = format!("{arguments} --ca DIR/ca -s {}", site.base_url());
    let text = shown(&run(&within(&folder, &arguments)));
    assert!(text.contains(told), "{text}");
}

#[test]
fn an_untrusted_server_is_one_line_with_the_option() {
    let site = Site::https();
    let urls = [site.url("/a"), site.url("/b")].join(" ");
    for engine in &ENGINES[..5] {
        let said = complaint(&run(&format!("get {urls} --no-save -E {engine}")));
        for told in ["2 of 2 URLs failed", "certificate", "--ca names"] {
            assert!(said.contains(told), "{engine}: {said}");
        }
    }
    assert_eq!(site.asked(), [""; 0]);
}

#[rstest]
#[case("nowhere", "cannot read the certificates in DIR/nowhere: No such")]
#[case("bad", "DIR/bad: it has no certificate")]
#[case("broken", "DIR/broken: it is not a PEM file")]
#[case("forged", "DIR/forged: certificate 1 cannot be trusted")]
fn a_bad_certificate_file_is_one_line(#[case] name: &str, #[case] told: &str) {
    let folder = folder(&[]);
    let write = |name: &str, body: &str| fs::write(folder.path().join(name), body).unwrap();
    let pem = |body| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    write("bad", "no certificate");
    write("broken", &pem("this is no base64!"));
    write("forged", &pem("dGhpcyBpcyBubyBjZXJ0aWZpY2F0ZQ=="));
    let arguments = format!("get --no-save https://127.0.0.1:1/ --ca DIR/{name}");
    let output = run(&within(&folder, &arguments));
    let said = complaint(&output);
    assert!(said.contains(&within(&folder, told)), "{said}");
    assert_eq!(stdout(&output), "");
}
