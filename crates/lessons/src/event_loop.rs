//! What the lessons run on.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use flagrace_core::{Job, JobError, Outcome, Report, Setup, saving_threads};
use flagrace_http_async::{Client, Session};
use tokio::runtime::{Builder, Runtime};

/// A runtime on the thread that calls, as in asyncio, and a client.
pub struct EventLoop {
    client: Client,
    runtime: Runtime,
}

impl EventLoop {
    /// Builds both.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let mut builder = Builder::new_current_thread();
        builder.enable_all().max_blocking_threads(saving_threads());
        Ok(Self {
            client: Client::new(setup)?,
            runtime: builder.build().map_err(JobError::Runtime)?,
        })
    }

    /// Runs a job to its end, in the way that `download` says.
    pub(crate) fn run<F>(&self, job: &Job, download: impl FnOnce(Arc<Session>) -> F) -> Report
    where
        F: Future<Output = Vec<Outcome>>,
    {
        let start = Instant::now();
        let session = Arc::new(self.client.session(job, start));
        let outcomes = self.runtime.block_on(download(session));
        Report::new(outcomes, start.elapsed())
    }

    /// Ends the runtime without waiting for anything. Dropping it waits for the saves that
    /// have begun; in either case those that have not are dropped.
    pub fn shutdown_background(self) {
        self.runtime.shutdown_background();
    }
}
