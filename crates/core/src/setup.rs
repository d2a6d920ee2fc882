//! What an engine is built with.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Tls;

/// The default number of requests at a time.
pub const DEFAULT_CONCURRENCY: usize = 20;

/// The largest number of requests at a time, unless the user raises it.
pub const MAX_CONCURRENCY: usize = 1000;

/// The limits that an engine is built with. Whatever could favour one engine by accident is
/// set here and not in the engines.
///
/// Equal for all, without an option: HTTP/1.1 with keep-alive, `TCP_NODELAY`, no proxy, no
/// redirects, no retries but for a request whose idle connection was dead, and an idle pool at
/// least as large as the concurrency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The largest number of requests in flight, at least 1. For `seq` it is always 1.
    pub concurrency: usize,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// The largest body that is read, in bytes.
    pub max_body: u64,
    /// How to use https. Without it an engine does not prepare for https, which costs time and
    /// memory, and requests over https fail.
    pub tls: Option<Arc<Tls>>,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// For a connection to be made.
    pub connect: Duration,
    /// For each request as a whole, until the last byte of its body.
    ///
    /// The engines of `bare` check the clock after each read, and a read may wait as long: they
    /// wait at most twice this time, after the time to connect.
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
            // About 28 times the largest flag of the book's data (36,332 B).
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
