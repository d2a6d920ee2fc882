//! The model of `async` with the client of `threads`.

use std::panic;
use std::sync::Arc;
use std::time::Instant;

use flagrace_async::{Permit, Session, download_all};
use flagrace_core::{Attempt, Downloader, Item, Job, JobError, Outcome, Report, Setup};
use flagrace_seq::{Client, download_one};
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

/// Downloads flags as tasks, each of which waits for a thread that is blocked.
///
/// So it is with any blocking library under an async program: the tasks are as cheap as
/// ever, and behind each of them stands a thread.
pub struct AsyncUreq {
    setup: Setup,
    client: Client,
    runtime: Runtime,
}

impl AsyncUreq {
    /// An event loop on the thread that calls `download_many`, as `async` has, and the
    /// client that all share. The threads for the blocking calls start when they are first
    /// needed; tokio has no other way.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        // Without tokio's sockets and timers: what its tasks wait for is other threads.
        let runtime = Builder::new_current_thread()
            // One for each request in flight: with fewer, requests that have a permit
            // would wait for a thread, and the permits would no longer tell the truth.
            .max_blocking_threads(setup.concurrency)
            .build()
            .map_err(JobError::Runtime)?;
        Ok(Self {
            setup: setup.clone(),
            client: Client::new(setup)?,
            runtime,
        })
    }
}

impl Downloader for AsyncUreq {
    fn name(&self) -> &'static str {
        "async-ureq"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        // Cancellation is registered twice: this session's tasks stop taking flags, and the
        // client's session closes the sockets under the calls that are blocked.
        let client = self.client.session(job);
        let session = Session::new(&client, &self.setup, job, start);
        let outcomes = self.runtime.block_on(download_all(session, download));
        Ok(Report::new(outcomes, start.elapsed()))
    }
}

async fn download(
    session: Arc<Session<flagrace_seq::Session>>,
    item: Item,
    permit: Permit,
) -> Outcome {
    let attempt = Attempt::begin(session.job(), session.start(), item);
    let blocking = spawn_blocking(move || {
        let outcome = download_one(session.client(), session.job(), attempt);
        // It goes along to the thread and is kept until the flag is saved: a task can be
        // dropped at its `await`, and a blocking call cannot.
        drop(permit);
        outcome
    });
    blocking.await.unwrap_or_else(|error| {
        // A panic in a store or an observer comes back over the `await`.
        match error.try_into_panic() {
            Ok(panicked) => panic::resume_unwind(panicked),
            Err(error) => unreachable!("the runtime outlives its tasks: {error}"),
        }
    })
}
