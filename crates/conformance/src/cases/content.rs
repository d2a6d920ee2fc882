//! What comes of a job: images, statuses, tallies.

use std::collections::BTreeMap;
use std::time::Duration;

use flagrace_core::{CountryCode, Failure, Job, Status, Tally};
use flagrace_server::{Delay, Fault, Profile};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::Subject;
use crate::harness::*;
use crate::recorder::{Event, Recorder};

/// Every flag is stored under its plain name, byte for byte.
pub fn images_equal_the_catalog(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let (report, files) = download_files(&engine, &Job::new(server.base_url(), all_codes()));
    assert_predicted(&report, |_| Status::Ok);
    assert_images(files, &all_codes());
    assert!(image(code("BR")).is_some_and(|gif| gif.starts_with(b"GIF8")));
}

/// The report is sorted, has each code once, and tells the size of each image; of a flag
/// that was not read it tells 0.
pub fn report_has_each_code_once_and_in_order(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let mut codes = [all_codes(), unknown_codes()].concat();
    codes.reverse();
    let report = download(&engine, &Job::new(server.base_url(), codes.clone()));

    let reported: Vec<_> = report.outcomes.iter().map(flag).collect();
    assert!(reported.is_sorted_by(|a, b| a < b));
    assert_eq!(reported.len(), codes.len());
    for outcome in &report.outcomes {
        let size = image(flag(outcome)).map_or(0, <[u8]>::len);
        assert_eq!(outcome.bytes, size as u64, "{outcome:?}");
    }
}

/// 404 is `NotFound`, keeps nothing, and every flag around it is ok.
pub fn not_found_is_an_answer_and_spoils_nothing(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    // One unknown code after every fifth flag.
    let mut codes = all_codes();
    for (nth, unknown) in unknown_codes().into_iter().enumerate() {
        codes.insert(nth * 6, unknown);
    }
    let (report, files) = download_files(&engine, &Job::new(server.base_url(), codes));
    let expected = Tally {
        ok: all_codes().len(),
        not_found: unknown_codes().len(),
        failed: BTreeMap::new(),
    };
    assert_eq!(report.tally(), expected);
    assert_images(files, &all_codes());
}

/// Under the ERROR profile each flag comes to what the profile planned for it. Since that
/// is decided by the code alone, all engines agree to the last flag.
pub fn error_profile_comes_to_what_it_planned(subject: &Subject) {
    let profile = Profile {
        // Half a second would be long for an engine that waits for each flag in turn.
        delay: Delay::fixed(Duration::from_millis(2)),
        ..Profile::labelled("ERROR").unwrap()
    };
    let server = serve(profile.clone());
    let (engine, _) = subject.engine(CONCURRENCY);
    let codes = [all_codes(), unknown_codes()].concat();
    let report = download(&engine, &Job::new(server.base_url(), codes));
    assert_predicted(&report, |code| predict(&profile, code));
    // The plan has both: otherwise nothing was shown.
    assert!(report.tally().ok > 100 && report.tally().failed_with(Failure::Http(418)) > 40);
}

/// The book's `flags3` lacks one reset: after the first error every later success counted
/// as an error. One at a time, failure and success in turn.
pub fn a_failure_does_not_taint_the_next_success(subject: &Subject) {
    let asked: Vec<_> = all_codes().into_iter().take(20).collect();
    let teapots = asked.iter().step_by(2);
    let profile = Profile {
        faults: teapots.map(|&code| (code, Fault::Status(418))).collect(),
        ..Profile::default()
    };
    let server = serve(profile.clone());
    let (engine, _) = subject.engine(1);
    let recorder = Recorder::new();
    let job = Job {
        observer: recorder.clone(),
        ..Job::new(server.base_url(), asked.clone())
    };
    let report = download(&engine, &job);
    assert_predicted(&report, |code| predict(&profile, code));
    assert_eq!((report.tally().ok, report.tally().errors()), (10, 10));
    // The observer is told the same as the caller.
    for code in asked {
        let finished = Event::Finished(code.into(), predict(&profile, code));
        assert!(recorder.events().contains(&finished), "{finished:?}");
    }
}

/// No flags: an empty report, and the server hears of nobody.
pub fn an_empty_job_asks_nothing(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let report = download(&engine, &Job::new(server.base_url(), []));
    assert_eq!(report.tally(), Tally::default());
    let stats = server.stats();
    assert_eq!((stats.requests, stats.connections_accepted), (0, 0));
}

/// One flag, and then three, for an engine that is built for many more.
pub fn more_concurrency_than_codes_is_no_trouble(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(50);
    for codes in [codes(["BR"]), codes(["BR", "FR", "JP"])] {
        let report = download(&engine, &Job::new(server.base_url(), codes.clone()));
        assert_predicted(&report, |_| Status::Ok);
    }
    assert_eq!(server.stats().requests, 4);
}

/// Whatever the codes, with repeats, whatever goes wrong with them, and however many at a
/// time: the tally is the one that was predicted, and the server was asked so often, and as
/// often again as the report counts: what is reset may be sent once more.
pub fn any_job_comes_to_the_predicted_tally(subject: &Subject) {
    // Few codes, so that they come more than once; the last does not exist.
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
        // The failing input is printed; there is no source file it would belong beside.
        failure_persistence: None,
        ..Config::default()
    });
    let property = |(asked, faults, concurrency): (Vec<CountryCode>, Vec<_>, _)| {
        let met = some.iter().copied().zip(faults);
        let profile = Profile {
            faults: met.filter_map(|(code, f)| Some((code, f?))).collect(),
            ..Profile::default()
        };
        let server = serve(profile.clone());
        let (engine, _) = subject.engine(concurrency);
        let report = download(&engine, &Job::new(server.base_url(), asked.clone()));
        let predicted: Tally = asked.iter().map(|&code| predict(&profile, code)).collect();
        prop_assert_eq!(report.tally(), predicted);
        let requests = asked.len() as u64 + u64::from(report.resent());
        prop_assert_eq!(server.stats().requests, requests);
        Ok(())
    };
    runner.run(&inputs, property).unwrap();
}
