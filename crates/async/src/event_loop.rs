//! What is built once: the runtime, and the client whose connections it drives.

use std::future::Future;
use std::thread;
use std::time::Instant;

use flagrace_core::{Job, JobError, Outcome, Report, Setup};
use tokio::runtime::{Builder, Runtime};

use crate::{Client, Session};

/// A runtime and a client. Building them is not cheap: an engine has one event loop, not
/// one for each job.
pub struct EventLoop {
    setup: Setup,
    client: Client,
    runtime: Runtime,
}

impl EventLoop {
    /// An event loop on the thread that calls [`run`](Self::run), as in asyncio.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn current_thread(setup: &Setup) -> Result<Self, JobError> {
        Self::build(Builder::new_current_thread(), setup)
    }

    /// Tokio's multi-threaded runtime, with a worker for each core: what
    /// `#[tokio::main]` gives.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn multi_thread(setup: &Setup) -> Result<Self, JobError> {
        Self::build(Builder::new_multi_thread(), setup)
    }

    fn build(mut builder: Builder, setup: &Setup) -> Result<Self, JobError> {
        // Tokio would start up to 512 threads, one for each save that waits. More than there
        // are cores only get in each other's way; two, so that one slow save holds up no other.
        let savers = thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
        let runtime = builder.enable_all().max_blocking_threads(savers).build();
        Ok(Self {
            setup: setup.clone(),
            client: Client::new(setup)?,
            runtime: runtime.map_err(JobError::Runtime)?,
        })
    }

    /// Runs a job to its end, in the way that `download` says.
    pub fn run<F>(&self, job: &Job, download: impl FnOnce(Session) -> F) -> Report
    where
        F: Future<Output = Vec<Outcome>>,
    {
        let start = Instant::now();
        let session = self.session(job, start);
        let outcomes = self.block_on(download(session));
        Report::new(outcomes, start.elapsed())
    }

    /// A session of this event loop's client, for a job that began at `start`.
    pub fn session(&self, job: &Job, start: Instant) -> Session {
        Session::new(&self.client, &self.setup, job, start)
    }

    /// Runs a future to its end, and whatever else there is to do until then.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Ends the runtime without waiting for anything. Dropping it waits for the saves that
    /// have begun; in either case those that have not are dropped.
    pub fn abandon(self) {
        self.runtime.shutdown_background();
    }
}
