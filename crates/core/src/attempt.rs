//! The bookkeeping of one download.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Failure, Item, Job, MAX_HEAD, MAX_HEADERS, Observer, Outcome, Status, Timing};

/// Limits by the system's error codes, and what to do.
const LIMITS: [(&str, &str); 3] = [
    ("os error 24)", "; raise `ulimit -n`"),
    ("os error 27)", "; raise `ulimit -f`"),
    ("os error 28)", "; free space or inodes on the disk"),
];

/// Why an item is not ok: its status, and the cause in the words of the client or the system.
#[derive(Debug)]
pub struct DownloadError {
    /// Any status but [`Status::Ok`].
    pub status: Status,
    /// The cause.
    pub detail: Option<Box<str>>,
}

impl DownloadError {
    /// A failure with its cause. If a limit of the system is the cause, it says how to raise it.
    pub fn failed(failure: Failure, cause: impl Display) -> Self {
        // Only the text is left: the clients wrap the error of the system.
        let detail = cause.to_string();
        let limit = LIMITS.iter().find(|(code, _)| detail.contains(code));
        Self {
            status: Status::Failed(failure),
            detail: Some((detail + limit.map_or("", |(_, cure)| cure)).into()),
        }
    }

    /// The head of the response is above the limits.
    pub fn head_too_large() -> Self {
        let limits = format!("more than {MAX_HEAD} bytes or {MAX_HEADERS} headers");
        Self::failed(Failure::HeadTooLarge, limits)
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

/// One download in progress. The engine begins it when it takes up the item, records each step, and
/// ends it; both ends call the observer.
///
/// Recording a step reads the clock once, which takes tens of nanoseconds. An attempt borrows
/// nothing, so that a callback can move it to the next one.
pub struct Attempt {
    observer: Arc<dyn Observer>,
    job_start: Instant,
    outcome: Outcome,
}

impl Attempt {
    /// Begins the download of an item, in a job that began at `job_start`. If the job is cancelled,
    /// the observer is not called, and the engine only ends the attempt.
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
                computed: None,
                timing,
            },
        }
    }

    /// The flag or URL.
    pub fn item(&self) -> Item {
        self.outcome.item
    }

    /// Records that a request is resent because its idle connection was dead.
    pub fn resend(&mut self) {
        self.outcome.resent += 1;
    }

    /// Records that the head of a response arrived. Only the first call counts.
    pub fn head_arrived(&mut self) {
        let now = self.now();
        self.outcome.timing.first_byte.get_or_insert(now);
    }

    /// Records that the whole image was read.
    pub fn image_read(&mut self, bytes: usize) {
        self.outcome.bytes = bytes as u64;
        self.outcome.timing.body_read = Some(self.now());
    }

    /// Records that the metadata were read to the end, after the image.
    pub fn metadata_read(&mut self) {
        self.outcome.timing.body_read = Some(self.now());
    }

    /// Records the result of computing on the image.
    pub fn computed(&mut self, result: Option<u64>) {
        self.outcome.computed = result;
    }

    /// Records when the request should have been sent, in an open loop.
    pub fn due(&mut self, at: Option<Duration>) {
        self.outcome.timing.due = at;
    }

    /// Records that the store saved the item.
    pub fn saved(&mut self) {
        self.outcome.timing.saved = Some(self.now());
    }

    /// Ends the download and reports its outcome.
    pub fn end(mut self, result: Result<(), DownloadError>) -> Outcome {
        // An item finishes when it is saved: reading the clock again would be a fifth of an
        // attempt's cost.
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
