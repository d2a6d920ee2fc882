//! What only the server can know: how often it was asked, by how many at once, and over
//! how many connections.

use std::collections::BTreeMap;
use std::time::Duration;

use flagrace_core::{CountryCode, Failure, Job, Status};
use flagrace_server::{Delay, Fault, Profile, Stats};

use crate::Subject;
use crate::harness::*;

/// One request for each flag, also for those that fail. Only the one that is reset may be sent
/// once more, as its connection looks as if it had died while it was idle; that is counted.
pub fn each_code_is_asked_for_once_whatever_becomes_of_it(subject: &Subject) {
    let profile = faults([
        ("BR", Fault::Status(418)),
        ("DE", Fault::Status(503)),
        ("FR", Fault::Reset),
        ("JP", Fault::Cut),
        ("US", Fault::Status(429)),
    ]);
    let server = serve(profile.clone());
    let (engine, _) = subject.engine(CONCURRENCY);
    let codes = [all_codes(), unknown_codes()].concat();
    let report = download(&engine, &Job::new(server.base_url(), codes.clone()));
    assert_predicted(&report, |code| predict(&profile, code));
    for outcome in &report.outcomes {
        let may_be_resent = flag(outcome) == code("FR");
        assert!(outcome.resent == 0 || may_be_resent, "{outcome:?}");
    }
    let asked = report.outcomes.iter().map(|outcome| {
        let times = 1 + u64::from(outcome.resent);
        (flag(outcome).to_string(), times)
    });
    assert_eq!(server.stats().by_code, asked.collect::<BTreeMap<_, _>>());
}

/// A code that is listed three times is three flags.
pub fn a_repeated_code_is_asked_for_each_time(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let codes = codes(["BR", "FR", "BR", "XX", "XX", "BR"]);
    let report = download(&engine, &Job::new(server.base_url(), codes));
    let br = report.outcomes.iter().filter(|o| flag(o) == code("BR"));
    assert_eq!(br.filter(|o| o.status == Status::Ok).count(), 3);
    let expected = [("BR", 3), ("FR", 1), ("XX", 2)].map(|(c, n)| (c.to_owned(), n));
    assert_eq!(server.stats().by_code, BTreeMap::from(expected));
}

/// An engine says how many requests it has in flight at most, which is what is printed; the
/// cases of the peak hold it to that.
pub fn the_concurrency_is_the_one_that_was_asked_for(subject: &Subject) {
    assert_eq!([1, 2, 50].map(|asked| subject.engine(asked).1), [1, 2, 50]);
}

/// The same for an engine that may take less, but never more.
pub fn the_concurrency_is_no_more_than_was_asked_for(subject: &Subject) {
    for asked in [1, 2, 50] {
        let (_, concurrency) = subject.engine(asked);
        assert!((1..=asked).contains(&concurrency), "{concurrency}");
    }
}

/// The server answers nobody until as many requests as the concurrency are in flight at
/// once. An engine with fewer would wait for ever; one with more would be seen.
pub fn peak_in_flight_equals_the_concurrency(subject: &Subject) {
    for asked in [1, CONCURRENCY] {
        let (engine, concurrency) = subject.engine(asked);
        let server = gated(concurrency);
        let report = download(&engine, &Job::new(server.base_url(), all_codes()));
        assert_predicted(&report, |_| Status::Ok);
        assert_eq!(server.stats().peak_in_flight, concurrency as u64);
    }
}

/// The same with two requests for each flag.
pub fn peak_in_flight_with_metadata_equals_the_concurrency(subject: &Subject) {
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let server = gated(concurrency);
    let job = Job {
        metadata: true,
        ..Job::new(server.base_url(), all_codes())
    };
    let report = download(&engine, &job);
    assert_predicted(&report, |_| Status::Ok);
    assert_eq!(server.stats().peak_in_flight, concurrency as u64);
}

/// With fewer flags than the concurrency all of them are in flight at once.
pub fn peak_in_flight_is_the_number_of_codes_if_they_are_fewer(subject: &Subject) {
    let (engine, concurrency) = subject.engine(50);
    let codes = codes(["BR", "DE", "FR", "JP", "US"]);
    let together = concurrency.min(codes.len());
    let server = gated(together);
    let report = download(&engine, &Job::new(server.base_url(), codes));
    assert_predicted(&report, |_| Status::Ok);
    assert_eq!(server.stats().peak_in_flight, together as u64);
}

