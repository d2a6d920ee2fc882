//! What the suite cannot see: where requests are made, and how long a server may trickle.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use flagrace_bare::{Bare, Model};
use flagrace_core::{CountryCode, Downloader, Failure, Job, Setup, Status, Store, Timeouts};
use flagrace_server::{Config, Server};
use tokio::task;

const CONCURRENCY: usize = 7;

fn bare(model: Model) -> Bare {
    Bare::new(model, &Setup::with_concurrency(CONCURRENCY)).unwrap()
}

/// Notes the thread and the task on which each flag is saved: where it was asked for, unless
/// the store may block.
#[derive(Default)]
struct Places {
    seen: Mutex<Vec<(ThreadId, Option<task::Id>)>>,
    may_block: bool,
}

impl Store for Places {
    fn save(&self, _name: &str, _body: Vec<u8>) -> io::Result<()> {
        let place = (thread::current().id(), task::try_id());
        self.seen.lock().unwrap().push(place);
        Ok(())
    }

    fn may_block(&self) -> bool {
        self.may_block
    }
}

/// Downloads 50 flags.
fn download(engine: &dyn Downloader, may_block: bool) -> Vec<(ThreadId, Option<task::Id>)> {
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
    store.seen.lock().unwrap().clone()
}

/// On how many threads, and in how many tasks, 50 flags were downloaded.
fn places(engine: &dyn Downloader) -> (usize, usize) {
    let places = download(engine, false);
    let threads: HashSet<_> = places.iter().map(|&(thread, _)| thread).collect();
    let tasks: HashSet<_> = places.iter().filter_map(|&(_, task)| task).collect();
    (threads.len(), tasks.len())
}

#[test]
fn each_request_has_a_thread_or_a_task_of_its_own() {
    assert_eq!(places(&bare(Model::ThreadPerRequest)), (50, 0));
    assert_eq!(places(&bare(Model::TaskPerRequest)), (1, 50));
}

#[test]
fn a_worker_stays_on_its_thread_or_in_its_task() {
    let (threads, tasks) = places(&bare(Model::Threads));
    assert!((1..=CONCURRENCY).contains(&threads) && tasks == 0);
    let (threads, tasks) = places(&bare(Model::Tasks));
    assert!(threads == 1 && (1..=CONCURRENCY).contains(&tasks));
}

#[test]
fn a_store_that_may_block_does_not_block_the_event_loop() {
    let event_loop = thread::current().id();
    assert!(
        download(&bare(Model::Tasks), true)
            .iter()
            .all(|&(thread, _)| thread != event_loop)
    );
}

/// A byte now and then keeps a read from its time limit. The request has one, too.
#[test]
fn a_server_that_trickles_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let setup = Setup {
        timeouts: Timeouts {
            request: Duration::from_millis(100),
            ..Timeouts::default()
        },
        // Reached after 10 s, should there be no time limit.
        max_body: 1000,
        ..Setup::default()
    };
    let job = Job::new(base_url.parse().unwrap(), ["BR".parse().unwrap()]);
    for model in [Model::Threads, Model::Tasks] {
        let engine = Bare::new(model, &setup).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| trickle(listener.accept().unwrap().0));
            let report = engine.download_many(&job).unwrap();
            assert_eq!(report.outcomes[0].status, Status::Failed(Failure::Timeout));
        });
    }
}

/// Sends a body that has no end, a byte at a time, until the client leaves.
fn trickle(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
    let mut next: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
    while stream.write_all(next).is_ok() {
        thread::sleep(Duration::from_millis(10));
        next = b" ";
    }
}
