//! A job that is told to stop, and two jobs that share one engine.

use std::sync::Arc;
use std::thread;

use flagrace_core::{CountryCode, Failure, Item, Job, Memory, Status, file_name};
use flagrace_server::{Fault, Profile, Server};

use crate::Subject;
use crate::harness::*;
use crate::recorder::{Event, Recorder};

const CANCELLED: Status = Status::Failed(Failure::Cancelled);

/// Nothing is asked, and every flag has its outcome: the observer hears the end of each,
/// and no beginning.
pub fn a_job_cancelled_beforehand_asks_nothing(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let recorder = Recorder::new();
    let job = Job {
        observer: recorder.clone(),
        ..Job::new(server.base_url(), all_codes())
    };
    job.cancel.cancel();
    assert_predicted(&download(&engine, &job), |_| CANCELLED);
    assert_eq!(server.stats().requests, 0);
    let mut finished = Vec::new();
    for event in recorder.events() {
        match event {
            Event::Finished(item, CANCELLED) => finished.push(item),
            other => panic!("{other:?}"),
        }
    }
    finished.sort_unstable();
    assert_eq!(
        finished,
        all_codes().into_iter().map(Item::Flag).collect::<Vec<_>>()
    );
}

/// The job is cancelled while every slot waits for an answer that never comes. The call
/// returns; what was ok is kept and stays ok; all else is cancelled, and is not called a
/// time-out or a broken connection, which is how it looks to a blocked thread.
pub fn cancelled_requests_end_and_what_was_ok_stays_ok(subject: &Subject) {
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let server = stalling();
    let store = Arc::new(Memory::default());
    let recorder = Recorder::new();
    let job = Job {
        store: store.clone(),
        observer: recorder.clone(),
        ..Job::new(server.base_url(), all_codes())
    };
    let all_stalled = || stalled_now(&server) == concurrency;
    let report = download_until(&engine, &job, "all slots stalled", all_stalled);

    let kept = store.take();
    assert_predicted(&report, |code| {
        match kept.contains_key(&file_name::plain(code)) {
            true => Status::Ok,
            false => CANCELLED,
        }
    });
    let tally = report.tally();
    assert_eq!((tally.ok, tally.total()), (kept.len(), all_codes().len()));
    // The first flag of the list is sound, and was finished before its slot could stall.
    assert!(tally.ok > 0);
    let finished = recorder.events().into_iter();
    let finished = finished.filter(|event| matches!(event, Event::Finished(..)));
    assert_eq!(finished.count(), tally.total());
    // Nobody is left at the server: the connections were closed, not abandoned.
    wait_until("no request in flight", || server.stats().in_flight == 0);
}

/// What a cancelled job leaves behind is no trouble for the next one, nor the one after.
pub fn the_engine_works_on_after_a_cancelled_job(subject: &Subject) {
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let stalling = stalling();
    let sound = serve(Profile::default());
    for _ in 0..2 {
        stalling.reset_stats();
        let job = Job::new(stalling.base_url(), all_codes());
        let all_stalled = || stalled_now(&stalling) == concurrency;
        download_until(&engine, &job, "all slots stalled", all_stalled);
        let next = Job::new(sound.base_url(), all_codes());
        assert_predicted(&download(&engine, &next), |_| Status::Ok);
    }
}

/// An engine may be asked from several threads: each call has its own flags, store and
/// report.
pub fn two_jobs_at_once_are_both_right(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let (first, second): (Vec<_>, Vec<_>) = all_codes().into_iter().partition(is_early);
    let run = |codes: Vec<CountryCode>| {
        let job = Job::new(server.base_url(), codes.clone());
        let (report, files) = download_files(&engine, &job);
        assert_predicted(&report, |_| Status::Ok);
        assert_images(files, &codes);
    };
    thread::scope(|scope| {
        scope.spawn(|| run(first));
        scope.spawn(|| run(second));
    });
}

/// Two jobs of one engine, of which one is cancelled while the other waits for its
/// answers: those of the other still come.
pub fn cancelling_one_job_leaves_the_other_alone(subject: &Subject) {
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let stalling = serve(faults([("BR", Fault::Stall)]));
    // Held at the gate until the first job was cancelled: a request beside that of the
    // second job opens it.
    let gated = serve(Profile {
        gate: 2,
        ..Profile::default()
    });
    let doomed = Job::new(stalling.base_url(), codes(["BR"]));
    let sound = Job::new(gated.base_url(), codes(["FR"]));
    thread::scope(|scope| {
        scope.spawn(|| {
            assert_predicted(&download(&engine, &doomed), |_| CANCELLED);
        });
        wait_until("the first job is in flight", || {
            stalling.stats().in_flight == 1
        });
        scope.spawn(|| {
            assert_predicted(&download(&engine, &sound), |_| Status::Ok);
        });
        // A pool of a single thread takes the second job only after the first.
        if concurrency > 1 {
            wait_until("the second job is in flight", || {
                gated.stats().in_flight == 1
            });
        }
        doomed.cancel.cancel();
        wait_until("the first job's request is over", || {
            stalling.stats().in_flight == 0
        });
        let opener = subject.engine(1).0;
        let job = Job::new(gated.base_url(), codes(["JP"]));
        assert_predicted(&download(&opener, &job), |_| Status::Ok);
    });
}

/// A server on which most flags stall, but not the first ones. There are more of them than
/// slots, so sooner or later every slot waits for one, in whatever order an engine takes the
/// flags.
fn stalling() -> Server {
    let stalled = all_codes().into_iter().filter(|code| !is_early(code));
    serve(Profile {
        faults: stalled.map(|code| (code, Fault::Stall)).collect(),
        ..Profile::default()
    })
}

const FIRST_TO_STALL: &str = "F";

fn is_early(code: &CountryCode) -> bool {
    code.as_str() < FIRST_TO_STALL
}

/// How many requests for stalled flags the server has received: they never end, so when
/// there are as many as slots no other request can be under way.
fn stalled_now(server: &Server) -> usize {
    let asked = server.stats().by_code;
    asked.range(FIRST_TO_STALL.to_owned()..).count()
}
