//! Flags, servers and jobs, and a download that cannot hang.

use std::collections::BTreeMap;
use std::fs;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use flagrace_core::{
    CountryCode, Downloader, Failure, Job, JobError, Memory, Outcome, Report, Setup, Status, Tally,
    file_name,
};
use flagrace_server::{Config, Fault, Profile, Server};

use crate::Subject;

/// After this long a case is taken to hang. Nothing else depends on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);

/// How many flags at a time, where a case has no reason for another number: more than
/// there are cores, and no divisor of the number of flags.
pub(crate) const CONCURRENCY: usize = 7;

impl Subject {
    /// The engine for so many flags at a time, and how many those really are.
    pub(crate) fn engine(&self, asked: usize) -> (Arc<dyn Downloader>, usize) {
        let engine = self.engine_with(&Setup::with_concurrency(asked));
        let concurrency = engine.concurrency();
        (engine, concurrency)
    }

    /// The engine for this setup.
    pub(crate) fn engine_with(&self, setup: &Setup) -> Arc<dyn Downloader> {
        (self.build)(setup).expect("the engine can be built").into()
    }

    /// Asserts that a sound engine makes so many connections for so many requests.
    pub(crate) fn assert_bounded(&self, connections: usize, requests: usize, concurrency: usize) {
        let most = self.connections.most(concurrency, requests);
        // Shown with `--nocapture`: for those that race it is the number of interest.
        println!("{connections} connections for {requests} requests, {concurrency} at a time");
        assert!((1..=most).contains(&connections), "not 1 to {most}");
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

/// Downloads, and looks at what holds for every report. A job that hangs is cancelled, so that
/// it is one failed case and no stuck suite; an engine that does not even end then is left
/// behind on its thread.
pub(crate) fn download(engine: &Arc<dyn Downloader>, job: &Job) -> Report {
    let report = download_within(PATIENCE, engine, job);
    let report = report.expect("the job as a whole can run");

    let mut asked = job.items.to_vec();
    asked.sort_unstable();
    let answered: Vec<_> = report.outcomes.iter().map(|outcome| outcome.item).collect();
    assert_eq!(answered, asked, "an outcome for each item, in order");
    report
}

/// Downloads, and cancels the job as soon as something is so.
pub(crate) fn download_until(
    engine: &Arc<dyn Downloader>,
    job: &Job,
    what: &str,
    is_so: impl Fn() -> bool + Send,
) -> Report {
    thread::scope(|scope| {
        scope.spawn(|| {
            wait_until(what, is_so);
            job.cancel.cancel();
        });
        download(engine, job)
    })
}

/// What was kept, by file name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Downloads into memory.
pub(crate) fn download_files(engine: &Arc<dyn Downloader>, job: &Job) -> (Report, Files) {
    let store = Arc::new(Memory::default());
    let job = Job {
        store: store.clone(),
        ..job.clone()
    };
    let report = download(engine, &job);
    (report, store.take().into_iter().collect())
}

/// Asserts that each flag is there under its plain name, byte for byte, and nothing else is.
pub(crate) fn assert_images(mut files: Files, codes: &[CountryCode]) {
    for &code in codes {
        let name = file_name::plain(code);
        let kept = files.remove(&name);
        // Not `assert_eq!`: on failure it would print both images.
        assert!(kept.as_deref() == image(code), "{name} is another image");
    }
    assert!(files.is_empty(), "not asked for: {:?}", files.keys());
}

fn download_within(
    patience: Duration,
    engine: &Arc<dyn Downloader>,
    job: &Job,
) -> Result<Report, JobError> {
    let (done, is_done) = mpsc::channel::<()>();
    let downloading = thread::spawn({
        let (engine, job) = (Arc::clone(engine), job.clone());
        move || {
            // Dropped when the call has returned or panicked, which is what is waited for.
            let _done = done;
            engine.download_many(&job)
        }
    });
    let hangs = || is_done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout);
    if hangs() {
        job.cancel.cancel();
        assert!(
            !hangs(),
            "the job goes on {patience:?} after it was cancelled"
        );
        panic!("the job was not done after {patience:?}");
    }
    downloading
        .join()
        .unwrap_or_else(|panicked| resume_unwind(panicked))
}

/// Waits until something is so. It looks again and again because the server's counts have
/// no way to call back; a case never depends on how soon it is seen.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never came: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The files in a directory: first their names, then what is in them.
pub(crate) fn files_in(directory: &Path) -> Files {
    let names = names_in(directory).into_iter();
    names
        .map(|name| {
            let body = fs::read(directory.join(&name)).unwrap();
            (name, body)
        })
        .collect()
}

/// The names of the files in a directory, hidden ones and folders included, in order.
pub(crate) fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes on when it is cancelled, or ends then.
    struct Hanging {
        for_ever: bool,
    }

    impl Downloader for Hanging {
        fn name(&self) -> &'static str {
            "hanging"
        }

        fn concurrency(&self) -> usize {
            1
        }

        fn download_many(&self, job: &Job) -> Result<Report, JobError> {
            while self.for_ever || !job.cancel.is_cancelled() {
                thread::yield_now();
            }
            Ok(Report::default())
        }
    }

    fn hang(for_ever: bool) {
        let nowhere = "http://127.0.0.1:1/".parse().unwrap();
        let engine: Arc<dyn Downloader> = Arc::new(Hanging { for_ever });
        let patience = Duration::from_millis(100);
        let _ = download_within(patience, &engine, &Job::new(nowhere, []));
    }

    #[test]
    #[should_panic(expected = "was not done")]
    fn a_job_that_hangs_fails_its_case() {
        hang(false);
    }

    #[test]
    #[should_panic(expected = "after it was cancelled")]
    fn a_job_that_cannot_be_cancelled_fails_its_case() {
        hang(true);
    }
}
