//! Where and when requests run, which the conformance suite cannot see.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, ThreadId};
use std::time::Duration;
use std::{fs, io};

use flagrace_bare::{Bare, Model};
use flagrace_core::{
    Cancel, CountryCode, Downloader, Item, Job, Observer, Outcome, Report, Setup, Store,
};
use flagrace_server::{Delay, Profile, Server};
use rstest::rstest;
use tokio::{runtime::Handle, task};

const CONCURRENCY: usize = 7;
const FLAGS: usize = 200;
const DELAY: Duration = Duration::from_millis(1);

/// Records the thread and the task of each save. It does not block, so the request ran there too.
#[derive(Default)]
struct Places {
    threads: Mutex<HashSet<ThreadId>>,
    tasks: Mutex<HashSet<task::Id>>,
    /// How many workers there are when the first request starts, and when the last is done.
    workers: [OnceLock<usize>; 2],
    done: AtomicUsize,
    /// Cancelled when the first request is done.
    cancel: Cancel,
}

impl Store for Places {
    fn save(&self, _name: &str, _body: Vec<u8>) -> io::Result<()> {
        self.threads.lock().unwrap().insert(thread::current().id());
        self.tasks.lock().unwrap().extend(task::try_id());
        Ok(())
    }

    fn may_block(&self) -> bool {
        false
    }
}

fn workers() -> usize {
    match Handle::try_current() {
        Ok(runtime) => runtime.metrics().num_alive_tasks(),
        Err(_) => {
            // Includes the few threads of other tests.
            let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
            let names = threads.map(|one| fs::read_to_string(one?.path().join("comm")));
            names.flatten().filter(|name| name == "download\n").count()
        }
    }
}

impl Observer for Places {
    fn started(&self, _item: Item) {
        self.workers[0].get_or_init(workers);
    }

    fn finished(&self, _outcome: &Outcome) {
        self.cancel.cancel();
        if self.done.fetch_add(1, Ordering::Relaxed) + 1 == FLAGS {
            self.workers[1].get_or_init(workers);
        }
    }
}

/// Downloads 200 flags, each with a delay. The job has this cancel.
fn download(bare: Bare, places: &Arc<Places>, cancel: &Cancel) -> Report {
    let profile = Profile::delayed_by(Delay::fixed(DELAY));
    let server = Server::start(profile.into()).unwrap();
    let br: CountryCode = "BR".parse().unwrap();
    let mut job = Job::new(server.base_url(), vec![br; FLAGS]);
    job.compute.bytes = 1;
    job.store = places.clone();
    job.observer = places.clone();
    job.cancel = cancel.clone();
    bare.download_many(&job).unwrap()
}

/// An engine without a time limit: the conformance suite has one.
fn bare(model: Model, concurrency: usize) -> Bare {
    let mut setup = Setup::with_concurrency(concurrency);
    setup.request_timeout = Duration::MAX;
    Bare::new(model, &setup).unwrap()
}

#[rstest]
#[case(Model::Threads, 1..=CONCURRENCY, 0..=0)]
#[case(Model::ThreadPerRequest, FLAGS..=FLAGS, 0..=0)]
#[case(Model::Tasks, 1..=1, 1..=CONCURRENCY)]
#[case(Model::TaskPerRequest, 1..=1, FLAGS..=FLAGS)]
fn a_worker_or_each_request_has_a_thread_or_a_task(
    #[case] model: Model,
    #[case] threads: RangeInclusive<usize>,
    #[case] tasks: RangeInclusive<usize>,
) {
    let places = Arc::default();
    let report = download(bare(model, CONCURRENCY), &places, &Cancel::default());
    assert_eq!(report.tally().ok, FLAGS);
    assert!(threads.contains(&places.threads.lock().unwrap().len()));
    assert!(tasks.contains(&places.tasks.lock().unwrap().len()));
}

#[cfg(target_os = "linux")]
#[rstest]
fn all_workers_run_before_the_first_request_starts_and_until_the_last_is_done(
    #[values(Model::Threads, Model::TasksOnAllCores)] model: Model,
) {
    let places: Arc<Places> = Arc::default();
    download(bare(model, FLAGS), &places, &Cancel::default());
    let workers = places.workers.each_ref().map(|count| *count.get().unwrap());
    assert!(workers.iter().all(|&count| count >= FLAGS), "{workers:?}");
}

#[rstest]
fn requests_of_an_open_loop_are_due_at_equal_intervals(
    #[values(Model::Threads, Model::Tasks, Model::TasksOnAllCores)] model: Model,
) {
    // Too short for 7 workers, so that requests are late.
    let interval = Duration::from_micros(50);
    let engine = bare(model, CONCURRENCY).paced(Some(interval));
    let report = download(engine, &Arc::default(), &Cancel::default());
    let mut dues = Vec::new();
    for outcome in &report.outcomes {
        let due = outcome.timing.due.unwrap();
        dues.push(due);
        assert!(outcome.timing.started.unwrap() >= due);
        assert!(outcome.timing.finished - due >= DELAY);
        assert!(outcome.computed.is_some());
    }
    dues.sort();
    assert_eq!(dues, Vec::from_iter((0..200).map(|i| interval * i)));
}

#[rstest]
fn cancelling_an_open_loop_ends_its_wait(
    #[values(Model::Threads, Model::Tasks, Model::TasksOnAllCores)] model: Model,
) {
    let places: Arc<Places> = Arc::default();
    let engine = bare(model, CONCURRENCY).paced(Some(Duration::from_secs(3600)));
    let report = download(engine, &places, &places.cancel);
    let tally = report.tally();
    assert_eq!((tally.ok, tally.cancelled), (1, FLAGS - 1));
    let dues = report.outcomes.iter().filter_map(|one| one.timing.due);
    assert_eq!(Vec::from_iter(dues), [Duration::ZERO]);
}
