//! One flag after another, with ureq: the baseline, without concurrency.
//!
//! The file to read is `download_one.rs`: it downloads one flag with blocking calls, and the
//! engines with threads import it. They add only which thread calls it, and when.
//!
//! # What it is not
//!
//! It is not slowed down on purpose: like the other engines it keeps its connection open.

mod download_one;

use std::time::Instant;

use flagrace_core::{Downloader, Job, JobError, Report, Setup};
use flagrace_http_blocking::Client;

pub use download_one::download_one;

/// Downloads one flag after another.
pub struct Seq {
    client: Client,
}

impl Seq {
    /// Builds the client. The concurrency is always 1.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let setup = Setup {
            concurrency: 1,
            ..setup.clone()
        };
        Ok(Self {
            client: Client::new(&setup)?,
        })
    }
}

impl Downloader for Seq {
    fn name(&self) -> &'static str {
        "seq"
    }

    fn concurrency(&self) -> usize {
        1
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = self.client.session(job, start);
        let mut outcomes = Vec::with_capacity(job.items.len());
        for &item in &*job.items {
            outcomes.push(download_one(&session, item));
        }
        Ok(Report::new(outcomes, start.elapsed()))
    }
}
