//! Mistakes to learn from, each beside its fix.
//!
//! # What it is not
//!
//! These are not engines: a mistake violates the contract. The tests show which cases of the
//! conformance suite find it.

pub mod callbacks;
pub mod lost_saves;
pub mod slow_query;

use std::sync::Arc;
use std::time::Instant;

use flagrace_core::{Job, JobError, Outcome, Report, Setup, saving_threads};
use flagrace_http_async::{Client, Session};
use tokio::runtime::{Builder, Runtime};

/// A single-threaded runtime, as in asyncio, and an HTTP client.
pub struct EventLoop {
    client: Client,
    runtime: Runtime,
}

impl EventLoop {
    /// Builds the runtime and the client.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let mut builder = Builder::new_current_thread();
        builder.enable_all().max_blocking_threads(saving_threads());
        Ok(Self {
            client: Client::new(setup)?,
            runtime: builder.build().map_err(JobError::Runtime)?,
        })
    }

    fn run(&self, job: &Job, download: impl AsyncFnOnce(Arc<Session>) -> Vec<Outcome>) -> Report {
        let start = Instant::now();
        let session = Arc::new(self.client.session(job, start));
        let outcomes = self.runtime.block_on(download(session));
        Report::new(outcomes, start.elapsed())
    }

    /// Shuts the runtime down without waiting, as an exiting program does. Dropping it would wait
    /// for the blocking calls in progress.
    pub fn shutdown_background(self) {
        self.runtime.shutdown_background();
    }
}
