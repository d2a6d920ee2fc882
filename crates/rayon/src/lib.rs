//! A work-stealing pool.
//!
//! rayon makes a parallel loop out of a sequential one by a single word, and that is the
//! lesson: compare [`download_many`](Rayon::download_many) with that of `seq`. It was made
//! for work that keeps a processor busy, so its own default is a thread for each core.
//! Downloading mostly waits, and a thread that waits neither works nor steals: this pool
//! is as large as the concurrency. [`Rayon::with_default_size`] shows what happens when
//! it is not.
//!
//! # What it is not
//!
//! It does not use rayon's global pool, which a program's other work would then wait for.

use std::time::Instant;

use flagrace_core::{Downloader, Job, JobError, Report, Setup};
use flagrace_http_blocking::Client;
use flagrace_seq::download_one;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Downloads flags in a parallel loop.
pub struct Rayon {
    name: &'static str,
    client: Client,
    pool: ThreadPool,
}

impl Rayon {
    /// A pool with as many threads as the setup's concurrency.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread, or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Self::build("rayon", setup.concurrency, setup)
    }

    /// A pool of rayon's own default size, but no larger than the setup's concurrency: a
    /// thread for each core, or as many as the environment's `RAYON_NUM_THREADS` says.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread, or the client cannot be built.
    pub fn with_default_size(setup: &Setup) -> Result<Self, JobError> {
        // 0 is the word for rayon's own size. To ask `rayon::current_num_threads()` for it
        // would start rayon's global pool beside this one.
        let own = Self::build("rayon-default", 0, setup)?;
        if own.concurrency() <= setup.concurrency {
            return Ok(own);
        }
        Self::build("rayon-default", setup.concurrency, setup)
    }

    fn build(name: &'static str, threads: usize, setup: &Setup) -> Result<Self, JobError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("rayon-{number}"))
            .build()
            .map_err(|error| JobError::Pool {
                wanted: threads,
                reason: error.to_string(),
            })?;
        let setup = Setup {
            concurrency: pool.current_num_threads(),
            ..setup.clone()
        };
        Ok(Self {
            name,
            client: Client::new(&setup)?,
            pool,
        })
    }
}

impl Downloader for Rayon {
    fn name(&self) -> &'static str {
        self.name
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
                // rayon would hand out runs of flags, which is right for short work: but a
                // run waits as a whole behind the one answer that its thread waits for.
                .with_max_len(1)
                .map(|&item| download_one(&session, item))
                .collect()
        });
        Ok(Report::new(outcomes, start.elapsed()))
    }
}
