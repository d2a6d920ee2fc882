//! Where requests run, which the conformance suite cannot see.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::io;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use flagrace_bare::{Bare, Model};
use flagrace_core::{CountryCode, Downloader, Job, Setup, Store};
use flagrace_server::{Config, Server};
use rstest::rstest;
use tokio::task;

const CONCURRENCY: usize = 7;

/// Records the thread and the task of each save. Unless the store may block, the request ran there
/// too.
#[derive(Default)]
struct Places {
    threads: Mutex<HashSet<ThreadId>>,
    tasks: Mutex<HashSet<task::Id>>,
    may_block: bool,
}

impl Store for Places {
    fn save(&self, _name: &str, _body: Vec<u8>) -> io::Result<()> {
        self.threads.lock().unwrap().insert(thread::current().id());
        self.tasks.lock().unwrap().extend(task::try_id());
        Ok(())
    }

    fn may_block(&self) -> bool {
        self.may_block
    }
}

/// Downloads 50 flags into the store.
fn download(model: Model, may_block: bool) -> Arc<Places> {
    let engine = Bare::new(model, &Setup::with_concurrency(CONCURRENCY)).unwrap();
    let server = Server::start(Config::default()).unwrap();
    let br: CountryCode = "BR".parse().unwrap();
    let store = Arc::new(Places {
        may_block,
        ..Places::default()
    });
    let job = Job {
        store: store.clone(),
        ..Job::new(server.base_url(), vec![br; 50])
    };
    let report = engine.download_many(&job).unwrap();
    assert_eq!(report.tally().ok, 50);
    store
}

#[rstest]
#[case(Model::Threads, 1..=CONCURRENCY, 0..=0)]
#[case(Model::ThreadPerRequest, 50..=50, 0..=0)]
#[case(Model::Tasks, 1..=1, 1..=CONCURRENCY)]
#[case(Model::TaskPerRequest, 1..=1, 50..=50)]
fn a_worker_or_each_request_has_a_thread_or_a_task(
    #[case] model: Model,
    #[case] threads: RangeInclusive<usize>,
    #[case] tasks: RangeInclusive<usize>,
) {
    let places = download(model, false);
    assert!(threads.contains(&places.threads.lock().unwrap().len()));
    assert!(tasks.contains(&places.tasks.lock().unwrap().len()));
}

#[test]
fn a_store_that_may_block_does_not_block_the_event_loop() {
    let places = download(Model::Tasks, true);
    let event_loop = thread::current().id();
    assert!(!places.threads.lock().unwrap().contains(&event_loop));
}
