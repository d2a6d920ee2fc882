//! Exercise 4 of docs/LESSONS.md: an engine of your own.
//!
//! It downloads one flag after another, so the cases that count requests in flight fail, each after
//! 25 s. Make it download `concurrency` flags at a time, until the whole suite passes:
//!
//! ```sh
//! cargo test -p flagrace-lessons --features exercise --test your_engine
//! ```
//!
//! The standard library suffices: `std::thread::scope` lets threads borrow the job, and an
//! `AtomicUsize` can hold the index of the next flag.

use std::time::Instant;

use flagrace_conformance::{Connections, Subject, suite};
use flagrace_core::{Downloader, Job, JobError, Report};
use flagrace_http_blocking::Client;
use flagrace_seq::download_one;

struct YourEngine {
    client: Client,
    concurrency: usize,
}

impl Downloader for YourEngine {
    fn name(&self) -> &'static str {
        "yours"
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = self.client.session(job, start);
        // One at a time: `concurrency` is ignored.
        let mut outcomes = Vec::with_capacity(job.items.len());
        for &item in &*job.items {
            outcomes.push(download_one(&session, item));
        }
        Ok(Report::new(outcomes, start.elapsed()))
    }
}

suite!(
    your_engine,
    Subject {
        build: |setup| Ok(Box::new(YourEngine {
            client: Client::new(setup)?,
            concurrency: setup.concurrency,
        })),
        connections: Connections::Reused,
    }
);
