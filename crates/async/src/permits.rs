//! The semaphore that keeps requests in flight to the concurrency.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// As many permits as requests may be in flight. Each stands for a lane, a number below
/// the concurrency, so that a timeline can show which flag took over from which.
#[derive(Clone)]
pub struct Permits {
    semaphore: Arc<Semaphore>,
    free: Arc<Mutex<Vec<usize>>>,
}

/// Leave to have one request in flight, given back when it is dropped.
pub struct Permit {
    lane: usize,
    free: Arc<Mutex<Vec<usize>>>,
    // After `free` has its lane again: fields are dropped after `drop` has run.
    _permit: OwnedSemaphorePermit,
}

impl Permits {
    /// This many permits, all of them free.
    pub fn new(count: usize) -> Self {
        // The last is handed out first, so that lane 0 is taken first.
        Self::of((0..count).rev().collect())
    }

    /// A single permit, which stands for this lane.
    pub fn of_lane(lane: usize) -> Self {
        Self::of(vec![lane])
    }

    fn of(free: Vec<usize>) -> Self {
        Self {
            semaphore: Arc::new(Semaphore::new(free.len())),
            free: Arc::new(Mutex::new(free)),
        }
    }

    /// Waits for a permit, first come, first served.
    pub async fn acquire(&self) -> Permit {
        // A semaphore refuses only after `close`, and nobody else has this one.
        #[allow(clippy::expect_used)]
        let permit = Arc::clone(&self.semaphore)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        Permit {
            // There are as many lanes as permits, and a lane is back before its permit is.
            lane: free.pop().unwrap_or_default(),
            free: Arc::clone(&self.free),
            _permit: permit,
        }
    }
}

impl Permit {
    /// The lane for which it stands.
    pub fn lane(&self) -> usize {
        self.lane
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(self.lane);
    }
}