/// One flag whose answer never comes takes up one slot; all others are downloaded in those
/// that are left. An engine that deals its flags out beforehand would leave a share undone.
pub fn one_slow_flag_does_not_hold_up_the_others(subject: &Subject) {
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let mut asked = all_codes();
    if concurrency == 1 {
        // There is only one slot to take up: what comes before it is downloaded.
        asked.truncate(asked.iter().position(|&c| c == code("BR")).unwrap() + 1);
    }
    let server = serve(faults([("BR", Fault::Stall)]));
    let job = Job::new(server.base_url(), asked.clone());
    let others = asked.len() as u64 - 1;
    let report = download_until(&engine, &job, "all others answered, BR asked for", || {
        let stats = server.stats();
        stats.by_status.get(&200) == Some(&others) && stats.by_code.contains_key("BR")
    });
    let tally = report.tally();
    // An answer that was just sent may still be cut off by the cancellation.
    let cancelled = tally.failed_with(Failure::Cancelled);
    assert_eq!(tally.ok + cancelled, asked.len());
    assert!((1..=concurrency).contains(&cancelled), "{tally:?}");
}

/// Connections are kept alive and used again, within a job and from job to job.
///
/// Under the gate as many connections as the concurrency are needed at once, so that is
/// the least. A blocking client puts a connection back when it has read the last byte of
/// the answer, which is before its thread takes the next flag: so it is also the most.
///
/// A task with hyper's pool is another matter (hyper-util 0.1, `client/legacy`). A
/// connection belongs to a task of its own. It goes back into the pool from yet another
/// task, which the client starts with the head of the answer and which waits until the
/// connection's own has seen the end of the body and asks for more to do. The download
/// that reads the last byte runs on at once, gives up its permit, and the next may look
/// into the pool before either of the others had its turn. If it finds nothing idle it
/// begins a new connection *and* waits in line for one that comes back; it takes what is
/// there first. The line usually wins, and then the new connection is completed all the
/// same and kept as idle. So a request begins at most one connection.
///
/// On an event loop of one thread it did not happen in any of 30 runs: 7 connections for
/// 777 requests, 7 at a time. Tasks run there in the order in which they were woken, the
/// one that brings the connection back before the next download, which nothing promises.
/// On a loop with a thread for each of 2 cores there were 10 to 21, mostly 11 to 13, beside
/// other work on the machine; and 11 to 45 when the server answered without the delay,
/// which leaves the tasks more time to bring their connections back.
/// (`cargo test -p flagrace-async connections_stay -- --nocapture`)
pub fn connections_stay_within_their_bound(subject: &Subject) {
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let server = gated(concurrency);
    for _ in 0..3 {
        download(&engine, &Job::new(server.base_url(), all_codes()));
    }
    assert_bounded(subject, concurrency, &server.stats());
}

/// A client that leaves the page of a 404 or 418 unread loses the connection with it.
pub fn error_pages_do_not_cost_their_connections(subject: &Subject) {
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let server = serve(Profile {
        gate: concurrency as u64,
        error_rate: 0.5,
        ..Profile::default()
    });
    // 338 teapots, more or less, and most of the others are not found.
    let every: Vec<_> = CountryCode::every().collect();
    let report = download(&engine, &Job::new(server.base_url(), every));
    assert!(report.tally().not_found > 100 && report.tally().errors() > 100);
    assert_bounded(subject, concurrency, &server.stats());
}

/// Answers nobody until so many are in flight, and then nobody at once: an engine with a
/// slot too many has every chance to be seen with it.
fn gated(needed: usize) -> flagrace_server::Server {
    serve(Profile {
        gate: needed as u64,
        ..Profile::delayed_by(Delay::fixed(Duration::from_millis(1)))
    })
}

fn assert_bounded(subject: &Subject, concurrency: usize, stats: &Stats) {
    let accepted = stats.connections_accepted as usize;
    subject.assert_bounded(accepted, stats.requests as usize, concurrency);
    assert!(accepted >= concurrency, "{accepted}");
}
