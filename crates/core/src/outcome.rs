//! One flag's result: what became of it, and when each step was done.

use std::time::Duration;

use crate::{Item, Status};

/// What became of one flag.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which flag, or URL.
    pub item: Item,
    /// What became of it.
    pub status: Status,
    /// The cause in the words of the client or the system, where there is one.
    pub detail: Option<Box<str>>,
    /// Size of the image, in bytes; 0 where none was read whole.
    pub bytes: u64,
    /// How many of its requests, two with metadata, were sent once more: see
    /// [`Downloader`](crate::Downloader).
    pub resent: u32,
    /// When each step was done.
    pub timing: Timing,
}

/// When each step of one download was done, counted from the start of the job.
///
/// A step that was not reached is `None`. With metadata there are two requests:
/// `first_byte` belongs to the first, `body_read` to the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// When a thread or a permit was there and the request could be sent. The time
    /// before it is queue wait; from here to `finished` is service time.
    pub started: Option<Duration>,
    /// When the head of the response was there. Clients do not report the very first
    /// byte, and on loopback the head is one packet.
    pub first_byte: Option<Duration>,
    /// When the body was read to its end.
    pub body_read: Option<Duration>,
    /// When the store had kept the flag.
    pub saved: Option<Duration>,
    /// When the outcome was known.
    pub finished: Duration,
}

impl Timing {
    /// How long the flag waited for its turn.
    pub fn queue_wait(&self) -> Duration {
        self.started.unwrap_or(self.finished)
    }

    /// From its turn to its outcome.
    pub fn service_time(&self) -> Duration {
        self.finished.saturating_sub(self.queue_wait())
    }
}
