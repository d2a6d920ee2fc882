//! Names, and whether their look-ups wait for something.

#![allow(clippy::unwrap_used)]

use std::io;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use flagrace_async::Async;
use flagrace_core::{CountryCode, Downloader, Job, Setup, Store};
use flagrace_server::{Config, Server};

/// After this long the test is taken to hang.
const PATIENCE: Duration = Duration::from_secs(25);

/// Tells of each save, and ends none before it is let go.
struct Held {
    begun: Sender<()>,
    open: Mutex<mpsc::Receiver<()>>,
}

impl Store for Held {
    fn save(&self, _name: &str, _body: Vec<u8>) -> io::Result<()> {
        self.begun.send(()).unwrap();
        // Ends when the other end is dropped.
        let _ = self.open.lock().unwrap().recv();
        Ok(())
    }
}

#[test]
fn a_name_is_looked_up_while_all_saving_threads_are_busy() {
    let server = Server::start(Config::default()).unwrap();
    let by_address = server.base_url();
    let by_name = by_address.as_str().replace("127.0.0.1", "localhost");
    let code: CountryCode = "BR".parse().unwrap();
    let savers = thread::available_parallelism().unwrap().get().max(2);
    let engine = Async::new(&Setup::with_concurrency(savers + 1)).unwrap();
    let (begun, saves) = mpsc::channel();
    let (open, is_open) = mpsc::channel();
    let store = Held {
        begun,
        open: Mutex::new(is_open),
    };
    let saving = Job {
        store: Arc::new(store),
        ..Job::new(by_address, vec![code; savers])
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| engine.download_many(&saving).unwrap());
        for _ in 0..savers {
            saves.recv_timeout(PATIENCE).unwrap();
        }
        // It asks by a name for which there is no connection yet.
        let job = Job::new(by_name.parse().unwrap(), [code]);
        let report = engine.download_many(&job).unwrap();
        assert_eq!(report.tally().ok, 1, "{:?}", report.outcomes);
        drop(open);
        assert_eq!(first.join().unwrap().tally().ok, savers);
    });
}
