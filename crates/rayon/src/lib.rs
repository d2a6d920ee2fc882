//! A work-stealing pool, with ureq.
//!
//! One word turns a sequential loop into a parallel one: compare
//! [`download_many`](Rayon::download_many) with that of `seq`. rayon is made for work that keeps
//! cores busy, so by default it has one thread per core. Downloads mostly wait, and a waiting
//! thread neither works nor steals: this pool has one thread per request in flight.
//!
//! # What it is not
//!
//! It does not use rayon's global pool: the program's other work would have to wait for it.

use std::io;
use std::time::Instant;

use flagrace_core::{Downloader, Job, JobError, Report, Setup};
use flagrace_http_blocking::Client;
use flagrace_seq::download_one;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Downloads flags in a parallel loop.
pub struct Rayon {
    client: Client,
    pool: ThreadPool,
}

impl Rayon {
    /// Builds a pool with as many threads as the setup's concurrency.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let threads = setup.concurrency;
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("rayon-{number}"))
            .build()
            .map_err(|error| JobError::Threads(threads, io::Error::other(error.to_string())))?;
        Ok(Self {
            client: Client::new(setup)?,
            pool,
        })
    }
}

impl Downloader for Rayon {
    fn name(&self) -> &'static str {
        "rayon"
    }

    fn concurrency(&self) -> usize {
        self.pool.current_num_threads()
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = self.client.session(job, start);
        let outcomes = self.pool.install(|| {
            job.items
                .par_iter()
                // By default a thread takes a batch of flags, and all of them wait for the response
                // to the first.
                .with_max_len(1)
                .map(|&item| download_one(&session, item))
                .collect()
        });
        Ok(Report::new(outcomes, start.elapsed()))
    }
}
