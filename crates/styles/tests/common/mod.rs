//! Servers, styles, and a download that cannot hang.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, too
#![allow(dead_code)] // each test file uses its own part

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use flagrace_async::Async;
use flagrace_core::{CountryCode, Downloader, Item, Job, Observer, Outcome, Report, Setup};
use flagrace_server::{Config, Fault, FlagSet, Profile, Server};
use flagrace_styles::{Callbacks, Futures};

/// After this long a download is taken to hang. Nothing else depends on it.
const PATIENCE: Duration = Duration::from_secs(25);

/// The styles that keep the contract, the last of them from the crate of its own.
pub fn sound(setup: &Setup) -> [Arc<dyn Downloader>; 3] {
    [
        Arc::new(Callbacks::new(setup).unwrap()),
        Arc::new(Futures::new(setup).unwrap()),
        Arc::new(Async::new(setup).unwrap()),
    ]
}

/// The code that is written so.
pub fn code(text: &str) -> CountryCode {
    text.parse().unwrap()
}

/// The codes of all flags there are.
pub fn all_codes() -> Vec<CountryCode> {
    FlagSet::embedded().codes().collect()
}

/// A server of the embedded flags on which these meet this fault.
pub fn serve(faulty: &BTreeSet<CountryCode>, fault: Fault) -> Server {
    Server::start(Config {
        profile: Profile {
            faults: faulty.iter().map(|&code| (code, fault)).collect(),
            ..Profile::default()
        },
        ..Config::default()
    })
    .unwrap()
}

/// Downloads on a thread of its own, so that a call that never returns is one failed test.
///
/// # Panics
///
/// If the call does not return; and if it panics, with that panic.
pub fn download(engine: &Arc<dyn Downloader>, job: &Job) -> Report {
    let (engine, job) = (Arc::clone(engine), job.clone());
    let (report, arrived) = mpsc::channel();
    let downloading = thread::spawn(move || report.send(engine.download_many(&job).unwrap()));
    match arrived.recv_timeout(PATIENCE) {
        Ok(report) => report,
        Err(RecvTimeoutError::Timeout) => panic!("not done after {PATIENCE:?}"),
        Err(RecvTimeoutError::Disconnected) => {
            resume_unwind(downloading.join().expect_err("it sends or panics"))
        }
    }
}

/// Waits until something is so, looking again and again.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never came: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The flags that a report tells of.
pub fn reported(report: &Report) -> BTreeSet<CountryCode> {
    let outcomes = report.outcomes.iter();
    outcomes
        .map(|outcome| outcome.item.code().unwrap())
        .collect()
}

/// Remembers which flags began and which ended.
#[derive(Default)]
pub struct Heard {
    pub started: Mutex<BTreeSet<CountryCode>>,
    pub finished: Mutex<BTreeSet<CountryCode>>,
}

impl Observer for Heard {
    fn started(&self, item: Item) {
        self.started.lock().unwrap().insert(item.code().unwrap());
    }

    fn finished(&self, outcome: &Outcome) {
        self.finished
            .lock()
            .unwrap()
            .insert(outcome.item.code().unwrap());
    }
}
