//! What an engine is built for: the limits that are the same for all of them.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Tls;

/// How many flags at a time, where nobody asks for another number.
pub const DEFAULT_CONCURRENCY: usize = 20;

/// How many flags at a time at most, unless the user raises it.
pub const MAX_CONCURRENCY: usize = 1000;

/// The limits an engine is built with. Everything that could make one engine look better
/// than another by accident stands here, and not in the engines.
///
/// What has no knob is the same for all too: HTTP/1.1 with keep-alive, `TCP_NODELAY`, no
/// proxy, no redirects, no retries but for a request whose idle connection had died, and an
/// idle pool at least as large as the concurrency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// How many requests may be in flight at a time; at least 1. `seq` has 1 whatever
    /// stands here.
    pub concurrency: usize,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// The largest body that is read, in bytes.
    pub max_body: u64,
    /// What https takes. Without it an engine makes no preparations for https, which cost
    /// time and memory, and asking over https is a failure.
    pub tls: Option<Arc<Tls>>,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// For the connection to be made.
    pub connect: Duration,
    /// For one request as a whole: from looking for a connection to the last byte of the
    /// body. With metadata each of the two requests has this time. The engines of `bare` look
    /// at the clock after each read, which may itself take as long: twice this time at most,
    /// and the time to connect on top of it.
    pub request: Duration,
}

impl Setup {
    /// The default limits with this concurrency; 0 counts as 1.
    pub fn with_concurrency(concurrency: usize) -> Self {
        Self {
            concurrency: concurrency.max(1),
            ..Self::default()
        }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            concurrency: DEFAULT_CONCURRENCY,
            timeouts: Timeouts::default(),
            // Some 28 times the largest flag of the book's data (36,332 B).
            max_body: 1 << 20,
            tls: None,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(30),
        }
    }
}
