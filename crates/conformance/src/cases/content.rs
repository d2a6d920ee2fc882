//! Images, metadata, statuses and URLs.

use std::collections::BTreeMap;
use std::time::Duration;

use flagrace_core::{
    Compute, CountryCode, Failure, Job, MAX_HEAD, MAX_HEADERS, Setup, Status, file_name,
};
use flagrace_server::{Delay, Fault, Profile};

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, Then, sound};

/// The server, which has no HTTP library, sees one request for each image, and one for metadata if
/// the image exists.
pub fn flags_are_stored_whole_and_unknown_codes_are_not_found(subject: &Subject) {
    for metadata in [false, true] {
        let server = Site::scripted(|path, _| sound(path));
        let mut job = Job::new(server.base_url(), CountryCode::every());
        job.metadata = metadata;
        let (report, mut files) = download_files(&subject.engine(CONCURRENCY), &job);
        let mut paths = Vec::new();
        for outcome in &report.outcomes {
            let code = flag(outcome);
            let cc = code.lower();
            paths.push(format!("/flags/{cc}/{cc}.gif"));
            let Some(flag) = flagrace_catalog::find(&cc) else {
                assert_eq!((outcome.status, outcome.bytes), (Status::NotFound, 0));
                continue;
            };
            let mut name = file_name::plain(code);
            if metadata {
                paths.push(format!("/flags/{cc}/metadata.json"));
                name = file_name::with_country(flag.country, code);
            }
            let size = flag.gif.len() as u64;
            assert_eq!((outcome.status, outcome.bytes), (Status::Ok, size));
            assert!(files.remove(&name).as_deref() == Some(flag.gif), "{name}");
        }
        assert!(files.is_empty(), "{:?}", files.keys());
        paths.sort_unstable();
        assert_eq!(server.asked(), paths);
    }
}

/// The result is that of the image, also if metadata are the second body.
pub fn each_flag_is_computed_on_if_the_job_asks_for_it(subject: &Subject) {
    let server = serve(Profile::default());
    for (only, metadata) in [(None, false), (None, true), (Some(code("BR")), false)] {
        let mut job = Job::new(server.base_url(), codes(["BR", "FR", "XX"]));
        job.compute = Compute { bytes: 1000, only };
        job.metadata = metadata;
        for outcome in subject.download(&job).outcomes {
            let flag = flag(&outcome);
            let image = image(flag).filter(|_| only.is_none_or(|only| only == flag));
            let expected = image.and_then(|image| job.compute.on(outcome.item, image));
            assert_eq!(outcome.computed, expected, "{outcome:?}");
        }
    }
}

/// An image without a name is not saved.
pub fn metadata_that_is_not_json_is_a_metadata_failure(subject: &Subject) {
    let server = faulty(&[("BR", Fault::BAD_METADATA)]);
    let mut job = Job::new(server.base_url(), codes(["FR", "BR", "JP"]));
    job.metadata = true;
    let (report, files) = download_files(&subject.engine(CONCURRENCY), &job);
    assert_alone(&report, "BR", Failure::Metadata);
    assert!(files.keys().eq(["France-FR.gif", "Japan-JP.gif"]));
}

/// One byte or one header more is too much.
pub fn a_head_is_accepted_up_to_its_limits(subject: &Subject) {
    let too_large = Status::Failed(Failure::HeadTooLarge);
    for (size, headers, status) in [
        (MAX_HEAD, 2, Status::Ok),
        (MAX_HEAD + 1, 2, too_large),
        (2000, MAX_HEADERS, Status::Ok),
        (2000, MAX_HEADERS + 1, too_large),
        (2000, 2 * MAX_HEADERS, too_large),
    ] {
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
        let head = format!("{first}{}B: \r\n\r\n", "A: b\r\n".repeat(headers - 2));
        let filling = "x".repeat(size - head.len());
        let head = head.replace("B: ", &format!("B: {filling}"));
        let server = Site::answering(head, Then::Stay);
        let report = subject.download(&Job::new(server.base_url(), codes(["FR", "DE"])));
        assert_all(&report, status);
    }
}

