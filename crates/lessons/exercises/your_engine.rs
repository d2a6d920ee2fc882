//! Exercise 4 of docs/LESSONS.md: an engine of your own.
//!
//! It downloads one flag after another, and the cases that count how many requests are in
//! flight fail, each after 25 s. Make it download `concurrency` flags at a time, until the
//! whole suite passes:
//!
//! ```sh
//! cargo test -p flagrace-lessons --features exercise --test your_engine
//! ```
//!
//! All that it takes is in the standard library: `std::thread::scope` lets threads borrow the
//! job, and an `AtomicUsize` can hold the place of the next flag. There is neither a channel
//! nor a pool that outlives the job. What does that cost, compared with `threads`? The group
//! `spinner` of the benchmarks has the answer in its first row.

use std::time::Instant;

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_core::{Attempt, Downloader, Job, JobError, Report, Setup};
use flagrace_seq::{Client, download_one};

struct YourEngine {
    client: Client,
    concurrency: usize,
}

impl YourEngine {
    fn new(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            client: Client::new(setup)?,
            concurrency: setup.concurrency,
        })
    }
}

impl Downloader for YourEngine {
    fn name(&self) -> &'static str {
        "yours"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = self.client.session(job);
        // This many threads.
        let _ = self.concurrency;
        let mut outcomes = Vec::with_capacity(job.items.len());
        for &item in &*job.items {
            outcomes.push(if job.cancel.is_cancelled() {
                Attempt::never_begun(job, start, item)
            } else {
                download_one(&session, job, Attempt::begin(job, start, item))
            });
        }
        Ok(Report::new(outcomes, start.elapsed()))
    }
}

suite!(
    your_engine,
    Subject {
        build: |setup| Ok(Box::new(YourEngine::new(setup)?)),
        concurrency: |asked| asked,
        connections: Connections::Reused,
    }
);
