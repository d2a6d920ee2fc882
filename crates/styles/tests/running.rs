//! How the styles run: few tasks, permits that are kept, and callbacks on one thread.

#![allow(clippy::unwrap_used)] // helpers of tests, too

mod common;

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use common::*;
use flagrace_core::{Downloader, Item, Job, Observer, Outcome, Setup, Store};
use flagrace_server::{Config, Fault, Profile, Server};
use flagrace_styles::Callbacks;
use tokio::runtime::Handle;

/// Permits come before tasks: a list of any length has a few for each permit.
#[test]
fn the_list_is_not_begun_all_at_once() {
    #[derive(Default)]
    struct Tasks(AtomicUsize);

    impl Observer for Tasks {
        fn started(&self, _item: Item) {
            let alive = Handle::current().metrics().num_alive_tasks();
            self.0.fetch_max(alive, Ordering::Relaxed);
        }
    }

    let server = serve(&BTreeSet::new(), Fault::Stall);
    for engine in sound(&Setup::with_concurrency(3)) {
        let tasks = Arc::new(Tasks::default());
        let job = Job {
            observer: tasks.clone(),
            ..Job::new(server.base_url(), all_codes())
        };
        download(&engine, &job);
        // Some belong to the connections; how many is no matter, and it does not grow.
        let most = tasks.0.load(Ordering::Relaxed);
        assert!(most < 50, "{}: {most} tasks at a time", engine.name());
    }
}

/// With one permit, the second flag begins when the first was saved and not before.
#[test]
fn a_permit_is_kept_until_the_flag_is_saved() {
    #[derive(Default)]
    struct Slow {
        under_way: AtomicUsize,
        most: AtomicUsize,
    }

    impl Store for Slow {
        fn save(&self, _file_name: &str, _body: Vec<u8>) -> io::Result<()> {
            // Nothing is hoped for here: whoever keeps the permit passes however long this
            // takes. It only gives one who does not the time to be caught.
            thread::sleep(Duration::from_millis(20));
            Ok(())
        }
    }

    impl Observer for Slow {
        fn started(&self, _item: Item) {
            let before = self.under_way.fetch_add(1, Ordering::Relaxed);
            self.most.fetch_max(before + 1, Ordering::Relaxed);
        }

        fn finished(&self, _outcome: &Outcome) {
            self.under_way.fetch_sub(1, Ordering::Relaxed);
        }
    }

    let server = serve(&BTreeSet::new(), Fault::Stall);
    for engine in sound(&Setup::with_concurrency(1)) {
        let slow = Arc::new(Slow::default());
        let job = Job {
            store: slow.clone(),
            observer: slow.clone(),
            ..Job::new(server.base_url(), ["BR", "FR"].map(code))
        };
        assert_eq!(download(&engine, &job).tally().ok, 2);
        let most = slow.most.load(Ordering::Relaxed);
        assert_eq!(most, 1, "{}", engine.name());
    }
}

/// Two jobs of one engine share a runtime, which either's thread may drive; the callbacks
/// of each run on its own.
#[test]
fn callbacks_of_a_job_run_on_one_thread_of_its_own() {
    #[derive(Default)]
    struct Threads(Mutex<HashSet<ThreadId>>);

    impl Threads {
        fn note(&self) {
            self.0.lock().unwrap().insert(thread::current().id());
        }
    }

    impl Observer for Threads {
        fn started(&self, _item: Item) {
            self.note();
        }

        fn finished(&self, _outcome: &Outcome) {
            self.note();
        }
    }

    let engine: Arc<dyn Downloader> = Arc::new(Callbacks::new(&Setup::default()).unwrap());
    // Neither is answered before both have asked.
    let server = Server::start(Config {
        profile: Profile {
            gate: 2,
            ..Profile::default()
        },
        ..Config::default()
    })
    .unwrap();
    let threads_of = |cc| {
        let threads = Arc::new(Threads::default());
        let job = Job {
            observer: threads.clone(),
            ..Job::new(server.base_url(), [code(cc)])
        };
        assert_eq!(download(&engine, &job).tally().ok, 1);
        threads.0.lock().unwrap().clone()
    };
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| threads_of("BR"));
        (threads_of("FR"), first.join().unwrap())
    });
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
}
