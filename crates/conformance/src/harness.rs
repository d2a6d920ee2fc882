//! Flags, servers and jobs, and a download that cannot hang.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use flagrace_core::{CountryCode, Downloader, Failure, Job, Outcome, Report, Setup, Status, Tally};
use flagrace_server::{Config, Fault, Profile, Server};

use crate::Subject;

/// After this long a case is taken to hang. Nothing else depends on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);

/// How many flags at a time, where a case has no reason for another number: more than
/// there are cores, and no divisor of the number of flags.
pub(crate) const CONCURRENCY: usize = 7;

impl Subject {
    /// The engine for so many flags at a time, and how many those really are.
    pub(crate) fn engine(&self, asked: usize) -> (Box<dyn Downloader>, usize) {
        let setup = Setup::with_concurrency(asked);
        (self.engine_with(&setup), (self.concurrency)(asked))
    }

    /// The engine for this setup.
    pub(crate) fn engine_with(&self, setup: &Setup) -> Box<dyn Downloader> {
        (self.build)(setup).expect("the engine can be built")
    }
}

/// The code that is written so.
pub(crate) fn code(text: &str) -> CountryCode {
    text.parse().expect("two letters")
}

/// The flag that an outcome is of, in a job of flags.
pub(crate) fn flag(outcome: &Outcome) -> CountryCode {
    outcome.item.code().expect("a job of flags")
}

/// The codes that are written so, in this order.
pub(crate) fn codes<const N: usize>(texts: [&str; N]) -> Vec<CountryCode> {
    texts.map(code).into()
}

/// The codes of all flags there are.
pub(crate) fn all_codes() -> Vec<CountryCode> {
    let flags = flagrace_catalog::all().iter();
    flags.map(|flag| code(flag.code)).collect()
}

/// Codes for which there is no flag.
pub(crate) fn unknown_codes() -> Vec<CountryCode> {
    let unknown = CountryCode::every().filter(|&code| image(code).is_none());
    unknown.take(CONCURRENCY).collect()
}

/// What the catalog has under this code.
pub(crate) fn image(code: CountryCode) -> Option<&'static [u8]> {
    flagrace_catalog::find(code.as_str()).map(|flag| flag.gif)
}

/// A server of the embedded flags.
pub(crate) fn serve(profile: Profile) -> Server {
    Server::start(Config {
        profile,
        ..Config::default()
    })
    .expect("the server starts")
}

/// A profile in which nothing goes wrong but this.
pub(crate) fn faults<const N: usize>(faults: [(&str, Fault); N]) -> Profile {
    Profile {
        faults: faults
            .map(|(text, fault)| (code(text), fault))
            .into_iter()
            .collect(),
        ..Profile::default()
    }
}

/// What becomes of a flag of the embedded server, without metadata and with a store that
/// keeps everything.
pub(crate) fn predict(profile: &Profile, code: CountryCode) -> Status {
    let there = image(code).is_some();
    match profile.plan(code).fault {
        Some(Fault::Status(status)) => Status::Failed(Failure::Http(status)),
        Some(Fault::Reset) => Status::Failed(Failure::Transport),
        Some(Fault::Stall) => Status::Failed(Failure::Timeout),
        Some(Fault::Cut) if there => Status::Failed(Failure::Truncated),
        _ if there => Status::Ok,
        _ => Status::NotFound,
    }
}

/// Asserts that each flag came to what was predicted, and so did the tally.
pub(crate) fn assert_predicted(report: &Report, predict: impl Fn(CountryCode) -> Status) {
    for outcome in &report.outcomes {
        let predicted = predict(flag(outcome));
        assert_eq!(outcome.status, predicted, "{outcome:?}");
    }
    let codes = report.outcomes.iter().map(flag);
    assert_eq!(report.tally(), codes.map(predict).collect::<Tally>());
}

/// The status of each code.
pub(crate) fn statuses(report: &Report) -> BTreeMap<CountryCode, Status> {
    let outcomes = report.outcomes.iter();
    outcomes
        .map(|outcome| (flag(outcome), outcome.status))
        .collect()
}

/// Downloads, and looks at what holds for every report. A job that hangs is cancelled, so
/// that it is one failed case and no stuck suite.
pub(crate) fn download(engine: &dyn Downloader, job: &Job) -> Report {
    let (done, is_done) = mpsc::channel::<()>();
    let cancel = job.cancel.clone();
    let (report, hung) = thread::scope(|scope| {
        let watchdog = scope.spawn(move || {
            let hung = is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
            if hung {
                cancel.cancel();
            }
            hung
        });
        let report = engine.download_many(job);
        drop(done);
        (report, watchdog.join().unwrap())
    });
    assert!(!hung, "the job was not done after {PATIENCE:?}");
    let report = report.expect("the job as a whole can run");

    let mut asked = job.items.to_vec();
    asked.sort_unstable();
    let answered: Vec<_> = report.outcomes.iter().map(|outcome| outcome.item).collect();
    assert_eq!(answered, asked, "an outcome for each item, in order");
    report
}

/// Waits until something is so. It looks again and again because the server's counts have
/// no way to call back; a case never depends on how soon it is seen.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never came: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The names of the files in a directory, hidden ones and folders included, in order.
pub(crate) fn names_in(directory: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}
