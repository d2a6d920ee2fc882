//! One flag after another, with ureq: the baseline.
//!
//! There is no concurrency here at all, which is what makes it the yardstick. The file to
//! read is `download_one.rs`: it downloads a single flag with blocking calls, and the
//! engines with threads import it as it is. All that they add is who calls it, and when.
//!
//! # Layout
//!
//! - this file: [`Seq`], a `for` loop
//! - `download_one.rs`: [`download_one`], one flag from request to disk
//! - `client.rs`: [`Client`], ureq held to the limits that are the same for every engine
//! - `ending.rs`: whether a connection was closed or reset, or had died while it was idle
//! - `tls.rs`: https, as it is set up for both clients
//! - `resolver.rs`: host names, each looked up once
//!
//! # What it is not
//!
//! It is no straw man. It keeps its connection open, as every other engine does.

mod client;
mod download_one;
mod ending;
mod resolver;
mod tls;

use std::time::Instant;

use flagrace_core::{Attempt, Downloader, Job, JobError, Report, Setup};

pub use client::{Client, Session};
pub use download_one::download_one;

/// Downloads one flag after another.
pub struct Seq {
    client: Client,
}

impl Seq {
    /// Builds the client. The concurrency is 1, whatever the setup says.
    ///
    /// # Errors
    ///
    /// If the client cannot be built.
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

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = self.client.session(job);
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
