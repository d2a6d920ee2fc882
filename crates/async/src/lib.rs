//! Tasks on tokio, with reqwest.
//!
//! Each flag is a task. A task that waits at an `await` yields its thread, so one thread can wait
//! for all responses. A waiting download costs the memory of its task, but no stack and no context
//! switch. A semaphore limits the number of requests in flight.
//!
//! # What it is not
//!
//! It is not for use in async code: `download_many` blocks, and panics inside a runtime, as any
//! nested `block_on` does.

mod download_one;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Instant;
use std::{io, thread};

use flagrace_core::{Downloader, Job, JobError, Outcome, Report, Setup, saving_threads};
use flagrace_http_async::{Client, Computing, Session};
use rayon::ThreadPoolBuilder;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

pub use download_one::download_one;

/// Downloads flags as tasks.
pub struct Async {
    name: &'static str,
    concurrency: usize,
    client: Client,
    runtime: Runtime,
}

impl Async {
    /// Runs all tasks on the thread that calls `download_many`, as in asyncio.
    ///
    /// This is the default: one thread suffices for work that mostly waits, and tasks on one thread
    /// never contend for a lock or wake another core.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Self::build("async", Builder::new_current_thread(), setup)
    }

    /// Builds tokio's multi-threaded runtime, with one thread per core, like `#[tokio::main]`.
    pub fn multi_threaded(setup: &Setup) -> Result<Self, JobError> {
        Self::build("async-multi", Builder::new_multi_thread(), setup)
    }

    /// As [`new`](Self::new), but computes on tokio's threads for blocking calls.
    pub fn spawn_blocking(setup: &Setup) -> Result<Self, JobError> {
        let engine = Self::new(setup)?;
        Ok(engine.computing("async-spawn-blocking", Computing::SpawnBlocking))
    }

    /// Tasks on one thread for the waiting, and a rayon pool for the computing, with one thread per
    /// core: the work that rayon is made for.
    pub fn hybrid(setup: &Setup) -> Result<Self, JobError> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("compute-{number}"))
            .build()
            .map_err(|error| JobError::Threads(threads, io::Error::other(error.to_string())))?;
        Ok(Self::new(setup)?.computing("hybrid", Computing::Pool(Arc::new(pool))))
    }

    fn computing(mut self, name: &'static str, computing: Computing) -> Self {
        (self.name, self.client.computing) = (name, computing);
        self
    }

    fn build(name: &'static str, mut builder: Builder, setup: &Setup) -> Result<Self, JobError> {
        // One per core: more threads that compute would only take turns.
        builder.enable_all().max_blocking_threads(saving_threads());
        Ok(Self {
            name,
            concurrency: setup.concurrency,
            client: Client::new(setup)?,
            runtime: builder.build().map_err(JobError::Runtime)?,
        })
    }
}

impl Downloader for Async {
    fn name(&self) -> &'static str {
        self.name
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = Arc::new(self.client.session(job, start));
        let outcomes = self
            .runtime
            .block_on(download_all(session, self.concurrency));
        Ok(Report::new(outcomes, start.elapsed()))
    }
}

/// Spawns one task per flag and collects the outcomes.
async fn download_all(session: Arc<Session>, concurrency: usize) -> Vec<Outcome> {
    let permits = Arc::new(Semaphore::new(concurrency));
    let mut finished = Vec::with_capacity(session.job().items.len());
    let mut tasks = JoinSet::new();

    for &item in &*session.job().items {
        // Acquire the permit before spawning the task: there are never more tasks than permits, and
        // memory does not grow with the list.
        let permit = Arc::clone(&permits).acquire_owned().await;
        let session = Arc::clone(&session);
        tasks.spawn(async move {
            let outcome = download_one(&session, item).await;
            drop(permit);
            outcome
        });
        while let Some(task) = tasks.try_join_next() {
            finished.push(task);
        }
    }
    while let Some(task) = tasks.join_next().await {
        finished.push(task);
    }
    // Propagate a panic only after joining all tasks, so that none is left running.
    let outcome = |task: Result<Outcome, JoinError>| {
        task.unwrap_or_else(|error| resume_unwind(error.into_panic()))
    };
    finished.into_iter().map(outcome).collect()
}
