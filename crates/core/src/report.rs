//! The result of each item, and of a whole job.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use crate::Item;

/// The result of one item.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It was downloaded whole and saved.
    #[error("ok")]
    Ok,
    /// The server answered that there is no such flag (404). An answer, not a failure.
    #[error("not found")]
    NotFound,
    /// It failed.
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
    // The status that the ERROR server sends gets its name (RFC 2324).
    #[error("HTTP {0}{name}", name = if *.0 == 418 { " I'm a teapot" } else { "" })]
    Http(u16),
    /// The time limit of the connection or of the request passed.
    #[error("timed out")]
    Timeout,
    /// No response: the connection was refused or reset, or the server does not speak HTTP.
    #[error("no response")]
    Transport,
    /// The response began, but its body ended too soon.
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
    /// The job was cancelled before the item was done.
    #[error("cancelled")]
    Cancelled,
}

impl Status {
    /// Interprets an HTTP status. Only after 200 does the download go on: 204 and 206 carry no
    /// whole flag.
    pub fn from_http(code: u16) -> Result<(), Self> {
        match code {
            200 => Ok(()),
            404 => Err(Self::NotFound),
            other => Err(Self::Failed(Failure::Http(other))),
        }
    }
}

/// What happened to one item.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The flag or URL.
    pub item: Item,
    /// Its result.
    pub status: Status,
    /// The cause, as the client or the system words it.
    pub detail: Option<Box<str>>,
    /// Size of the image, in bytes; 0 if none was read whole.
    pub bytes: u64,
    /// How many of its requests were sent once more: see [`Downloader`](crate::Downloader).
    pub resent: u32,
    /// When each step was done.
    pub timing: Timing,
}

impl Outcome {
    /// The status with its cause. Clients word time limits differently, so those have none.
    pub fn reason(&self) -> String {
        match &self.detail {
            Some(detail) if self.status != Status::Failed(Failure::Timeout) => {
                format!("{}: {detail}", self.status)
            }
            _ => self.status.to_string(),
        }
    }
}

/// When each step of one download was done, since the start of the job. A step that was not
/// reached is `None`.
///
/// With metadata there are two requests: `first_byte` belongs to the first, `body_read` to the
/// last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// When a thread or a permit was free and the request could be sent.
    pub started: Option<Duration>,
    /// When the head of the response was there: the first moment that both clients report.
    pub first_byte: Option<Duration>,
    /// When the body was read to its end.
    pub body_read: Option<Duration>,
    /// When the store had saved the item.
    pub saved: Option<Duration>,
    /// When the outcome was known.
    pub finished: Duration,
}

impl Timing {
    /// How long the item waited for its turn.
    pub fn queue_wait(&self) -> Duration {
        self.started.unwrap_or(self.finished)
    }

    /// How long its download took.
    pub fn service_time(&self) -> Duration {
        self.finished.saturating_sub(self.queue_wait())
    }
}

/// The result of a job: one outcome for each item.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Sorted by item; those of the same item in the order in which they finished.
    pub outcomes: Vec<Outcome>,
    /// From the call of `download_many` until the last outcome was known.
    pub elapsed: Duration,
}

impl Report {
    /// Sorts the outcomes, after the clock has stopped.
    pub fn new(mut outcomes: Vec<Outcome>, elapsed: Duration) -> Self {
        outcomes.sort_by_key(|outcome| outcome.item);
        Self { outcomes, elapsed }
    }

    /// How many requests were sent once more: see [`Downloader`](crate::Downloader).
    pub fn resent(&self) -> u32 {
        self.outcomes.iter().map(|outcome| outcome.resent).sum()
    }

    /// Counts the outcomes by status.
    pub fn tally(&self) -> Tally {
        self.outcomes.iter().map(|outcome| outcome.status).collect()
    }
}

/// How many items had which result. It is the same for every engine that meets the same server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Downloaded and saved.
    pub ok: usize,
    /// Answered with 404.
    pub not_found: usize,
    /// Failed, by cause.
    pub failed: BTreeMap<Failure, usize>,
}

impl Tally {
    /// How many items failed, whatever the cause.
    pub fn errors(&self) -> usize {
        self.failed.values().sum()
    }

    /// How many items there were.
    pub fn total(&self) -> usize {
        self.ok + self.not_found + self.errors()
    }

    /// How many items failed for this cause.
    pub fn failed_with(&self, failure: Failure) -> usize {
        self.failed.get(&failure).copied().unwrap_or(0)
    }
}

impl FromIterator<Status> for Tally {
    fn from_iter<I: IntoIterator<Item = Status>>(statuses: I) -> Self {
        let mut tally = Self::default();
        for status in statuses {
            match status {
                Status::Ok => tally.ok += 1,
                Status::NotFound => tally.not_found += 1,
                Status::Failed(failure) => *tally.failed.entry(failure).or_default() += 1,
            }
        }
        tally
    }
}
