//! A pool of OS threads, fed through a crossbeam channel.
//!
//! Each thread downloads one flag at a time, with the same blocking `download_one` as
//! `seq`. While one thread waits for its answer the system runs another: N threads wait
//! for N answers at once. What it costs is N stacks, and a switch by the kernel whenever
//! another thread takes over.
//!
//! # Layout
//!
//! - this file: [`Threads`], from a job to a shift for each thread and back to a report
//! - `pool.rs`: the threads themselves, which live as long as the engine
//!
//! # What it is not
//!
//! It is no executor: there is no stealing and no priority. Whoever is free takes the
//! next flag from the channel, which is all that a list of downloads needs.

mod pool;

use std::panic;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel as channel;
use flagrace_core::{Downloader, Job, JobError, Report, Setup};
use flagrace_seq::Client;

use pool::{Pool, Shift};

/// Downloads flags on a pool of OS threads.
pub struct Threads {
    client: Client,
    pool: Pool,
}

impl Threads {
    /// Starts as many threads as the setup's concurrency, and builds the client that they
    /// share.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            client: Client::new(setup),
            pool: Pool::start(setup.concurrency)?,
        })
    }
}

impl Downloader for Threads {
    fn name(&self) -> &'static str {
        "threads"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();

        // The whole list of what is to be done. It is closed at once, so that a thread
        // that finds it empty knows that it will stay so.
        let (to_do, codes) = channel::unbounded();
        for &code in &*job.codes {
            // Cannot fail: `codes`, the other end, is right here.
            let _ = to_do.send(code);
        }
        drop(to_do);

        // One shift for each thread that will have something to do.
        let (results, finished) = channel::unbounded();
        let job = Arc::new(job.clone());
        let session = self.client.session(&job);
        for lane in 0..self.pool.size().min(job.codes.len()) {
            self.pool.assign(Shift {
                lane,
                start,
                job: Arc::clone(&job),
                session: session.clone(),
                codes: codes.clone(),
                results: results.clone(),
            });
        }
        // Every shift holds an end of this channel: when the last is over, it closes.
        drop(results);

        let mut outcomes = Vec::with_capacity(job.codes.len());
        let mut panicked = None;
        for result in finished {
            match result {
                Ok(of_one_shift) => outcomes.extend(of_one_shift),
                // Not passed on yet: the other threads are still at work on this job.
                Err(payload) => panicked = Some(payload),
            }
        }
        if let Some(payload) = panicked {
            panic::resume_unwind(payload);
        }
        Ok(Report::new(outcomes, start.elapsed()))
    }
}
