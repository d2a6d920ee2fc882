//! Metadata: a second request, and a name that a server decides.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use flagrace_core::{Directory, Job, Status, file_name};
use flagrace_server::{Config, FlagSet, Profile, Server};

use crate::Subject;
use crate::harness::*;

/// Files are named by country, spaces as `_`, and hold the flag of that country.
pub fn metadata_names_the_files(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let job = Job {
        metadata: true,
        ..Job::new(server.base_url(), all_codes())
    };
    let (report, mut files) = download_files(&engine, &job);
    assert_predicted(&report, |_| Status::Ok);

    assert!(files.contains_key("Brazil-BR.gif"));
    assert!(files.contains_key("United_States-US.gif"));
    for flag in flagrace_catalog::all() {
        let name = file_name::with_country(flag.country, code(flag.code));
        let kept = files.remove(&name);
        assert!(kept.as_deref() == Some(flag.gif), "{name}");
    }
    assert!(files.is_empty(), "{:?}", files.keys());
}

/// Two requests for each flag that is there, one for each that is not. What is reported
/// is the size of the image alone.
pub fn metadata_takes_a_second_request_for_each_flag(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let (there, absent) = (all_codes(), unknown_codes());
    let job = Job {
        metadata: true,
        ..Job::new(server.base_url(), [&there[..], &absent[..]].concat())
    };
    let report = download(&engine, &job);
    let stats = server.stats();
    let expected = 2 * there.len() + absent.len();
    assert_eq!(stats.requests, expected as u64);
    // Counted by image: each was asked for once.
    assert!(stats.by_code.values().all(|&asked| asked == 1));
    for outcome in &report.outcomes {
        let size = image(flag(outcome)).map_or(0, <[u8]>::len);
        assert_eq!(outcome.bytes, size as u64, "{:?}", outcome.item);
    }
}

/// A country's name becomes a file's name, and it comes from whoever runs the server.
pub fn a_hostile_country_never_leaves_the_directory(subject: &Subject) {
    let long = "a".repeat(5_000);
    let wide = "é".repeat(5_000);
    let hostile = [
        ("aa", "../../evil"),
        ("ab", ""),
        ("ac", &long),
        ("ad", ".hidden"),
        ("ae", "nul\0nul"),
        ("af", "/etc/passwd"),
        ("ag", ".."),
        ("ah", "a\\..\\b"),
        ("ai", &wide),
        ("aj", "line\nbreak\r\x1b[31m"),
    ];
    let root = tempfile::tempdir().unwrap();
    for (cc, country) in hostile {
        let folder = root.path().join("served").join(cc);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{cc}.gif")), cc).unwrap();
        let metadata = serde_json::json!({ "country": country }).to_string();
        fs::write(folder.join("metadata.json"), metadata).unwrap();
    }
    let server = Server::start(Config {
        flags: FlagSet::from_directory(&root.path().join("served")).unwrap(),
        ..Config::default()
    })
    .unwrap();

    let (engine, _) = subject.engine(CONCURRENCY);
    // Deep enough that two steps up are still inside what is looked at.
    let home = root.path().join("a/b/c");
    let job = Job {
        metadata: true,
        store: Arc::new(Directory::create(&home).unwrap()),
        ..Job::new(server.base_url(), hostile.map(|(cc, _)| code(cc)))
    };
    assert_predicted(&download(&engine, &job), |_| Status::Ok);

    let only = |directory: &Path, inside: &[&str]| assert_eq!(names_in(directory), inside);
    only(root.path(), &["a", "served"]);
    only(&root.path().join("a"), &["b"]);
    only(&root.path().join("a/b"), &["c"]);
    let names = names_in(&home);
    assert_eq!(names.len(), hostile.len(), "{names:?}");
    for (cc, _) in hostile {
        let ending = format!("{}.gif", code(cc));
        let name = names.iter().find(|name| name.ends_with(&ending)).unwrap();
        assert!(!name.starts_with('.') && !name.contains(char::is_control));
        assert_eq!(fs::read_to_string(home.join(name)).unwrap(), cc);
    }
}
