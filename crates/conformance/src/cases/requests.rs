//! What the server counts: requests, requests in flight, and connections.

use flagrace_core::{Failure, Job, Status};
use flagrace_server::Fault;

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, code_in, with_length};

/// The concurrency that an engine reports; the next case checks the actual one.
pub fn the_concurrency_is_the_one_requested(subject: &Subject) {
    let concurrency = [1, 2, 50].map(|asked| subject.engine(asked).concurrency());
    assert_eq!(concurrency, [1, 2, 50]);
}

/// Or the number of flags, if lower. The server holds back its responses until that many requests
/// are in flight: an engine with fewer waits forever, one with more has a higher peak.
pub fn peak_in_flight_equals_the_concurrency(subject: &Subject) {
    let five = codes(["BR", "DE", "FR", "JP", "US"]);
    for (asked, codes, metadata) in [
        (1, all_codes(), false),
        (CONCURRENCY, all_codes(), false),
        (CONCURRENCY, all_codes(), true),
        (50, five, false),
        (CONCURRENCY, Vec::new(), false),
    ] {
        let engine = subject.engine(asked);
        assert!((1..=asked).contains(&engine.concurrency()));
        let together = engine.concurrency().min(codes.len());
        let server = gated(together);
        let mut job = Job::new(server.base_url(), codes);
        job.metadata = metadata;
        assert_all(&download(&engine, &job), Status::Ok);
        assert_eq!(server.stats().peak_in_flight, together as u64);
    }
}

/// An unanswered flag takes one slot, and the others are downloaded in the rest. An engine that
/// assigns flags to slots in advance would not finish some.
pub fn one_slow_flag_does_not_block_the_others(subject: &Subject) {
    let engine = subject.engine(CONCURRENCY);
    let mut codes = all_codes();
    if engine.concurrency() == 1 {
        // With one slot, only the flags before it are downloaded.
        codes.retain(|&other| other <= code("BR"));
    }
    let server = faulty(&[("BR", Fault::STALL)]);
    let job = Job::new(server.base_url(), codes.clone());
    let others = codes.len() as u64 - 1;
    let report = download_until(&engine, &job, "responses to all others", || {
        let stats = server.stats();
        stats.by_status.get(&200) == Some(&others) && stats.by_code.contains_key("BR")
    });
    let tally = report.tally();
    // Cancelling may interrupt responses in transit.
    assert_eq!(tally.ok + tally.cancelled, codes.len());
    let in_flight = 1..=engine.concurrency();
    assert!(in_flight.contains(&tally.cancelled), "{tally:?}");
}

/// Connections are kept alive, within a job and between jobs.
pub fn connections_stay_within_their_bound(subject: &Subject) {
    let engine = subject.engine(CONCURRENCY);
    let server = gated(engine.concurrency());
    for _ in 0..3 {
        download(&engine, &Job::new(server.base_url(), all_codes()));
    }
    let stats = server.stats();
    subject.assert_bounded(&engine, stats.connections_accepted, stats.requests);
}

/// A client that does not read the body of a 404 or 418 loses its connection. Large pages are still
/// in transit when the status is known.
pub fn error_pages_do_not_close_connections(subject: &Subject) {
    for size in [10, 500_000] {
        let server = Site::scripted(move |path, _| {
            let exists = image(code_in(path)).is_some();
            let status = if exists { 418 } else { 404 };
            with_length(status, &vec![b' '; size])
        });
        let engine = subject.engine(CONCURRENCY);
        let codes = all_codes().into_iter().chain(codes(["AA", "XX"]));
        let job = Job::new(server.base_url(), codes);
        let (report, files) = download_files(&engine, &job);
        assert_predicted(&report, |code| match image(code) {
            Some(_) => Status::Failed(Failure::Http(418)),
            None => Status::NotFound,
        });
        assert!(files.is_empty());
        subject.assert_bounded(&engine, server.connections(), job.items.len() as u64);
    }
}
