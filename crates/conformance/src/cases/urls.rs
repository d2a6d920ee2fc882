//! A list of URLs in place of flags.

use std::sync::Arc;

use flagrace_core::{Directory, Failure, Item, Job, Origin, Report, Setup, Status, UrlList};

use crate::Subject;
use crate::harness::*;
use crate::site::Site;

const LARGEST: u64 = 1000;

/// Two things of one name, one URL twice, one that is not there, one that is too large, and
/// the largest that is not.
pub fn urls_are_kept_under_names_of_their_own(subject: &Subject) {
    a_mixed_list(subject, &Site::http(), Setup::with_concurrency(CONCURRENCY));
}

/// Nothing is asked for what the job's origin does not have: a URL where flags are, a flag
/// among URLs, and a place behind the last of the list.
pub fn what_the_origin_has_not_is_a_transport_failure(subject: &Subject) {
    let site = Site::http();
    let (engine, _) = subject.engine(CONCURRENCY);
    let flags = Origin::Flags(site.base_url());
    let urls = job(&[site.url("/a")]).origin;
    for (origin, item) in [
        (flags, Item::Url(0)),
        (urls.clone(), Item::Flag(code("BR"))),
        (urls, Item::Url(1)),
    ] {
        let report = download(&engine, &Job::of(origin, [item].into()));
        assert_statuses(&report, &[Status::Failed(Failure::Transport)]);
    }
    assert_eq!(site.asked(), [""; 0]);
}

pub(super) fn a_mixed_list(subject: &Subject, site: &Site, setup: Setup) {
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
    let list = cases.map(|(path, _, _)| site.url(path));
    let job = Job {
        // It is for flags, and makes no difference here.
        metadata: true,
        store: Arc::new(Directory::create(folder.path()).unwrap()),
        ..job(&list)
    };
    let engine = subject.engine_with(&Setup {
        max_body: LARGEST,
        ..setup
    });
    let report = download(&engine, &job);
    assert_statuses(&report, &cases.map(|(_, _, status)| status));

    let mut expected = Files::new();
    for (outcome, (path, name, status)) in report.outcomes.iter().zip(cases) {
        let body = match path.starts_with("/large/") {
            true => vec![b'x'; LARGEST as usize],
            false => path.as_bytes().to_vec(),
        };
        if status == Status::Ok {
            assert_eq!(outcome.bytes, body.len() as u64, "{path}");
            expected.insert(name.to_owned(), body);
        }
    }
    assert!(files_in(folder.path()) == expected, "{expected:?}");
    let mut asked = cases.map(|(path, _, _)| path);
    asked.sort_unstable();
    assert_eq!(site.asked(), asked);
}

pub(super) fn job(list: &[String]) -> Job {
    Job::of_urls(Arc::new(UrlList::parse(&list.join("\n")).unwrap()))
}

pub(super) fn assert_statuses(report: &Report, expected: &[Status]) {
    let statuses: Vec<_> = report.outcomes.iter().map(|one| one.status).collect();
    assert_eq!(statuses, expected, "{:?}", report.outcomes);
}
