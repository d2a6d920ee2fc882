//! Tasks on tokio, with reqwest.
//!
//! Each flag is a task. A task that waits gives its thread back at the `await`, so one
//! thread waits for all answers at once, and what a waiting download costs is the task's
//! own memory, without a stack and without a switch by the kernel. A semaphore keeps the
//! number of requests in flight to the concurrency.
//!
//! # Layout
//!
//! - this file: [`Async`], its runtime, and the synchronous `download_many` around it
//! - `download_all.rs`: a task for each flag, and their outcomes gathered
//! - `download_one.rs`: [`download_one`], one flag from request to disk
//! - `permits.rs`: [`Permits`], the semaphore, and the lane that each permit stands for
//! - `client.rs`: reqwest, held to the limits that are the same for every engine
//!
//! # What it is not
//!
//! It is no library for programs that are async themselves: `download_many` blocks, and
//! panics if it is called on a thread of an async runtime, as every nested `block_on` does.

mod client;
mod download_all;
mod download_one;
mod permits;

use std::thread;
use std::time::Instant;

use flagrace_core::{Downloader, Job, JobError, Report, Setup};
use reqwest::Client;
use tokio::runtime::{Builder, Runtime};

pub use download_one::{Session, download_one};
pub use permits::{Permit, Permits};

/// Downloads flags as tasks.
pub struct Async {
    name: &'static str,
    setup: Setup,
    client: Client,
    runtime: Runtime,
}

impl Async {
    /// An event loop on the thread that calls `download_many`, as in asyncio.
    ///
    /// It is the default because the work is waiting: one thread keeps up with it, and
    /// tasks that share a thread never wait for a lock or wake another core.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Self::build("async", Builder::new_current_thread(), setup)
    }

    /// Tokio's multi-threaded runtime, with a worker for each core: what
    /// `#[tokio::main]` gives.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn multi_threaded(setup: &Setup) -> Result<Self, JobError> {
        Self::build("async-multi", Builder::new_multi_thread(), setup)
    }

    fn build(name: &'static str, mut builder: Builder, setup: &Setup) -> Result<Self, JobError> {
        // The threads that save. Tokio would start up to 512, one for each save that waits:
        // but saves wait for the processor and for each other, as all of them change the
        // same directory, and more threads than cores only get in each other's way.
        let savers = thread::available_parallelism().map_or(1, usize::from);
        let runtime = builder.enable_all().max_blocking_threads(savers).build();
        Ok(Self {
            name,
            setup: setup.clone(),
            client: client::build(setup)?,
            runtime: runtime.map_err(JobError::Runtime)?,
        })
    }
}

impl Downloader for Async {
    fn name(&self) -> &'static str {
        self.name
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = Session::new(&self.client, &self.setup, job, start);
        let outcomes = self.runtime.block_on(download_all::download_all(session));
        Ok(Report::new(outcomes, start.elapsed()))
    }
}