pub fn a_redirect_is_not_followed(subject: &Subject) {
    let found = "HTTP/1.1 302 Found\r\nLocation: /flags/br/br.gif\r\n\
        Content-Length: 10\r\n\r\nover there";
    let server = Site::answering(found, Then::Stay);
    let report = subject.download(&Job::new(server.base_url(), codes(["FR"])));
    assert_all(&report, Status::Failed(Failure::Http(302)));
    assert_eq!(server.asked(), ["/flags/fr/fr.gif"]);
}

/// Statuses and requests are as predicted for any codes, with repeats, any faults and any
/// concurrency: all engines agree on every flag. 204 and 206 are successes without a whole flag.
/// Only a reset request may be resent, because its connection may have died while idle; the server
/// counts that.
pub fn any_job_has_the_predicted_statuses_and_requests(subject: &Subject) {
    let some = codes(["BR", "DE", "FR", "IN", "JP", "US"]);
    for seed in 0..16 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut profile = Profile {
            // Half a second is too long for an engine with one request at a time.
            delay: Delay::fixed(Duration::from_millis(1)),
            seed,
            ..Profile::labelled("ERROR").unwrap()
        };
        let mut faults = [204, 206, 500].map(Fault::Status).to_vec();
        faults.extend([Fault::RESET, Fault::CUT]);
        for &code in &some {
            let fault = faults[random.usize(..faults.len())];
            profile.faults.insert(code, fault);
        }
        let server = serve(profile.clone());
        let others = random.choose_multiple(CountryCode::every(), 40);
        let codes = [&others, &some[..], &some[3..]].concat();
        let job = Job::new(server.base_url(), codes);
        let report = download(&subject.engine(random.usize(1..=9)), &job);
        assert_predicted(&report, |code| {
            match (profile.plan(code).fault, image(code)) {
                (Some(Fault::Status(status)), _) => Status::Failed(Failure::Http(status)),
                (Some(Fault::RESET), _) => Status::Failed(Failure::Transport),
                (Some(_), _) => Status::Failed(Failure::Truncated),
                (None, Some(_)) => Status::Ok,
                (None, None) => Status::NotFound,
            }
        });
        let mut requests = BTreeMap::new();
        for outcome in &report.outcomes {
            let is_reset = outcome.status == Status::Failed(Failure::Transport);
            assert!(outcome.resent == 0 || is_reset);
            let requests = requests.entry(flag(outcome).to_string()).or_default();
            *requests += 1 + u64::from(outcome.resent);
        }
        assert_eq!(server.stats().by_code, requests, "seed {seed}");
    }
}

/// Two files with the same name, one URL twice, a missing one, and bodies that are too large or
/// just small enough, with and without an announced length.
pub fn urls_are_saved_under_unique_names_up_to_the_largest_body(subject: &Subject) {
    let too_large = Status::Failed(Failure::TooLarge);
    let cases = [
        ("/a/flag.gif", "0001-flag.gif", Status::Ok),
        ("/missing/flag.gif", "0002-flag.gif", Status::NotFound),
        ("/b/FLAG.gif?size=2", "0003-FLAG.gif", Status::Ok),
        ("/large/1001/x", "0004-x", too_large),
        ("/large/1000/x", "0005-x", Status::Ok),
        ("/a/flag.gif", "0006-flag.gif", Status::Ok),
        ("/c/%2e%2e%2fd", "0007-_d", Status::Ok),
        ("/chunks/1000/x", "0008-x", Status::Ok),
        ("/chunks/1001/x", "0009-x", too_large),
    ];
    let site = Site::http();
    let mut job = job_of(&cases.map(|(path, _, _)| site.url(path)));
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
