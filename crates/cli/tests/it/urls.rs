//! `flagrace get` with URLs, on the command line or in a list.

use std::fs::{self, File};

use crate::common::{ENGINES, files, flagrace, folder, run, shown, stderr, within};
use flagrace_conformance::site::Site;

#[test]
fn urls_as_arguments_are_downloaded_like_a_list() {
    let site = Site::http();
    let urls = [site.url("/a/x.txt"), site.url("/b/x.txt?n=1")];
    let folder = folder(&urls);
    for source in ["--urls DIR/urls", &urls.join(" ")] {
        let get = format!("get -o DIR/out {source}");
        shown(&run(&within(&folder, &get)));
        let out = folder.path().join("out");
        let expected = [("0001-x.txt", "/a/x.txt"), ("0002-x.txt", "/b/x.txt?n=1")];
        let expected = expected.map(|(name, body)| (name.to_owned(), body.into()));
        assert_eq!(files(&out), expected.into());
        fs::remove_dir_all(out).unwrap();
    }
}

#[test]
fn urls_as_long_as_every_engine_can_send_are_accepted() {
    let site = Site::http();
    let long = |bytes: usize| {
        let url = site.url("/a/x.txt?");
        let filler = "n".repeat(bytes - url.len());
        url + &filler
    };
    for engine in ENGINES {
        let get = format!("get --no-save -E {engine} {}", long(4_000));
        shown(&run(&get));
    }
    let said = stderr(&run(&format!("get --no-save {}", long(4_001))));
    assert!(said.contains("it is longer than 4,000 bytes"), "{said}");
    assert!(said.lines().count() == 1 && said.len() < 400, "{said}");
}

#[test]
fn a_list_from_standard_input_may_be_limited_and_repeated() {
    let site = Site::http();
    let folder = folder(&["/a", "/b", "/c"].map(|path| site.url(path)));
    let list = File::open(folder.path().join("urls")).unwrap();
    let mut command = flagrace("get --urls - --no-save --limit 2 --repeat 3");
    let output = command.stdin(list).output().unwrap();
    assert!(shown(&output).contains("6 URLs downloaded."));
    assert_eq!(site.asked(), ["/a", "/a", "/a", "/b", "/b", "/b"]);
}

/// The benchmarks do not need rustls, nor does a build without the feature.
#[cfg(not(feature = "https"))]
#[rstest::rstest]
#[case("get --urls DIR/urls")]
#[case("get https://127.0.0.1:1/a")]
#[case("get BR -s https://127.0.0.1:1/flags")]
#[case("compare -s https://127.0.0.1:1/flags")]
fn a_build_without_https_explains_how_to_get_it(#[case] arguments: &str) {
    let folder = folder(&["https://127.0.0.1:1/".to_owned()]);
    let mut command = flagrace(&within(&folder, arguments));
    let output = command.current_dir(folder.path()).output().unwrap();
    let said = stderr(&output);
    assert!(!output.status.success());
    let first = said.lines().next().unwrap();
    assert!(first.contains("--features https"), "{said}");
}
