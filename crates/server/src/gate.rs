//! Holds every answer back until enough requests are in flight.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// See [`Profile::gate`](crate::Profile::gate).
pub(crate) struct Gate {
    needed: u64,
    open: AtomicBool,
    opened: Notify,
}

impl Gate {
    pub(crate) fn new(needed: u64) -> Self {
        Self {
            needed,
            open: AtomicBool::new(needed <= 1),
            opened: Notify::new(),
        }
    }

    /// Passes the gate, or opens it if this many in flight are enough.
    pub(crate) async fn pass(&self, in_flight: u64) {
        // Asked for before the look at the gate, so that an opening in between is heard.
        let opened = self.opened.notified();
        if self.open.load(Ordering::Acquire) {
            return;
        }
        if in_flight >= self.needed {
            self.open.store(true, Ordering::Release);
            self.opened.notify_waiters();
        } else {
            opened.await;
        }
    }
}
