//! The line from which all engines start together.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Holds everybody back until all are there. How many that are is known only when the last
/// thread was started, or could not be: a barrier would wait for it for ever.
#[derive(Default)]
pub struct StartLine {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    there: usize,
    start: Option<Instant>,
}

impl StartLine {
    /// Waits for the start, and says when it was: the same moment for all.
    pub fn wait(&self) -> Instant {
        let mut state = self.state();
        state.there += 1;
        self.changed.notify_all();
        loop {
            if let Some(start) = state.start {
                return start;
            }
            state = self.sleep(state);
        }
    }

    /// Starts, as soon as so many wait.
    pub fn open(&self, wanted: usize) {
        let mut state = self.state();
        while state.there < wanted {
            state = self.sleep(state);
        }
        state.start = Some(Instant::now());
        self.changed.notify_all();
    }

    fn sleep<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let woken = self.changed.wait(state);
        woken.unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
