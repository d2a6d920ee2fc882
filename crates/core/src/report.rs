//! The result of each item, and of a whole job.

use std::time::Duration;

use serde::Serialize;
use thiserror::Error;

use crate::Item;

/// The status of one item.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Downloaded completely and saved.
    #[error("ok")]
    Ok,
    /// The server has no such flag (404). This is an answer, not a failure.
    #[error("not found")]
    NotFound,
    /// Failed.
    #[error("{0}")]
    Failed(Failure),
}

/// Why an item failed.
///
/// Clients word their errors differently, so an engine classifies them by *phase*: before the
/// head of the response it is [`Transport`](Self::Transport), while the body arrives it is
/// [`Truncated`](Self::Truncated). Two clients cannot disagree on that.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// The server answered with this status: neither 200 nor 404.
    // The ERROR server sends 418; show its name (RFC 2324).
    #[error("HTTP {0}{name}", name = if *.0 == 418 { " I'm a teapot" } else { "" })]
    Http(u16),
    /// The time limit of the connection or of the request passed. Clients word it differently, so it
    /// has no cause.
    #[error("timed out")]
    Timeout,
    /// No response: the connection was refused or reset, or the server does not speak HTTP.
    #[error("no response")]
    Transport,
    /// The head of the response is larger than [`MAX_HEAD`](crate::MAX_HEAD), or has more than
    /// [`MAX_HEADERS`](crate::MAX_HEADERS).
    #[error("the head is too large")]
    HeadTooLarge,
    /// The body ended early.
    #[error("the body was cut short")]
    Truncated,
    /// The body is larger than [`Setup::max_body`](crate::Setup::max_body).
    #[error("the body is too large")]
    TooLarge,
    /// `metadata.json` does not name a country.
    #[error("metadata.json names no country")]
    Metadata,
    /// The store failed.
    #[error("could not be saved")]
    Save,
    /// The job was cancelled before the item finished.
    #[error("cancelled")]
    Cancelled,
}

impl Status {
    /// Interprets an HTTP status. Only 200 continues the download: 204 and 206 do not carry a whole
    /// flag.
    pub fn from_http(code: u16) -> Result<(), Self> {
        match code {
            200 => Ok(()),
            404 => Err(Self::NotFound),
            other => Err(Self::Failed(Failure::Http(other))),
        }
    }
}

/// The outcome of one item.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The flag or URL.
    pub item: Item,
    /// Its status.
    pub status: Status,
    /// The cause, in the words of the client or the system.
    pub detail: Option<Box<str>>,
    /// Size of the image in bytes; 0 if it was not read to its end.
    pub bytes: u64,
    /// How many of its requests were resent: see [`Downloader`](crate::Downloader).
    pub resent: u32,
    /// The result of computing on the image, if the job asks for it.
    pub computed: Option<u64>,
    /// When each step was done.
    pub timing: Timing,
}

impl Outcome {
    /// The status with its cause, if it has one.
    pub fn reason(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{}: {detail}", self.status),
            None => self.status.to_string(),
        }
    }
}

/// When each step of one download was done, since the start of the job. A step that was not reached
/// is `None`.
///
/// With metadata there are two requests: `first_byte` belongs to the first, `body_read` to the
/// last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// When the request should have been sent, in an open loop.
    pub due: Option<Duration>,
    /// When a thread or a permit was free and the request could be sent.
    pub started: Option<Duration>,
    /// When the response head had arrived: the first moment that both clients report.
    pub first_byte: Option<Duration>,
    /// When the whole body had been read.
    pub body_read: Option<Duration>,
    /// When the store had saved the item.
    pub saved: Option<Duration>,
    /// When the outcome was known.
    pub finished: Duration,
}

/// The result of a job: one outcome for each item.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Sorted by item; equal items in the order in which they finished.
    pub outcomes: Vec<Outcome>,
    /// From the call of `download_many` until the last outcome was known.
    pub elapsed: Duration,
}

impl Report {
    /// Sorts the outcomes; the clock has stopped by then.
    pub fn new(mut outcomes: Vec<Outcome>, elapsed: Duration) -> Self {
        outcomes.sort_by_key(|outcome| outcome.item);
        Self { outcomes, elapsed }
    }

    /// How many requests were resent: see [`Downloader`](crate::Downloader).
    pub fn resent(&self) -> u32 {
        self.outcomes.iter().map(|outcome| outcome.resent).sum()
    }

    /// Counts the outcomes by status.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for outcome in &self.outcomes {
            match outcome.status {
                Status::Ok => tally.ok += 1,
                Status::NotFound => tally.not_found += 1,
                Status::Failed(Failure::Cancelled) => tally.cancelled += 1,
                Status::Failed(_) => tally.failed += 1,
            }
        }
        tally
    }
}

/// The number of items by status. Every engine gets the same from the same server.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Tally {
    /// Downloaded and saved.
    pub ok: usize,
    /// Answered with 404.
    pub not_found: usize,
    /// Failed, but not because the job was cancelled.
    #[serde(rename = "errors")]
    pub failed: usize,
    /// Not finished when the job was cancelled.
    pub cancelled: usize,
}
