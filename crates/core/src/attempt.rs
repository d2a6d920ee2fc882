//! The book-keeping of one download, from its turn to its outcome.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Failure, Item, Job, Observer, Outcome, Status, Timing};

/// A flag that is not ok: its status, and the cause in someone's own words.
#[derive(Debug)]
pub struct DownloadError {
    /// Anything but [`Status::Ok`].
    pub status: Status,
    /// The words of the client or the system, where there are any.
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

    /// The job was told to stop.
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

/// One download under way. An engine begins it when the flag's turn has come, notes each
/// step, and ends it; the observer hears of both ends.
///
/// Noting a step costs one reading of the monotonic clock, tens of nanoseconds. An attempt
/// borrows nothing, so that it can be handed from one callback to the next.
pub struct Attempt {
    observer: Arc<dyn Observer>,
    job_start: Instant,
    item: Item,
    bytes: u64,
    resent: u32,
    timing: Timing,
}

impl Attempt {
    /// The flag's turn has come, in a job that began at `job_start`. Where the job was
    /// cancelled, it has not: nothing is started, and there is only the outcome to tell.
    pub fn begin(job: &Job, job_start: Instant, item: Item) -> Self {
        let mut timing = Timing::default();
        if !job.cancel.is_cancelled() {
            job.observer.started(item);
            timing.started = Some(job_start.elapsed());
        }
        Self {
            observer: Arc::clone(&job.observer),
            job_start,
            item,
            bytes: 0,
            resent: 0,
            timing,
        }
    }

    /// The flag, or the URL.
    pub fn item(&self) -> Item {
        self.item
    }

    /// A request is sent once more, because the idle connection on which it was sent had died.
    pub fn resend(&mut self) {
        self.resent += 1;
    }

    /// The head of a response is there. Only the first counts.
    pub fn head_arrived(&mut self) {
        let now = self.now();
        self.timing.first_byte.get_or_insert(now);
    }

    /// The image was read whole.
    pub fn image_read(&mut self, bytes: usize) {
        self.bytes = bytes as u64;
        self.timing.body_read = Some(self.now());
    }

    /// The metadata were read whole, after the image.
    pub fn metadata_read(&mut self) {
        self.timing.body_read = Some(self.now());
    }

    /// The store has kept the flag.
    pub fn saved(&mut self) {
        self.timing.saved = Some(self.now());
    }

    /// The outcome is known.
    pub fn end(self, result: Result<(), DownloadError>) -> Outcome {
        // What was kept is known to be ok from that moment on: the clock need not be read
        // again, which would be a fifth of what an attempt costs.
        let finished = match (&result, self.timing.saved) {
            (Ok(()), Some(saved)) => saved,
            _ => self.now(),
        };
        let (status, detail) = match result {
            Ok(()) => (Status::Ok, None),
            Err(error) => (error.status, error.detail),
        };
        let outcome = Outcome {
            item: self.item,
            status,
            detail,
            bytes: self.bytes,
            resent: self.resent,
            timing: Timing {
                finished,
                ..self.timing
            },
        };
        self.observer.finished(&outcome);
        outcome
    }

    fn now(&self) -> Duration {
        self.job_start.elapsed()
    }
}
