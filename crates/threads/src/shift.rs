//! One thread's part in one job.

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;
use flagrace_core::{Attempt, Item, Job, Outcome};

/// One thread's part in one job: take flags until there are none.
pub struct Shift {
    pub(crate) start: Instant,
    pub(crate) job: Arc<Job>,
    pub(crate) items: Receiver<Item>,
}

impl Shift {
    /// When the job began.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// The job.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// The turn of this flag has come.
    pub fn begin(&self, item: Item) -> Attempt {
        Attempt::begin(&self.job, self.start, item)
    }

    /// Takes flags until there are none. When the job is cancelled, those that are left are
    /// no longer downloaded.
    pub fn each(&self, download_one: impl Fn(Item) -> Outcome) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for item in &self.items {
            outcomes.push(if self.job.cancel.is_cancelled() {
                Attempt::never_begun(&self.job, self.start, item)
            } else {
                download_one(item)
            });
        }
        outcomes
    }
}
