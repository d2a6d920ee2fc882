//! The configuration of an engine.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Tls;

/// The limits of an engine. Settings that could favour one engine by accident are here, not in the
/// engines.
///
/// The same for all, with no option: HTTP/1.1 with keep-alive, `TCP_NODELAY`, no proxy, no
/// redirects, no retries except after a dead idle connection, and an idle pool at least as large as
/// the concurrency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The largest number of requests in flight, at least 1. For `seq` it is always 1.
    pub concurrency: usize,
    /// The time to connect.
    pub connect_timeout: Duration,
    /// The time of each request, until the last byte of its body.
    ///
    /// The engines of `bare` check the clock after each read, and a read may take as long itself:
    /// they wait at most twice this time, after the time to connect. With [`Duration::MAX`] they set
    /// no timer, which shows what a timer costs.
    pub request_timeout: Duration,
    /// The largest body to read, in bytes.
    pub max_body: u64,
    /// How to use https. Without it an engine skips the setup of TLS, which costs time and memory,
    /// and requests over https fail.
    pub tls: Option<Arc<Tls>>,
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
            concurrency: 20,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            // About 28 times the largest flag of the book's data (36,332 B).
            max_body: 1 << 20,
            tls: None,
        }
    }
}
