//! Cancelled jobs, and two jobs of one engine.

use std::fs;
use std::sync::Arc;
use std::thread;

use flagrace_core::{CountryCode, Directory, Job, Memory, Status, file_name};
use flagrace_server::{Fault, Profile};

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, Then, code_in, sound};
use crate::stores::Recorder;

/// Every flag has an outcome: the observer is called for its end, but not for a start.
pub fn a_job_cancelled_beforehand_sends_no_request(subject: &Subject) {
    let server = serve(Profile::default());
    let recorder = Arc::new(Recorder::default());
    let mut job = Job::new(server.base_url(), all_codes());
    job.observer = recorder.clone();
    job.cancel.cancel();
    assert_all(&subject.download(&job), CANCELLED);
    assert_eq!(server.stats().requests, 0);
    let expected = job.items.iter().map(|&item| (item, Some(CANCELLED)));
    assert_eq!(recorder.events(), expected.collect::<Vec<_>>());
}

/// Every slot waits for a response that never comes. Saved flags stay ok; the others are cancelled,
/// not timeouts or broken connections, which are what a blocked thread sees.
pub fn cancelled_requests_end_and_the_engine_still_works(subject: &Subject) {
    let engine = subject.engine(CONCURRENCY);
    let prompt = serve(Profile::default());
    for _ in 0..2 {
        // The server answers more flags than there are slots, so that eventually every slot waits,
        // in whatever order an engine takes the flags.
        let server = Site::scripted(|path, _| match code_in(path) >= code("FA") {
            true => (Vec::new(), Then::Hold),
            false => sound(path),
        });
        let store = Arc::new(Memory::default());
        let recorder = Arc::new(Recorder::default());
        let mut job = Job::new(server.base_url(), all_codes());
        job.store = store.clone();
        job.observer = recorder.clone();
        let all_wait = || server.waiting() == engine.concurrency();
        let report = download_until(&engine, &job, "all slots wait", all_wait);

        let kept = store.take();
        assert_predicted(&report, |code| {
            match kept.contains_key(&file_name::plain(code)) {
                true => Status::Ok,
                false => CANCELLED,
            }
        });
        // The first flag finished before its slot had to wait.
        assert!(!kept.is_empty() && report.tally().ok == kept.len());
        let finished = recorder.events().into_iter();
        let finished = finished.filter(|(_, status)| status.is_some());
        assert_eq!(finished.count(), all_codes().len());
        // Connections must be closed, not abandoned.
        wait_until("no client waits", || server.waiting() == 0);
        let next = Job::new(prompt.base_url(), all_codes());
        assert_all(&download(&engine, &next), Status::Ok);
    }
}

/// A random number of requests decides when. Any number of files may be there; each is one that the
/// report calls ok, and all are whole.
pub fn a_job_cancelled_at_any_moment_leaves_only_whole_files(subject: &Subject) {
    let engine = subject.engine(CONCURRENCY);
    for _ in 0..5 {
        let server = serve(Profile::delayed_by("0ms..2ms".parse().unwrap()));
        let folder = tempfile::tempdir().unwrap();
        let mut job = Job::new(server.base_url(), all_codes());
        job.store = Arc::new(Directory::create(&folder).unwrap());
        let few = fastrand::u64(1..100);
        let enough = || server.stats().requests >= few;
        let report = download_until(&engine, &job, "the server has been asked", enough);

        let tally = report.tally();
        assert_eq!(tally.ok + tally.cancelled, job.items.len(), "{tally:?}");
        let done = report.outcomes.iter();
        let done = done.filter(|one| one.status == Status::Ok);
        let done: Vec<_> = done.map(flag).collect();
        let files = fs::read_dir(&folder).unwrap().map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        });
        assert_images(files.collect(), &done);
    }
}

/// Each call has its own flags, store and report.
pub fn two_concurrent_jobs_are_both_correct(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    let codes = all_codes();
    let (first, second) = codes.split_at(codes.len() / 2);
    let run = |codes: &[CountryCode]| {
        let job = Job::new(server.base_url(), codes.iter().copied());
        let (report, files) = download_files(&engine, &job);
        assert_all(&report, Status::Ok);
        assert_images(files, codes);
    };
    thread::scope(|scope| {
        scope.spawn(|| run(first));
        scope.spawn(|| run(second));
    });
}

/// The second job waits for its response while the first is cancelled.
pub fn cancelling_one_job_leaves_the_other_alone(subject: &Subject) {
    let engine = subject.engine(CONCURRENCY);
    let stalling = serve(faults([("BR", Fault::STALL)]));
    // A second request opens the gate.
    let gated = gated(2);
    let doomed = Job::new(stalling.base_url(), codes(["BR"]));
    let sound = Job::new(gated.base_url(), codes(["FR"]));
    thread::scope(|scope| {
        scope.spawn(|| assert_all(&download(&engine, &doomed), CANCELLED));
        let stalled = |count| stalling.stats().in_flight == count;
        wait_until("the first job is in flight", || stalled(1));
        scope.spawn(|| assert_all(&download(&engine, &sound), Status::Ok));
        // A pool with one thread takes the second job after the first.
        if engine.concurrency() > 1 {
            let in_flight = || gated.stats().in_flight == 1;
            wait_until("the second job is in flight", in_flight);
        }
        doomed.cancel.cancel();
        wait_until("the first job's request is over", || stalled(0));
        let job = Job::new(gated.base_url(), codes(["JP"]));
        assert_all(&download(&subject.engine(1), &job), Status::Ok);
    });
}
