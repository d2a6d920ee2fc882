//! Saves are awaited, panics propagate, and a server cannot choose where a file goes.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use flagrace_core::{CountryCode, Directory, Failure, Job, Observer, Outcome, Status};
use flagrace_server::{Fault, Profile};
use serde_json::json;

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, code_in, with_length};
use crate::stores::{Failing, Holding, PanicBeside, Panicking};

/// When the call returns, the directory has every flag that is ok, whole, and nothing else: no
/// part of one that failed, and no temporary file.
pub fn ok_flags_are_on_disk_and_nothing_else_is(subject: &Subject) {
    let profile = faults([("BR", Fault::Cut), ("FR", Fault::Status(418))]);
    let server = serve(profile.clone());
    let folder = tempfile::tempdir().unwrap();
    let mut job = Job::new(server.base_url(), CountryCode::every());
    job.store = Arc::new(Directory::create(folder.path()).unwrap());
    let report = subject.download(&job);
    // First of all: a late save is not there yet.
    let files = files_in(folder.path());
    assert_predicted(&report, |code| predict(&profile, code));
    let ok = report.outcomes.iter().filter(|o| o.status == Status::Ok);
    assert_images(files, &ok.map(flag).collect::<Vec<_>>());
}

/// The outcome has the system's reason.
pub fn a_save_that_fails_fails_its_flag_alone(subject: &Subject) {
    let server = serve(Profile::default());
    let mut job = Job::new(server.base_url(), all_codes());
    job.store = Arc::new(Failing(code("BR")));
    let report = subject.download(&job);
    assert_alone(&report, "BR", Failure::Save);
    let br = report.outcomes.iter().find(|o| flag(o) == code("BR"));
    let detail = br.unwrap().detail.as_deref();
    assert!(detail.unwrap().contains("full on purpose"), "{detail:?}");
}

/// The book hands saves to an executor and does not await them: flags are reported as ok that are
/// not on disk. Here no save ends before as many images were sent as can be in flight, so a flag
/// that does not await its save is finished too soon.
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
    // First of all: every save must be over by now.
    let kept = store.kept();
    assert_eq!(store.finished_too_soon(), [], "ok before they were saved");
    assert_all(&report, Status::Ok);
    assert_eq!(kept, report.tally().ok);
}

/// Panics for every flag.
struct PanickingObserver(&'static str);

impl Observer for PanickingObserver {
    fn finished(&self, _outcome: &Outcome) {
        panic_any(self.0);
    }
}

/// A bug in a store or an observer is not an outcome.
pub fn a_panic_propagates_and_the_engine_works_on(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    let sound = Job::new(server.base_url(), all_codes());
    let [mut blocking, mut quick, mut observed] = [(); 3].map(|()| sound.clone());
    blocking.store = Arc::new(Panicking { may_block: true });
    quick.store = Arc::new(Panicking { may_block: false });
    observed.observer = Arc::new(PanickingObserver("panics on purpose"));
    for job in [blocking, quick, observed] {
        assert_eq!(panic_of(&engine, &job), "panics on purpose");
        assert_all(&download(&engine, &sound), Status::Ok);
    }
}

pub fn panics_of_two_jobs_stay_apart(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(2);
    let panics = |message: &'static str| {
        let mut job = Job::new(server.base_url(), codes(["BR", "DE", "FR", "JP", "US"]));
        job.observer = Arc::new(PanickingObserver(message));
        for _ in 0..20 {
            assert_eq!(panic_of(&engine, &job), message);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| panics("the first panics"));
        scope.spawn(|| panics("the second panics"));
    });
}

/// A save panics while another one runs: the panic propagates when both have ended. Its caller may
/// remove the directory.
pub fn a_panic_leaves_no_save_behind(subject: &Subject) {
    let server = serve(Profile::default());
    let engine = subject.engine(CONCURRENCY);
    if engine.concurrency() == 1 {
        println!("on this machine the engine saves one flag at a time");
        return;
    }
    let codes = &all_codes()[..engine.concurrency()];
    let store = Arc::new(PanicBeside::default());
    let mut job = Job::new(server.base_url(), codes.iter().copied());
    job.store = store.clone();
    assert_eq!(panic_of(&engine, &job), "panics on purpose");
    let [begun, ended] = [&store.begun, &store.ended].map(|count| count.load(SeqCst));
    assert_eq!(begun, ended + 1, "all saves but the first ended");
}

/// The message of the panic that comes out of a job.
fn panic_of(engine: &Engine, job: &Job) -> String {
    let panicked = catch_unwind(AssertUnwindSafe(|| download(engine, job)));
    let payload = panicked.expect_err("the panic propagates");
    let message = payload.downcast::<&str>().expect("it is the same panic");
    (*message).to_owned()
}

/// The server chooses the name of the country, and with it that of the file.
pub fn a_hostile_country_never_leaves_the_directory(subject: &Subject) {
    let long = ["a".repeat(5_000), "é".repeat(5_000)];
    let hostile = [
        "",
        "..",
        "../../evil",
        "/etc/passwd",
        "a\\..\\b",
        ".hidden",
        "nul\0nul",
        "line\nbreak\r\x1b[31m",
        &long[0],
        &long[1],
    ];
    let countries = hostile.map(|country| json!({ "country": country }).to_string());
    let metadata: BTreeMap<_, _> = CountryCode::every().zip(countries).collect();
    let codes: Vec<_> = metadata.keys().copied().collect();
    let server = Site::scripted(move |path, _| match path.ends_with(".json") {
        true => with_length("200", "", metadata[&code_in(path)].as_bytes()),
        false => with_length("200", "", path.as_bytes()),
    });

    // Deep enough that two steps up are inside the root.
    let root = tempfile::tempdir().unwrap();
    let home = root.path().join("a/b/c");
    let mut job = Job::new(server.base_url(), codes.iter().copied());
    job.metadata = true;
    job.store = Arc::new(Directory::create(&home).unwrap());
    assert_all(&subject.download(&job), Status::Ok);
    assert!(files_in(root.path()).keys().eq(["a"]));
    assert!(files_in(&root.path().join("a")).keys().eq(["b"]));
    assert!(files_in(&root.path().join("a/b")).keys().eq(["c"]));
    let files = files_in(&home);
    assert_eq!(files.len(), codes.len(), "{files:?}");
    for code in codes {
        let found = files
            .iter()
            .find(|(name, _)| name.ends_with(&format!("{code}.gif")));
        let (name, content) = found.unwrap();
        assert!(!name.starts_with('.') && !name.contains(char::is_control));
        assert_eq!(
            *content,
            format!("/flags/{cc}/{cc}.gif", cc = code.lower()).into_bytes()
        );
    }
}
