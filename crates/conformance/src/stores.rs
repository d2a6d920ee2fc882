//! Stores that misbehave, or wait.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use flagrace_core::{CountryCode, Observer, Outcome, Status, Store, file_name};

use crate::harness::{PATIENCE, flag};

/// Fails for one flag, and keeps nothing of the others.
pub struct Failing(pub CountryCode);

impl Store for Failing {
    fn save(&self, file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        if file_name == file_name::plain(self.0) {
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                "full on purpose",
            ));
        }
        Ok(())
    }
}

/// Panics for one flag, either on the event loop or where a blocking store is called.
pub(crate) struct Panicking {
    pub(crate) code: CountryCode,
    pub(crate) may_block: bool,
}

impl Store for Panicking {
    fn save(&self, file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        assert!(
            file_name != file_name::plain(self.code),
            "the store panics on purpose"
        );
        Ok(())
    }

    fn may_block(&self) -> bool {
        self.may_block
    }
}

/// Holds every save back until it is opened. As the observer of the same job it also sees
/// whether a flag is finished before it is kept.
#[derive(Default)]
pub struct Holding {
    state: Mutex<HoldingState>,
    opened: Condvar,
}

#[derive(Default)]
struct HoldingState {
    open: bool,
    begun: usize,
    kept: BTreeSet<String>,
    finished_too_soon: Vec<CountryCode>,
}

impl Holding {
    /// Lets every save end.
    pub fn open(&self) {
        // Nothing is hoped for here: an engine that waits for its saves passes however
        // long this takes. It only gives one that does not the time to be caught.
        thread::sleep(Duration::from_millis(20));
        self.state.lock().unwrap().open = true;
        self.opened.notify_all();
    }

    /// How many saves have begun.
    pub fn begun(&self) -> usize {
        self.state.lock().unwrap().begun
    }

    /// How many saves have ended.
    pub fn kept(&self) -> usize {
        self.state.lock().unwrap().kept.len()
    }

    /// The flags that were finished as ok without being kept.
    pub(crate) fn finished_too_soon(&self) -> Vec<CountryCode> {
        self.state.lock().unwrap().finished_too_soon.clone()
    }
}

impl Store for Holding {
    fn save(&self, file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        state.begun += 1;
        let closed = |state: &mut HoldingState| !state.open;
        let waiting = self.opened.wait_timeout_while(state, PATIENCE, closed);
        let (mut state, waited) = waiting.unwrap();
        if waited.timed_out() {
            // Saves that come later need not wait as long: the test has failed.
            state.open = true;
            return Err(io::ErrorKind::TimedOut.into());
        }
        state.kept.insert(file_name.to_owned());
        Ok(())
    }
}

impl Observer for Holding {
    fn finished(&self, outcome: &Outcome) {
        let mut state = self.state.lock().unwrap();
        let kept = state.kept.contains(&file_name::plain(flag(outcome)));
        if outcome.status == Status::Ok && !kept {
            state.finished_too_soon.push(flag(outcome));
        }
    }
}

/// Panics for one flag while the first of the others is being saved.
pub(crate) struct PanicBeside {
    pub(crate) panicking: CountryCode,
    state: Mutex<Beside>,
    changed: Condvar,
}

#[derive(Default)]
struct Beside {
    begun: usize,
    ended: usize,
    panicking: bool,
}

impl PanicBeside {
    pub(crate) fn new(panicking: CountryCode) -> Self {
        Self {
            panicking,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// How many saves of the other flags have begun, and how many have ended.
    pub(crate) fn begun_and_ended(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap();
        (state.begun, state.ended)
    }
}

impl Store for PanicBeside {
    fn save(&self, file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if file_name == file_name::plain(self.panicking) {
            let alone = |state: &mut Beside| state.begun == 0;
            let waiting = self.changed.wait_timeout_while(state, PATIENCE, alone);
            let (mut state, _) = waiting.unwrap();
            state.panicking = true;
            self.changed.notify_all();
            drop(state);
            panic!("the store panics on purpose");
        }
        state.begun += 1;
        self.changed.notify_all();
        if state.begun > 1 {
            // One beside the panic is enough, and more might leave no thread to panic on.
            state.ended += 1;
            return Ok(());
        }
        let quiet = |state: &mut Beside| !state.panicking;
        let waiting = self.changed.wait_timeout_while(state, PATIENCE, quiet);
        drop(waiting);
        // Nothing is hoped for here: an engine that waits for this save passes however
        // long it takes. It only gives one that does not the time to be caught.
        thread::sleep(Duration::from_millis(20));
        self.state.lock().unwrap().ended += 1;
        Ok(())
    }
}
