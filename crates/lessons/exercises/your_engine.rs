//! Exercise 6 (lesson 7): an engine of your own.
//!
//! It downloads one flag after another. Make it download `concurrency` flags at a time; threads of
//! `std::thread::scope` can share the index of the next flag. Then it passes the engines' suite:
//! `cargo test -p flagrace-lessons --features exercise --test exercises suite`

use std::time::Instant;

use flagrace_core::{Downloader, Job, JobError, Report};
use flagrace_http_blocking::Client;
use flagrace_seq::download_one;

pub struct YourEngine {
    pub client: Client,
    pub concurrency: usize,
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
        let mut outcomes = Vec::with_capacity(job.items.len());
        // GAP: one at a time.
        for &item in &*job.items {
            outcomes.push(download_one(&session, item));
        }
        Ok(Report::new(outcomes, start.elapsed()))
    }
}
