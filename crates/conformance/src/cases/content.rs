//! Images, statuses and tallies.

use std::time::Duration;

use flagrace_core::{CountryCode, Failure, Job, Status, Tally, file_name};
use flagrace_server::{Delay, Fault, Profile};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, sound};

/// An unknown code has no file and no bytes, and does not affect the flags around it.
pub fn flags_are_stored_whole_and_unknown_codes_are_not_found(subject: &Subject) {
    let server = serve(Profile::default());
    let mut codes = all_codes();
    for (nth, unknown) in unknown_codes().into_iter().enumerate() {
        codes.insert(nth * 6, unknown);
    }
    codes.reverse();
    let (report, files) = subject.download_files(&Job::new(server.base_url(), codes));
    assert_predicted(&report, |code| predict(&Profile::default(), code));
    assert_images(files, &all_codes());
    for outcome in &report.outcomes {
        let size = image(flag(outcome)).map_or(0, <[u8]>::len);
        assert_eq!(outcome.bytes, size as u64, "{outcome:?}");
    }
}

/// The same from a server without an HTTP library, which also sees each request's path.
pub fn flags_from_another_server_are_whole(subject: &Subject) {
    for metadata in [false, true] {
        let server = Site::scripted(|path, _| sound(path));
        let job = Job {
            metadata,
            ..Job::new(server.base_url(), all_codes())
        };
        let (report, mut files) = subject.download_files(&job);
        assert_all(&report, Status::Ok);
        let mut paths = Vec::new();
        for flag in flagrace_catalog::all() {
            let code = code(flag.code);
            let cc = code.lower();
            paths.push(format!("/flags/{cc}/{cc}.gif"));
            let name = match metadata {
                true => {
                    paths.push(format!("/flags/{cc}/metadata.json"));
                    file_name::with_country(flag.country, code)
                }
                false => format!("{cc}.gif"),
            };
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
    let codes = [all_codes(), unknown_codes()].concat();
    let report = subject.download(&Job::new(server.base_url(), codes));
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

/// For any codes, with repeats, any faults and any concurrency, tally and number of requests are
/// as predicted.
pub fn any_job_has_the_predicted_tally(subject: &Subject) {
    // Few codes, so that they repeat; the last does not exist.
    let some = codes(["BR", "DE", "FR", "IN", "JP", "US", "XX"]);
    let fault = prop_oneof![
        3 => Just(None),
        1 => Just(Some(Fault::Status(418))),
        1 => Just(Some(Fault::Reset)),
        1 => Just(Some(Fault::Cut)),
    ];
    let inputs = (
        prop::collection::vec(prop::sample::select(some.clone()), 0..40),
        prop::collection::vec(fault, some.len()),
        1..=9_usize,
    );
    let mut runner = TestRunner::new(Config {
        // Each is a server and an engine.
        cases: 16,
        // There is no source file beside which a failing input could be stored.
        failure_persistence: None,
        ..Config::default()
    });
    let property = |(codes, faults, concurrency): (Vec<CountryCode>, Vec<_>, _)| {
        let faults = some.iter().copied().zip(faults);
        let profile = Profile {
            faults: faults.filter_map(|(code, f)| Some((code, f?))).collect(),
            ..Profile::default()
        };
        let server = serve(profile.clone());
        let job = Job::new(server.base_url(), codes.clone());
        let report = download(&subject.engine(concurrency), &job);
        let predicted: Tally = codes.iter().map(|&code| predict(&profile, code)).collect();
        prop_assert_eq!(report.tally(), predicted);
        let requests = codes.len() as u64 + u64::from(report.resent());
        prop_assert_eq!(server.stats().requests, requests);
        Ok(())
    };
    runner.run(&inputs, property).unwrap();
}
