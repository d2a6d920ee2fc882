//! Images, statuses and tallies.

use std::time::Duration;

use flagrace_core::{CountryCode, Job, Status, Tally, file_name};
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

pub fn an_empty_job_sends_no_request(subject: &Subject) {
    let server = serve(Profile::default());
    let report = subject.download(&Job::new(server.base_url(), []));
    assert_eq!(report.tally(), Tally::default());
    let stats = server.stats();
    assert_eq!((stats.requests, stats.connections_accepted), (0, 0));
}

/// Statuses and number of requests are as predicted for any codes, with repeats, any faults and any
/// concurrency: all engines agree on every flag.
pub fn any_job_has_the_predicted_statuses(subject: &Subject) {
    let some = codes(["BR", "DE", "FR", "IN", "JP", "US"]);
    for seed in 0..16 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut profile = Profile {
            // Half a second is too long for an engine with one request at a time.
            delay: Delay::fixed(Duration::from_millis(1)),
            seed,
            ..Profile::labelled("ERROR").unwrap()
        };
        for &code in &some {
            let faults = [Fault::Status(500), Fault::Reset, Fault::Cut];
            profile.faults.insert(code, faults[random.usize(..3)]);
        }
        let server = serve(profile.clone());
        let others = random.choose_multiple(CountryCode::every(), 40);
        let codes = [&others, &some[..], &some[3..]].concat();
        let job = Job::new(server.base_url(), codes);
        let report = download(&subject.engine(random.usize(1..=9)), &job);
        assert_predicted(&report, |code| predict(&profile, code));
        let requests = job.items.len() as u64 + u64::from(report.resent());
        assert_eq!(server.stats().requests, requests, "seed {seed}");
    }
}
