//! What the conformance suite cannot see: where requests run, and a server that trickles.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use flagrace_bare::{Bare, Model};
use flagrace_core::{CountryCode, Downloader, Failure, Job, Setup, Status, Store, Timeouts};
use flagrace_server::{Config, Server};
use rstest::rstest;
use tokio::task;

const CONCURRENCY: usize = 7;

/// Records the thread and the task of each save; unless the store may block, the request ran
/// there as well.
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

/// Single bytes keep each read within its time limit, but not the request.
#[rstest]
fn a_server_that_trickles_is_a_timeout(#[values(Model::Threads, Model::Tasks)] model: Model) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let setup = Setup {
        timeouts: Timeouts {
            request: Duration::from_millis(100),
            ..Timeouts::default()
        },
        // Without a time limit, the download would end after 10 s.
        max_body: 1000,
        ..Setup::default()
    };
    let job = Job::new(base_url.parse().unwrap(), ["BR".parse().unwrap()]);
    let engine = Bare::new(model, &setup).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| trickle(listener.accept().unwrap().0));
        let report = engine.download_many(&job).unwrap();
        assert_eq!(report.outcomes[0].status, Status::Failed(Failure::Timeout));
    });
}

/// Sends an endless body, one byte at a time, until the client leaves.
fn trickle(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
    let mut next: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
    while stream.write_all(next).is_ok() {
        thread::sleep(Duration::from_millis(10));
        next = b" ";
    }
}
