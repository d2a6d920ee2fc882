//! A list of URLs instead of flags.

use std::sync::Arc;

use flagrace_core::{Directory, Failure, Item, Job, Origin, Setup, Status, UrlList};

use crate::Subject;
use crate::harness::*;
use crate::site::Site;

/// Two files of one name, one URL twice, one that is missing, one that is too large, and one that
/// is just small enough.
pub fn urls_are_kept_under_names_of_their_own(subject: &Subject) {
    check_list(subject, &Site::http(), Setup::with_concurrency(CONCURRENCY));
}

/// A URL among flags, a flag among URLs, and an index beyond the list.
pub fn items_that_the_origin_does_not_have_are_transport_failures(subject: &Subject) {
    let site = Site::http();
    let flags = Origin::Flags(site.base_url());
    let urls = job(&[site.url("/a")]).origin;
    for (origin, item) in [
        (flags, Item::Url(0)),
        (urls.clone(), Item::Flag(code("BR"))),
        (urls, Item::Url(1)),
    ] {
        let report = subject.download(&Job::of(origin, [item].into()));
        assert_all(&report, Status::Failed(Failure::Transport));
    }
    assert_eq!(site.asked(), [""; 0]);
}

pub(super) fn check_list(subject: &Subject, site: &Site, setup: Setup) {
    let cases = [
        ("/a/flag.gif", "0001-flag.gif", Status::Ok),
        ("/missing/flag.gif", "0002-flag.gif", Status::NotFound),
        ("/b/FLAG.gif?size=2", "0003-FLAG.gif", Status::Ok),
        ("/large/1001/x", "0004-x", Status::Failed(Failure::TooLarge)),
        ("/large/1000/x", "0005-x", Status::Ok),
        ("/a/flag.gif", "0006-flag.gif", Status::Ok),
        ("/c/%2e%2e%2fd", "0007-_d", Status::Ok),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut job = job(&cases.map(|(path, _, _)| site.url(path)));
    job.store = Arc::new(Directory::create(folder.path()).unwrap());
    // Ignored: URLs have no metadata.
    job.metadata = true;
    let engine = subject.engine_with(&Setup {
        max_body: 1000,
        ..setup
    });
    let report = download(&engine, &job);

    let mut expected = Files::new();
    for (outcome, (path, name, status)) in report.outcomes.iter().zip(cases) {
        assert_eq!(outcome.status, status, "{outcome:?}");
        let body = match path.starts_with("/large/") {
            true => vec![b'x'; 1000],
            false => path.as_bytes().to_vec(),
        };
        if status == Status::Ok {
            assert_eq!(outcome.bytes, body.len() as u64, "{path}");
            expected.insert(name.to_owned(), body);
        }
    }
    assert!(files_in(folder.path()) == expected, "{expected:?}");
    let mut paths = cases.map(|(path, _, _)| path);
    paths.sort_unstable();
    assert_eq!(site.asked(), paths);
}

pub(super) fn job(list: &[String]) -> Job {
    Job::of_urls(Arc::new(UrlList::parse(&list.join("\n")).unwrap()))
}
