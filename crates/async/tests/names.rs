//! Looking up a name does not wait for the threads that save.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::thread;

use flagrace_async::Async;
use flagrace_conformance::{stores::Holding, wait_until};
use flagrace_core::{CountryCode, Downloader, Job, Setup, saving_threads};
use flagrace_server::{Config, Server};

#[test]
fn a_name_is_looked_up_while_all_saving_threads_are_busy() {
    let server = Server::start(Config::default()).unwrap();
    let by_address = server.base_url();
    let by_name = by_address.as_str().replace("127.0.0.1", "localhost");
    let code: CountryCode = "BR".parse().unwrap();
    let savers = saving_threads();
    let engine = Async::new(&Setup::with_concurrency(savers + 1)).unwrap();
    let store = Arc::new(Holding::default());
    let saving = Job {
        store: store.clone(),
        ..Job::new(by_address, vec![code; savers])
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| engine.download_many(&saving).unwrap());
        wait_until("all are saving", || store.begun() >= savers);
        // There is no connection to this host yet.
        let job = Job::new(by_name.parse().unwrap(), [code]);
        let report = engine.download_many(&job).unwrap();
        assert_eq!(report.tally().ok, 1, "{:?}", report.outcomes);
        store.open();
        assert_eq!(first.join().unwrap().tally().ok, savers);
    });
}
