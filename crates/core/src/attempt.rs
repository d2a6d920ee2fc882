//! The book-keeping of one download.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Failure, Item, Job, Observer, Outcome, Status, Timing};

/// Why an item is not ok: its status, and the cause as the client or the system words it.
#[derive(Debug)]
pub struct DownloadError {
    /// Anything but [`Status::Ok`].
    pub status: Status,
    /// The cause.
    pub detail: Option<Box<str>>,
}

impl DownloadError {
    /// A failure with its cause.
    pub fn failed(failure: Failure, cause: impl Display) -> Self {
        Self {
            status: Status::Failed(failure),
            detail: Some(cause.to_string().into()),
        }
    }

    /// The job was cancelled.
    pub fn cancelled() -> Self {
        Status::Failed(Failure::Cancelled).into()
    }
}

impl From<Status> for DownloadError {
    fn from(status: Status) -> Self {
        Self {
            status,
            detail: None,
        }
    }
}

/// One download in progress. An engine begins it when the item's turn has come, records each
/// step, and ends it; the observer is called at both ends.
///
/// To record a step reads the clock once, which takes tens of nanoseconds. An attempt borrows
/// nothing, so that a callback can pass it on to the next.
pub struct Attempt {
    observer: Arc<dyn Observer>,
    job_start: Instant,
    outcome: Outcome,
}

impl Attempt {
    /// Begins the download of an item, in a job that began at `job_start`. If the job is
    /// cancelled, nothing starts, and all that is left to do is to end it.
    pub fn begin(job: &Job, job_start: Instant, item: Item) -> Self {
        let mut timing = Timing::default();
        if !job.cancel.is_cancelled() {
            job.observer.started(item);
            timing.started = Some(job_start.elapsed());
        }
        Self {
            observer: Arc::clone(&job.observer),
            job_start,
            outcome: Outcome {
                item,
                status: Status::Ok,
                detail: None,
                bytes: 0,
                resent: 0,
                timing,
            },
        }
    }

    /// The flag or URL.
    pub fn item(&self) -> Item {
        self.outcome.item
    }

    /// A request is sent once more, because its idle connection was dead.
    pub fn resend(&mut self) {
        self.outcome.resent += 1;
    }

    /// The head of a response has arrived. Only the first counts.
    pub fn head_arrived(&mut self) {
        let now = self.now();
        self.outcome.timing.first_byte.get_or_insert(now);
    }

    /// The image was read whole.
    pub fn image_read(&mut self, bytes: usize) {
        self.outcome.bytes = bytes as u64;
        self.outcome.timing.body_read = Some(self.now());
    }

    /// The metadata were read whole, after the image.
    pub fn metadata_read(&mut self) {
        self.outcome.timing.body_read = Some(self.now());
    }

    /// The store has saved the item.
    pub fn saved(&mut self) {
        self.outcome.timing.saved = Some(self.now());
    }

    /// Ends the download and reports its outcome.
    pub fn end(mut self, result: Result<(), DownloadError>) -> Outcome {
        // An item is ok from the moment it was saved. To read the clock once more would be a
        // fifth of what an attempt costs.
        let saved = self.outcome.timing.saved.filter(|_| result.is_ok());
        self.outcome.timing.finished = saved.unwrap_or_else(|| self.now());
        if let Err(error) = result {
            self.outcome.status = error.status;
            self.outcome.detail = error.detail;
        }
        self.observer.finished(&self.outcome);
        self.outcome
    }

    fn now(&self) -> Duration {
        self.job_start.elapsed()
    }
}
