//! Tasks on tokio, with reqwest.
//!
//! Each flag is a task. A task that waits gives its thread back at the `await`, so one
//! thread waits for all answers at once, and what a waiting download costs is the task's
//! own memory, without a stack and without a switch by the kernel. A semaphore keeps the
//! number of requests in flight to the concurrency.
//!
//! # Layout
//!
//! - this file: [`Async`], the synchronous `download_many` around it all
//! - `download_one.rs`: [`download_one`], one flag from request to disk
//! - `download_all.rs`: [`download_all`], a task for each flag, their outcomes gathered
//! - `session.rs`: [`Session`], what the tasks of a job share, and the steps of a download
//! - `event_loop.rs`: [`EventLoop`], the runtime and the client, built once
//! - `client.rs`: reqwest, held to the limits that are the same for every engine
//!
//! # What it is not
//!
//! It is no library for programs that are async themselves: `download_many` blocks, and
//! panics if it is called on a thread of an async runtime, as every nested `block_on` does.

mod client;
mod download_all;
mod download_one;
mod event_loop;
mod session;

use flagrace_core::{Downloader, Job, JobError, Report, Setup};

pub use client::Client;
pub use download_all::download_all;
pub use download_one::download_one;
pub use event_loop::EventLoop;
pub use session::{Permit, Session};

/// Downloads flags as tasks.
pub struct Async {
    name: &'static str,
    event_loop: EventLoop,
}

impl Async {
    /// An event loop on the thread that calls `download_many`, as in asyncio.
    ///
    /// It is the default because the work is waiting: one thread keeps up with it, and
    /// tasks that share a thread never wait for a lock or wake another core.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            name: "async",
            event_loop: EventLoop::current_thread(setup)?,
        })
    }

    /// Tokio's multi-threaded runtime, with a worker for each core: what
    /// `#[tokio::main]` gives.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn multi_threaded(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            name: "async-multi",
            event_loop: EventLoop::multi_thread(setup)?,
        })
    }
}

impl Downloader for Async {
    fn name(&self) -> &'static str {
        self.name
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        Ok(self.event_loop.run(job, |session| {
            download_all(session, |session, item, permit| async move {
                download_one(&session, item, permit).await
            })
        }))
    }
}
