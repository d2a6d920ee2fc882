//! A list of URLs instead of flags.

use std::sync::Arc;

use flagrace_core::{Failure, Job, Setup, Status, UrlList};

use crate::Subject;
use crate::harness::*;
use crate::site::Site;

/// Two files with the same name, one URL twice, a missing one, and bodies that are too large or
/// just small enough, with and without an announced length.
pub fn urls_are_saved_under_unique_names_up_to_the_largest_body(subject: &Subject) {
    let cases = [
        ("/a/flag.gif", "0001-flag.gif", Status::Ok),
        ("/missing/flag.gif", "0002-flag.gif", Status::NotFound),
        ("/b/FLAG.gif?size=2", "0003-FLAG.gif", Status::Ok),
        ("/large/1001/x", "0004-x", Status::Failed(Failure::TooLarge)),
        ("/large/1000/x", "0005-x", Status::Ok),
        ("/a/flag.gif", "0006-flag.gif", Status::Ok),
        ("/c/%2e%2e%2fd", "0007-_d", Status::Ok),
        ("/chunks/1000/x", "0008-x", Status::Ok),
        (
            "/chunks/1001/x",
            "0009-x",
            Status::Failed(Failure::TooLarge),
        ),
    ];
    let site = Site::http();
    let mut job = job(&cases.map(|(path, _, _)| site.url(path)));
    // Ignored: URLs have no metadata.
    job.metadata = true;
    let engine = subject.engine_with(&Setup {
        max_body: 1000,
        ..Setup::default()
    });
    let (report, files) = download_files(&engine, &job);

    let mut expected = Files::new();
    for (outcome, (path, name, status)) in report.outcomes.iter().zip(cases) {
        assert_eq!(outcome.status, status, "{outcome:?}");
        let body = match path.ends_with("/1000/x") {
            true => vec![b'x'; 1000],
            false => path.as_bytes().to_vec(),
        };
        if status == Status::Ok {
            assert_eq!(outcome.bytes, body.len() as u64, "{path}");
            expected.insert(name.to_owned(), body);
        }
    }
    assert!(files == expected, "{expected:?}");
    let mut paths = cases.map(|(path, _, _)| path);
    paths.sort_unstable();
    assert_eq!(site.asked(), paths);
}

pub(super) fn job(list: &[String]) -> Job {
    Job::of_urls(Arc::new(UrlList::parse(&list.join("\n")).unwrap()))
}
