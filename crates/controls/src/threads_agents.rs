//! `threads`, but for the connections: each thread has its own.

use std::time::Instant;

use flagrace_core::{Downloader, Job, JobError, Report, Setup};
use flagrace_seq::{Client, download_one};
use flagrace_threads::{Pool, download_all};

/// Downloads flags on a pool of OS threads, each with a blocking client of its own.
///
/// In `threads` all share one client, and its pool of connections is behind one lock: ureq
/// takes it twice for each request, and holds it while it asks the system whether the
/// connection is still open. Here there is nothing to share, and so nothing to wait for.
pub struct ThreadsAgents {
    pool: Pool<Client>,
}

impl ThreadsAgents {
    /// Builds as many clients as the setup's concurrency, and starts a thread for each.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread, or a client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            pool: Pool::start(setup.concurrency, || Client::new(setup))?,
        })
    }
}

impl Downloader for ThreadsAgents {
    fn name(&self) -> &'static str {
        "threads-agents"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let outcomes = download_all(&self.pool, job, start, |client, shift| {
            let session = client.session(shift.job());
            shift.each(|item| download_one(&session, shift.job(), shift.begin(item)))
        });
        Ok(Report::new(outcomes, start.elapsed()))
    }
}
