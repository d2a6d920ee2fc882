//! A flag is ok when it is kept, and not before.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::thread;

use flagrace_core::{CountryCode, Directory, Downloader, Failure, Job, Observer, Outcome, Status};
use flagrace_server::{Fault, Profile};

use crate::Subject;
use crate::harness::*;
use crate::stores::{Failing, Holding, PanicBeside, Panicking};

/// At the moment the call returns the directory holds every flag that is ok, whole, and
/// nothing else: no part of one that failed, no temporary.
pub fn ok_flags_are_on_disk_and_nothing_else_is(subject: &Subject) {
    let profile = faults([("BR", Fault::Cut), ("FR", Fault::Status(418))]);
    let server = serve(profile.clone());
    let (engine, _) = subject.engine(CONCURRENCY);
    let folder = tempfile::tempdir().unwrap();
    let job = Job {
        store: Arc::new(Directory::create(folder.path()).unwrap()),
        ..Job::new(server.base_url(), [all_codes(), unknown_codes()].concat())
    };
    let report = download(&engine, &job);
    // The first thing after the call: a save that is late is not there yet.
    let files = files_in(folder.path());
    assert_predicted(&report, |code| predict(&profile, code));
    let ok = report.outcomes.iter().filter(|o| o.status == Status::Ok);
    assert_images(files, &ok.map(flag).collect::<Vec<_>>());
}

/// A store that cannot keep one flag, because its disk is full, say.
pub fn a_save_that_fails_fails_its_flag_alone(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let job = Job {
        store: Arc::new(Failing(code("BR"))),
        ..Job::new(server.base_url(), all_codes())
    };
    let report = download(&engine, &job);
    assert_predicted(&report, |asked| match asked == code("BR") {
        true => Status::Failed(Failure::Save),
        false => Status::Ok,
    });
    // The cause is told in the system's words.
    let br = report.outcomes.iter().find(|o| flag(o) == code("BR"));
    let detail = br.unwrap().detail.as_deref();
    assert!(detail.unwrap().contains("full on purpose"), "{detail:?}");
}

/// Saves are awaited. In the book they are handed to an executor and forgotten: flags are
/// reported as ok that are not on disk, and a failed write counts as ok. Here no save ends
/// until as many images were served as can be in flight, so a flag that does not wait for
/// its own is finished too soon.
pub fn a_flag_is_not_finished_before_it_is_saved(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let store = Arc::new(Holding::default());
    let job = Job {
        store: store.clone(),
        observer: store.clone(),
        ..Job::new(server.base_url(), all_codes())
    };
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            wait_until("as many images as the concurrency", || {
                server.stats().by_status.get(&200) >= Some(&(concurrency as u64))
            });
            store.open();
        });
        download(&engine, &job)
    });
    // Before anything else: every save must be over by now.
    let kept = store.kept();
    assert_eq!(store.finished_too_soon(), [], "ok before they were saved");
    assert_predicted(&report, |_| Status::Ok);
    assert_eq!(kept, report.tally().ok);
}

/// A bug in a store is not an outcome: it reaches whoever called, and costs the engine
/// nothing.
pub fn a_panic_in_the_store_comes_out_and_the_engine_lives_on(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    for may_block in [true, false] {
        let code = code("BR");
        let job = Job {
            store: Arc::new(Panicking { code, may_block }),
            ..Job::new(server.base_url(), all_codes())
        };
        assert_eq!(panic_of(&engine, &job), "the store panics on purpose");
        let sound = Job::new(server.base_url(), all_codes());
        assert_predicted(&download(&engine, &sound), |_| Status::Ok);
    }
}

/// Panics at every flag, on every thread there is.
struct PanickingObserver(&'static str);

impl Observer for PanickingObserver {
    fn finished(&self, _outcome: &Outcome) {
        panic_any(self.0);
    }
}

/// The same for an observer.
pub fn a_panic_in_the_observer_comes_out_and_the_engine_lives_on(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(CONCURRENCY);
    let job = Job {
        observer: Arc::new(PanickingObserver("the observer panics")),
        ..Job::new(server.base_url(), all_codes())
    };
    assert_eq!(panic_of(&engine, &job), "the observer panics");
    let sound = Job::new(server.base_url(), all_codes());
    assert_predicted(&download(&engine, &sound), |_| Status::Ok);
}

/// Each of two jobs that panic at the same time ends with its own panic.
pub fn panics_of_two_jobs_at_once_stay_apart(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, _) = subject.engine(2);
    let panics = |words: &'static str| {
        let job = Job {
            observer: Arc::new(PanickingObserver(words)),
            ..Job::new(server.base_url(), all_codes())
        };
        for _ in 0..20 {
            assert_eq!(panic_of(&engine, &job), words);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| panics("the first panics"));
        scope.spawn(|| panics("the second panics"));
    });
}

/// One flag's save panics while others are under way: the panic comes out when they have
/// ended. Whoever catches it may remove the directory.
pub fn a_panic_leaves_no_save_behind(subject: &Subject) {
    let server = serve(Profile::default());
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    if concurrency == 1 {
        println!("on this machine the engine saves one flag at a time");
        return;
    }
    let codes: Vec<CountryCode> = all_codes().into_iter().take(concurrency).collect();
    let store = Arc::new(PanicBeside::new(codes[0]));
    let job = Job {
        store: store.clone(),
        ..Job::new(server.base_url(), codes)
    };
    assert_eq!(panic_of(&engine, &job), "the store panics on purpose");
    let (begun, ended) = store.begun_and_ended();
    assert_eq!(
        begun, ended,
        "saves that had begun, and those that had ended"
    );
    assert!(begun > 0);
}

/// The words of the panic that comes out of a job.
fn panic_of(engine: &Arc<dyn Downloader>, job: &Job) -> String {
    let panicked = catch_unwind(AssertUnwindSafe(|| download(engine, job)));
    let payload = panicked.expect_err("the panic comes out");
    let words = payload.downcast::<&str>().expect("it is the same panic");
    (*words).to_owned()
}
