//! What the suite cannot see from outside: how many flags are under way, and where they are
//! saved.

#![allow(clippy::unwrap_used)]

use std::io;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use flagrace_controls::{AsyncUreq, ThreadsAgents, ThreadsReqwest};
use flagrace_core::{CountryCode, Downloader, Item, Job, Observer, Outcome, Setup, Store};
use flagrace_server::{Config, Delay, Profile, Server};

/// More than there are cores, and no divisor of the number of flags.
const CONCURRENCY: usize = 7;

/// An observer and a store that remember.
#[derive(Default)]
struct Notes {
    under_way: Mutex<UnderWay>,
    /// The names of the threads that saved.
    savers: Mutex<Vec<String>>,
}

#[derive(Default)]
struct UnderWay {
    now: usize,
    most: usize,
}

impl Observer for Notes {
    fn started(&self, _item: Item) {
        let mut under_way = self.under_way.lock().unwrap();
        under_way.now += 1;
        under_way.most = under_way.most.max(under_way.now);
    }

    fn finished(&self, _outcome: &Outcome) {
        self.under_way.lock().unwrap().now -= 1;
    }
}

impl Store for Notes {
    fn save(&self, _file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        let name = thread::current().name().unwrap_or_default().to_owned();
        self.savers.lock().unwrap().push(name);
        Ok(())
    }
}

/// Downloads all flags from a server that answers nobody until as many requests as may be
/// are in flight, and then takes a while.
fn download(engine: &dyn Downloader) -> Arc<Notes> {
    let server = Server::start(Config {
        profile: Profile {
            gate: CONCURRENCY as u64,
            ..Profile::delayed_by(Delay::fixed(Duration::from_millis(2)))
        },
        ..Config::default()
    });
    let server = server.unwrap();
    let codes: Vec<CountryCode> = flagrace_catalog::all()
        .iter()
        .map(|flag| flag.code.parse().unwrap())
        .collect();
    let notes = Arc::new(Notes::default());
    let job = Job {
        store: notes.clone(),
        observer: notes.clone(),
        ..Job::new(server.base_url(), codes)
    };
    let report = engine.download_many(&job).unwrap();
    assert_eq!(report.tally().ok, report.outcomes.len());
    notes
}

/// No flag begins before there is room for it.
///
/// The server alone cannot tell: were the permits of `async-ureq` given back too soon, its
/// flags would wait for a thread, having begun.
fn assert_under_way(engine: &dyn Downloader) {
    let notes = download(engine);
    assert_eq!(notes.under_way.lock().unwrap().most, CONCURRENCY);
}

fn setup() -> Setup {
    Setup::with_concurrency(CONCURRENCY)
}

#[test]
fn threads_reqwest_begins_no_flag_before_its_turn() {
    assert_under_way(&ThreadsReqwest::new(&setup()).unwrap());
}

#[test]
fn async_ureq_begins_no_flag_before_its_turn() {
    assert_under_way(&AsyncUreq::new(&setup()).unwrap());
}

#[test]
fn threads_agents_begins_no_flag_before_its_turn() {
    assert_under_way(&ThreadsAgents::new(&setup()).unwrap());
}

/// Otherwise there would be two threads for each request, or a queue of saves.
#[test]
fn threads_reqwest_saves_on_the_threads_that_download() {
    let notes = download(&ThreadsReqwest::new(&setup()).unwrap());
    let savers = notes.savers.lock().unwrap();
    let others: Vec<_> = savers
        .iter()
        .filter(|name| !name.starts_with("download-"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}
