//! Flags, servers and jobs, and a download that cannot hang.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use flagrace_core::{
    CountryCode, Downloader, Failure, Job, Memory, Outcome, Report, Setup, Status, UrlList,
    file_name,
};
use flagrace_server::{Delay, Fault, Profile, Server};

use crate::{Connections, Subject};

/// When a case gives up. Nothing else depends on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);

/// The concurrency of most cases: above the number of cores, and no divisor of the number of flags.
pub(crate) const CONCURRENCY: usize = 7;

pub(crate) const CANCELLED: Status = Status::Failed(Failure::Cancelled);

pub type Engine = Arc<dyn Downloader>;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

impl Subject {
    pub(crate) fn engine_with(&self, setup: &Setup) -> Engine {
        (self.build)(setup).expect("the engine can be built").into()
    }

    /// The engine with this concurrency, or less.
    pub(crate) fn engine(&self, concurrency: usize) -> Engine {
        self.engine_with(&Setup::with_concurrency(concurrency))
    }

    pub(crate) fn download(&self, job: &Job) -> Report {
        download(&self.engine(CONCURRENCY), job)
    }

    pub(crate) fn assert_bounded(&self, engine: &Engine, connections: u64, requests: u64) {
        let most = match self.connections {
            Connections::Reused => engine.concurrency() as u64,
            // At most 45 were observed for 259 requests.
            Connections::Raced => requests / 2,
        };
        let fits = (1..=most).contains(&connections);
        assert!(fits, "{connections}, not 1 to {most}");
    }
}

pub(crate) fn code(text: &str) -> CountryCode {
    text.parse().expect("two letters")
}

pub(crate) fn codes<const N: usize>(texts: [&str; N]) -> Vec<CountryCode> {
    texts.map(code).into()
}

pub(crate) fn all_codes() -> Vec<CountryCode> {
    let flags = flagrace_catalog::all().iter();
    flags.map(|flag| code(flag.code)).collect()
}

pub(crate) fn image(code: CountryCode) -> Option<&'static [u8]> {
    flagrace_catalog::find(code.as_str()).map(|flag| flag.gif)
}

pub(crate) fn flag(outcome: &Outcome) -> CountryCode {
    outcome.item.code().expect("a job of flags")
}

pub(crate) fn job_of(urls: &[String]) -> Job {
    Job::of_urls(Arc::new(UrlList::parse(&urls.join("\n")).unwrap()))
}

pub(crate) fn serve(profile: Profile) -> Server {
    Server::start(profile.into()).expect("the server starts")
}

/// A server that holds back its responses until this many requests are in flight, and then delays
/// them, so that an engine with too many slots has time to show it.
pub fn gated(needed: usize) -> Server {
    serve(Profile {
        gate: needed as u64,
        ..Profile::delayed_by(Delay::fixed(Duration::from_millis(1)))
    })
}

pub fn faulty(faults: &[(&str, Fault)]) -> Server {
    let faults = faults.iter().map(|(text, fault)| (code(text), *fault));
    serve(Profile {
        faults: faults.collect(),
        ..Profile::default()
    })
}

pub(crate) fn assert_predicted(report: &Report, predict: impl Fn(CountryCode) -> Status) {
    for outcome in &report.outcomes {
        let predicted = predict(flag(outcome));
        assert_eq!(outcome.status, predicted, "{outcome:?}");
    }
}

pub(crate) fn assert_all(report: &Report, status: Status) {
    for outcome in &report.outcomes {
        assert_eq!(outcome.status, status, "{outcome:?}");
    }
}

/// Asserts that only this flag has the failure, and all others are ok.
pub(crate) fn assert_alone(report: &Report, failed: &str, failure: Failure) {
    assert_predicted(report, |asked| match asked == code(failed) {
        true => Status::Failed(failure),
        false => Status::Ok,
    });
}

/// Downloads, and checks that the report has an outcome for each item, in order.
///
/// A job that hangs is cancelled, so that one case fails and the suite continues; an engine that
/// still does not end is left on its thread.
pub fn download(engine: &Engine, job: &Job) -> Report {
    let (done, is_done) = mpsc::channel::<()>();
    let downloading = thread::spawn({
        let (engine, job) = (Arc::clone(engine), job.clone());
        move || {
            // Dropped when the call returns or panics, which ends the wait below.
            let _done = done;
            engine.download_many(&job)
        }
    });
    let hangs = || is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
    if hangs() {
        job.cancel.cancel();
        assert!(!hangs(), "the job did not end when it was cancelled");
        panic!("the job was not done after {PATIENCE:?}");
    }
    let result = downloading.join();
    let result = result.unwrap_or_else(|panicked| resume_unwind(panicked));
    let report = result.expect("the job as a whole can run");
    let mut asked = job.items.to_vec();
    asked.sort_unstable();
    let reported: Vec<_> = report.outcomes.iter().map(|outcome| outcome.item).collect();
    assert_eq!(reported, asked, "an outcome for each item, in order");
    report
}

pub(crate) fn download_until(
    engine: &Engine,
    job: &Job,
    what: &str,
    condition: impl Fn() -> bool + Send,
) -> Report {
    thread::scope(|scope| {
        scope.spawn(|| {
            wait_until(what, condition);
            job.cancel.cancel();
        });
        download(engine, job)
    })
}

pub(crate) fn download_files(engine: &Engine, job: &Job) -> (Report, Files) {
    let store = Arc::new(Memory::default());
    let mut job = job.clone();
    job.store = store.clone();
    let report = download(engine, &job);
    (report, store.take().into_iter().collect())
}

/// Asserts that the files are the images of these codes, under their plain names.
pub(crate) fn assert_images(mut files: Files, codes: &[CountryCode]) {
    for &code in codes {
        let name = file_name::plain(code);
        let kept = files.remove(&name);
        // Not `assert_eq!`, which would print both images.
        assert!(kept.as_deref() == image(code), "{name} is another image");
    }
    assert!(files.is_empty(), "not asked for: {:?}", files.keys());
}

/// Polls for a condition, because the server's counters have no callback.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "never came: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
