//! Saves are awaited, and panics propagate.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use flagrace_core::{Failure, Job, Status};
use flagrace_server::Profile;

use crate::Subject;
use crate::harness::*;
use crate::stores::{Failing, Holding, PanicBeside, Panicking};

/// The outcome has the system's error.
pub fn a_failed_save_fails_only_its_flag(subject: &Subject) {
    let server = serve(Profile::default());
    let mut job = Job::new(server.base_url(), all_codes());
    job.store = Arc::new(Failing(code("BR")));
    let report = subject.download(&job);
    assert_alone(&report, "BR", Failure::Save);
    let detail = report.outcomes.iter().find_map(|o| o.detail.as_deref());
    assert!(detail.unwrap().contains("full on purpose"), "{detail:?}");
}

/// The book hands saves to an executor and does not await them: flags are reported ok that are not
/// on disk. Here no save ends before the server has sent as many images as can be in flight, so a
/// flag that does not await its save finishes too soon.
pub fn a_flag_is_not_finished_before_it_is_saved(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    let images = engine.concurrency() as u64;
    let store = Arc::new(Holding::default());
    let mut job = Job::new(server.base_url(), all_codes());
    job.store = store.clone();
    job.observer = store.clone();
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            wait_until("as many images as the concurrency", || {
                server.stats().by_status.get(&200) >= Some(&images)
            });
            store.open();
        });
        download(&engine, &job)
    });
    // Check this first: every save must be over by now.
    let kept = store.kept();
    assert_eq!(store.finished_too_soon(), [], "ok before they were saved");
    assert_all(&report, Status::Ok);
    assert_eq!(kept, report.tally().ok);
}

/// A panic in a store or an observer is not an outcome.
pub fn a_panic_propagates_and_the_engine_still_works(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    let sound = Job::new(server.base_url(), all_codes());
    let [mut blocking, mut quick, mut observed] = [(); 3].map(|()| sound.clone());
    blocking.store = Arc::new(Panicking("panics on purpose", true));
    quick.store = Arc::new(Panicking("panics on purpose", false));
    observed.observer = Arc::new(Panicking("panics on purpose", false));
    for job in [blocking, quick, observed] {
        assert_eq!(panic_of(&engine, &job), "panics on purpose");
        assert_all(&download(&engine, &sound), Status::Ok);
    }
}

pub fn panics_of_two_jobs_do_not_mix(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(2);
    let panics = |message: &'static str| {
        let mut job = Job::new(server.base_url(), codes(["BR", "DE", "FR", "JP", "US"]));
        job.observer = Arc::new(Panicking(message, false));
        for _ in 0..20 {
            assert_eq!(panic_of(&engine, &job), message);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| panics("the first panics"));
        scope.spawn(|| panics("the second panics"));
    });
}

/// A save panics while another one runs: the panic propagates when both have ended, because the
/// caller may then remove the directory.
pub fn a_panic_leaves_no_save_behind(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    let codes = &all_codes()[..engine.concurrency()];
    let store = Arc::new(PanicBeside::default());
    let mut job = Job::new(server.base_url(), codes.iter().copied());
    job.store = store.clone();
    assert_eq!(panic_of(&engine, &job), "panics on purpose");
    let [begun, ended] = [&store.begun, &store.ended].map(|count| count.load(SeqCst));
    assert_eq!(begun, ended + 1, "all saves but the first ended");
}

fn panic_of(engine: &Engine, job: &Job) -> String {
    let panicked = catch_unwind(AssertUnwindSafe(|| download(engine, job)));
    let payload = panicked.expect_err("the panic propagates");
    let message = payload.downcast::<&str>().expect("it is the same panic");
    (*message).to_owned()
}
