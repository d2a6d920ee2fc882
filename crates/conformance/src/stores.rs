//! Stores that fail, panic or wait, and an observer that records.

use std::collections::BTreeSet;
use std::io;
use std::panic::panic_any;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use flagrace_core::{CountryCode, Item, Observer, Outcome, Status, Store, file_name};

use crate::harness::{flag, wait_until};

/// Fails for one flag, whatever its name, and discards the others.
pub(crate) struct Failing(pub(crate) CountryCode);

impl Store for Failing {
    fn save(&self, file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        let end = format!("{}.GIF", self.0);
        match file_name.to_ascii_uppercase().ends_with(&end) {
            true => Err(io::Error::other("full on purpose")),
            false => Ok(()),
        }
    }
}

/// Panics with a message. As a store, for BR, on the event loop or, if it may block, where blocking
/// stores are called; as an observer, at the end of every flag.
pub(crate) struct Panicking(pub(crate) &'static str, pub(crate) bool);

impl Store for Panicking {
    fn save(&self, file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        match file_name {
            "br.gif" => panic_any(self.0),
            _ => Ok(()),
        }
    }

    fn may_block(&self) -> bool {
        self.1
    }
}

impl Observer for Panicking {
    fn finished(&self, _outcome: &Outcome) {
        panic_any(self.0);
    }
}

/// Time to detect an engine that does not wait for a save. One that waits passes, however long this
/// takes.
fn give_it_time() {
    thread::sleep(Duration::from_millis(20));
}

/// Blocks every save until it is opened. As the observer of the same job it also records flags that
/// finish before they are saved.
#[derive(Default)]
pub struct Holding {
    open: AtomicBool,
    begun: AtomicUsize,
    kept: Mutex<BTreeSet<String>>,
    finished_too_soon: Mutex<Vec<CountryCode>>,
}

impl Holding {
    pub fn open(&self) {
        give_it_time();
        self.open.store(true, SeqCst);
    }

    pub fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }

    pub fn kept(&self) -> usize {
        self.kept.lock().unwrap().len()
    }

    pub(crate) fn finished_too_soon(&self) -> Vec<CountryCode> {
        self.finished_too_soon.lock().unwrap().clone()
    }
}

impl Store for Holding {
    fn save(&self, file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        self.begun.fetch_add(1, SeqCst);
        wait_until("the store opens", || self.open.load(SeqCst));
        self.kept.lock().unwrap().insert(file_name.to_owned());
        Ok(())
    }
}

impl Observer for Holding {
    fn finished(&self, outcome: &Outcome) {
        let name = file_name::plain(flag(outcome));
        if outcome.status == Status::Ok && !self.kept.lock().unwrap().contains(&name) {
            self.finished_too_soon.lock().unwrap().push(flag(outcome));
        }
    }
}

/// Panics in the first save while the second one runs.
#[derive(Default)]
pub(crate) struct PanicBeside {
    pub(crate) begun: AtomicUsize,
    pub(crate) ended: AtomicUsize,
    panicking: AtomicBool,
}

impl Store for PanicBeside {
    fn save(&self, _file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        match self.begun.fetch_add(1, SeqCst) {
            0 => {
                wait_until("another save", || self.begun.load(SeqCst) > 1);
                self.panicking.store(true, SeqCst);
                panic!("panics on purpose");
            }
            1 => {
                wait_until("the panic", || self.panicking.load(SeqCst));
                give_it_time();
            }
            _ => {}
        }
        self.ended.fetch_add(1, SeqCst);
        Ok(())
    }
}

/// Records the observer's calls in order: an item when it starts, with its status when it ends.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<(Item, Option<Status>)>>);

impl Recorder {
    /// The calls by item; those of one item in order.
    pub(crate) fn events(&self) -> Vec<(Item, Option<Status>)> {
        let mut events = self.0.lock().unwrap().clone();
        events.sort_by_key(|(item, _)| *item);
        events
    }
}

impl Observer for Recorder {
    fn started(&self, item: Item) {
        self.0.lock().unwrap().push((item, None));
    }

    fn finished(&self, outcome: &Outcome) {
        let event = (outcome.item, Some(outcome.status));
        self.0.lock().unwrap().push(event);
    }
}
