//! What happens to saves that are not awaited. A store that holds saves back simulates a slow disk,
//! so no test needs a clock.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::thread;

use flagrace_conformance::stores::Holding;
use flagrace_conformance::{Subject, cases, subject, wait_until};
use flagrace_core::{CountryCode, Downloader, Job, JobError, Report, Setup};
use flagrace_lessons::EventLoop;
use flagrace_lessons::lost_saves::{SAVES_AT_A_TIME, Save, download};
use flagrace_server::{Config, Server};
use rstest::rstest;

/// Downloads 20 flags and ends the runtime with `end`. Returns how many were ok, and how many were
/// saved before and after the end.
fn watch(save: Save, store: &Arc<Holding>, end: impl FnOnce(EventLoop)) -> [usize; 3] {
    let server = Server::start(Config::default()).unwrap();
    let job = Job {
        store: store.clone(),
        ..Job::new(server.base_url(), CountryCode::popular())
    };
    let event_loop = EventLoop::new(&Setup::with_concurrency(20)).unwrap();
    let ok = download(save, &event_loop, &job).tally().ok;
    let then = store.kept();
    end(event_loop);
    [ok, then, store.kept()]
}

#[rstest]
#[case(Save::ForgottenCall)]
#[case(Save::ForgottenTask)]
fn a_program_that_exits_loses_forgotten_saves(#[case] save: Save) {
    let store = Arc::new(Holding::default());
    let counts = watch(save, &store, EventLoop::shutdown_background);
    assert_eq!(counts, [20, 0, 0]);
    store.open();
}

#[test]
fn dropping_the_runtime_waits_for_forgotten_calls() {
    let store = Arc::new(Holding::default());
    // All saving threads are busy, so the other calls are queued.
    let savers = thread::available_parallelism().unwrap().get().min(20);
    let counts = watch(Save::ForgottenCall, &store, |event_loop| {
        wait_until("busy saving threads", || store.begun() >= savers);
        thread::scope(|scope| {
            scope.spawn(|| store.open());
            drop(event_loop);
        });
    });
    assert_eq!(counts, [20, 0, 20]);
}

#[test]
fn dropping_the_runtime_drops_forgotten_tasks() {
    let store = Arc::new(Holding::default());
    let [ok, then, end] = watch(Save::ForgottenTask, &store, |event_loop| {
        thread::scope(|scope| {
            scope.spawn(|| {
                // Saves in progress hold the store; so do the job and this test.
                let held = || Arc::strong_count(&store);
                wait_until("dropped tasks", || held() <= SAVES_AT_A_TIME + 2);
                store.open();
            });
            drop(event_loop);
        });
    });
    assert_eq!((ok, then), (20, 0));
    assert!(end <= SAVES_AT_A_TIME);
}

struct Engine(Save, EventLoop);

impl Downloader for Engine {
    fn name(&self) -> &'static str {
        "lost-saves"
    }

    /// The number of requests in flight that the cases below wait for.
    fn concurrency(&self) -> usize {
        7
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        Ok(download(self.0, &self.1, job))
    }
}

fn engine(save: Save, setup: &Setup) -> Result<Engine, JobError> {
    EventLoop::new(setup).map(|event_loop| Engine(save, event_loop))
}

const FORGOTTEN: Subject = subject!(|setup| engine(Save::ForgottenCall, setup), Raced);
const AWAITED: Subject = subject!(|setup| engine(Save::Awaited, setup), Raced);

#[test]
#[should_panic(expected = "ok before they were saved")]
fn the_suite_finds_saves_that_are_not_awaited() {
    cases::saving::a_flag_is_not_finished_before_it_is_saved(&FORGOTTEN);
}

#[test]
#[should_panic(expected = "right: Failed(Save)")]
fn the_suite_finds_errors_of_saves_that_are_ignored() {
    cases::saving::a_failed_save_fails_only_its_flag(&FORGOTTEN);
}

#[test]
fn the_suite_accepts_awaited_saves() {
    cases::saving::a_flag_is_not_finished_before_it_is_saved(&AWAITED);
    cases::saving::a_failed_save_fails_only_its_flag(&AWAITED);
}
