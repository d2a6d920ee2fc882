//! Images, statuses and tallies.

use std::time::Duration;

use flagrace_core::{CountryCode, Failure, Job, Status, Tally, file_name};
use flagrace_server::{Delay, Fault, Profile};

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, sound};

/// The server, which has no HTTP library, sees one request for each image, and one for metadata
/// where the image exists.
pub fn flags_are_stored_whole_and_unknown_codes_are_not_found(subject: &Subject) {
    for metadata in [false, true] {
        let server = Site::scripted(|path, _| sound(path));
        let mut job = Job::new(server.base_url(), CountryCode::every());
        job.metadata = metadata;
        let (report, mut files) = subject.download_files(&job);
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

/// Since the profile depends on the code alone, all engines agree on every flag.
pub fn the_error_profile_fails_the_planned_flags(subject: &Subject) {
    let profile = Profile {
        // Half a second is too long for an engine with one request at a time.
        delay: Delay::fixed(Duration::from_millis(2)),
        ..Profile::labelled("ERROR").unwrap()
    };
    let server = serve(profile.clone());
    let report = subject.download(&Job::new(server.base_url(), CountryCode::every()));
    assert_predicted(&report, |code| predict(&profile, code));
    // Otherwise the plan would show nothing.
    assert!(report.tally().ok > 100 && report.tally().failed_with(Failure::Http(418)) > 40);
}

/// The book's `flags3` lacks a reset: after the first error every success counts as an error.
pub fn a_failure_does_not_taint_the_next_success(subject: &Subject) {
    let codes = all_codes().into_iter().take(20);
    let teapots = codes.clone().step_by(2);
    let profile = Profile {
        faults: teapots.map(|code| (code, Fault::Status(418))).collect(),
        ..Profile::default()
    };
    let server = serve(profile.clone());
    let report = download(&subject.engine(1), &Job::new(server.base_url(), codes));
    assert_predicted(&report, |code| predict(&profile, code));
    assert_eq!((report.tally().ok, report.tally().errors()), (10, 10));
}

pub fn an_empty_job_sends_no_request(subject: &Subject) {
    let server = serve(Profile::default());
    let report = subject.download(&Job::new(server.base_url(), []));
    assert_eq!(report.tally(), Tally::default());
    let stats = server.stats();
    assert_eq!((stats.requests, stats.connections_accepted), (0, 0));
}

/// Tally and number of requests are as predicted for any codes, with repeats, any faults and any
/// concurrency.
pub fn any_job_has_the_predicted_tally(subject: &Subject) {
    // Few codes, so that they repeat; the last does not exist.
    let some = codes(["BR", "DE", "FR", "IN", "JP", "US", "XX"]);
    let faults = [Fault::Status(418), Fault::Reset, Fault::Cut];
    for seed in 0..16 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut profile = Profile::default();
        for &code in &some {
            // A fault for every other code.
            if let Some(&fault) = faults.get(random.usize(..6)) {
                profile.faults.insert(code, fault);
            }
        }
        let server = serve(profile.clone());
        let codes = (0..random.usize(..40)).map(|_| some[random.usize(..some.len())]);
        let job = Job::new(server.base_url(), codes.collect::<Vec<_>>());
        let report = download(&subject.engine(random.usize(1..=9)), &job);
        assert_predicted(&report, |code| predict(&profile, code));
        let requests = job.items.len() as u64 + u64::from(report.resent());
        assert_eq!(server.stats().requests, requests, "seed {seed}");
    }
}
