//! What becomes of saves that are not awaited. A store that holds saves back stands for a slow
//! disk, so no test needs a clock.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::thread;

use flagrace_conformance::stores::{Failing, Holding};
use flagrace_conformance::{Connections, Subject, cases, wait_until};
use flagrace_core::{Downloader, Job, JobError, Report, Selection, Setup, Store};
use flagrace_lessons::EventLoop;
use flagrace_lessons::lost_saves::{SAVES_AT_A_TIME, Save, Seen, download, watch};
use flagrace_server::{Config, Server};
use rstest::rstest;

fn job(server: &Server, store: Arc<dyn Store>) -> Job {
    let codes = Selection::Popular.codes(None).unwrap();
    Job {
        store,
        ..Job::new(server.base_url(), codes)
    }
}

/// Downloads 20 flags and ends the runtime with `end`.
fn watch_20(save: Save, store: &Arc<Holding>, end: impl FnOnce(EventLoop)) -> Seen {
    let server = Server::start(Config::default()).unwrap();
    let job = job(&server, store.clone());
    let setup = Setup::with_concurrency(20);
    watch(save, &setup, &job, || store.kept(), end).unwrap()
}

/// Lets the saves end when a condition holds.
fn opener(store: &Arc<Holding>, when: fn(&Arc<Holding>) -> bool) -> thread::JoinHandle<()> {
    let store = Arc::clone(store);
    thread::spawn(move || {
        wait_until("the condition for opening the store", || when(&store));
        store.open();
    })
}

#[rstest]
#[case(Save::ForgottenCall)]
#[case(Save::ForgottenTask)]
fn a_program_that_exits_loses_forgotten_saves(#[case] save: Save) {
    let store = Arc::new(Holding::default());
    let seen = watch_20(save, &store, EventLoop::shutdown_background);
    assert_eq!(seen.report.tally().ok, 20);
    assert_eq!((seen.files_then, seen.files_in_the_end), (0, 0));
    store.open();
}

#[test]
fn dropping_the_runtime_waits_for_forgotten_calls() {
    let store = Arc::new(Holding::default());
    // All saving threads are busy, so the other calls are queued.
    let savers = thread::available_parallelism().unwrap().get().min(20);
    let seen = watch_20(Save::ForgottenCall, &store, |event_loop| {
        wait_until("busy saving threads", || store.begun() >= savers);
        let opener = opener(&store, |_| true);
        drop(event_loop);
        opener.join().unwrap();
    });
    assert_eq!(seen.report.tally().ok, 20);
    assert_eq!((seen.files_then, seen.files_in_the_end), (0, 20));
}

#[test]
fn dropping_the_runtime_drops_forgotten_tasks() {
    let store = Arc::new(Holding::default());
    let seen = watch_20(Save::ForgottenTask, &store, |event_loop| {
        // Each task holds the store until it is dropped, but for those that save. So do this
        // test, the opener and the job.
        let opener = opener(&store, |store| {
            Arc::strong_count(store) <= SAVES_AT_A_TIME + 3
        });
        drop(event_loop);
        opener.join().unwrap();
    });
    assert_eq!(seen.report.tally().ok, 20);
    assert_eq!(seen.files_then, 0);
    assert!(seen.files_in_the_end <= SAVES_AT_A_TIME);
}

#[test]
fn awaited_saves_are_there_when_they_are_reported() {
    let store = Arc::new(Holding::default());
    let opener = opener(&store, |store| store.begun() > 0);
    let seen = watch_20(Save::Awaited, &store, EventLoop::shutdown_background);
    opener.join().unwrap();
    assert_eq!(seen.report.tally().ok, 20);
    assert_eq!((seen.files_then, seen.files_in_the_end), (20, 20));
}

#[rstest]
#[case(Save::ForgottenCall, 20)]
#[case(Save::ForgottenTask, 20)]
#[case(Save::Awaited, 19)]
fn only_an_awaited_save_reports_a_full_disk(#[case] save: Save, #[case] ok: usize) {
    let server = Server::start(Config::default()).unwrap();
    let setup = Setup::with_concurrency(20);
    let store = Arc::new(Failing("BR".parse().unwrap()));
    let seen = watch(save, &setup, &job(&server, store), || 0, drop).unwrap();
    let tally = seen.report.tally();
    assert_eq!((tally.ok, tally.errors()), (ok, 20 - ok));
}

struct Engine(Save, EventLoop);

impl Downloader for Engine {
    fn name(&self) -> &'static str {
        "lost-saves"
    }

    /// The flags in flight that the cases below wait for.
    fn concurrency(&self) -> usize {
        7
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        Ok(download(self.0, &self.1, job))
    }
}

const FORGOTTEN: Subject = Subject {
    build: |setup| {
        Ok(Box::new(Engine(
            Save::ForgottenCall,
            EventLoop::new(setup)?,
        )))
    },
    connections: Connections::Raced,
};

const AWAITED: Subject = Subject {
    build: |setup| Ok(Box::new(Engine(Save::Awaited, EventLoop::new(setup)?))),
    ..FORGOTTEN
};

#[test]
#[should_panic(expected = "ok before they were saved")]
fn the_suite_finds_saves_that_are_not_awaited() {
    cases::saving::a_flag_is_not_finished_before_it_is_saved(&FORGOTTEN);
}

#[test]
#[should_panic(expected = "right: Failed(Save)")]
fn the_suite_finds_errors_of_saves_that_are_ignored() {
    cases::saving::a_save_that_fails_fails_its_flag_alone(&FORGOTTEN);
}

/// Exercise 2 is to mend `forgotten_call` in `src/lost_saves.rs`. The tests above that show the
/// mistake then fail, as they should.
#[rstest]
#[case::awaited(&AWAITED)]
#[ignore = "exercise 2: cargo test -p flagrace-lessons --test lost_saves -- --ignored"]
#[case::exercise_2(&FORGOTTEN)]
fn the_suite_accepts_awaited_saves(#[case] subject: &Subject) {
    cases::saving::a_flag_is_not_finished_before_it_is_saved(subject);
    cases::saving::a_save_that_fails_fails_its_flag_alone(subject);
}
