//! A pool of OS threads, fed through a crossbeam channel.
//!
//! Each thread downloads one flag at a time, with the same blocking `download_one` as
//! `seq`. While one thread waits for its answer the system runs another: N threads wait
//! for N answers at once. What it costs is N stacks, and a switch by the kernel whenever
//! another thread takes over.
//!
//! # Layout
//!
//! - this file: [`Threads`], the engine
//! - `download_all.rs`: [`download_all`], from a job to a shift for each thread and back
//! - `shift.rs`: [`Shift`], one thread's part in one job
//! - `pool.rs`: [`Pool`], the threads themselves, which live as long as the engine
//!
//! # What it is not
//!
//! It is no executor: there is no stealing and no priority. Whoever is free takes the
//! next flag from the channel, which is all that a list of downloads needs.

mod download_all;
mod pool;
mod shift;

use std::time::Instant;

use flagrace_core::{Downloader, Job, JobError, Report, Setup};
use flagrace_seq::{Client, download_one};

pub use download_all::download_all;
pub use pool::Pool;
pub use shift::Shift;

/// Downloads flags on a pool of OS threads.
pub struct Threads {
    client: Client,
    pool: Pool<()>,
}

impl Threads {
    /// Starts as many threads as the setup's concurrency, and builds the client that they
    /// share.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread, or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            client: Client::new(setup)?,
            pool: Pool::start(setup.concurrency, || Ok(()))?,
        })
    }
}

impl Downloader for Threads {
    fn name(&self) -> &'static str {
        "threads"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = self.client.session(job);
        let outcomes = download_all(&self.pool, job, start, move |(), shift| {
            shift.each(|item| download_one(&session, shift.job(), shift.begin(item)))
        });
        Ok(Report::new(outcomes, start.elapsed()))
    }
}
