//! The contract.

use std::io;

use thiserror::Error;

use crate::{Job, Report};

/// An engine: one way of downloading many flags.
///
/// The call is synchronous in every engine, as `download_many` is in Fluent Python, where
/// the asyncio version wraps its event loop. An engine builds what it needs once (client,
/// pool, runtime) in its constructor, so that setting up is measured apart from
/// downloading, and may be asked again and again, from several threads.
///
/// # What an engine promises
///
/// - Each flag of the job is asked for once, and has exactly one outcome in the report. A
///   request whose reused connection ends before the head of its answer is there is sent once
///   more, on a fresh connection: a server may close an idle one at any time (RFC 9112, 9.3.1).
///   The report counts it.
/// - At most `min(setup.concurrency, job.items.len())` requests are in flight at a time.
/// - One flag's failure touches no other flag.
/// - A flag is [`Ok`](crate::Status::Ok) only when its body certainly was whole and the store
///   has kept it: nothing is left running when the call returns.
/// - A panic in the store or the observer comes out of the call as that panic, and then
///   too nothing is left running.
/// - Two calls at the same time know nothing of each other: cancelling one job does not
///   touch another.
pub trait Downloader: Send + Sync {
    /// The engine's name in tables and on the command line.
    fn name(&self) -> &'static str;

    /// How many requests it has in flight at most: the setup's concurrency, or less.
    fn concurrency(&self) -> usize;

    /// Downloads every flag of the job.
    ///
    /// # Errors
    ///
    /// Only where the job as a whole could not run; a flag that fails is an outcome.
    fn download_many(&self, job: &Job) -> Result<Report, JobError>;
}

/// An engine could not be built, or a job as a whole could not run.
#[derive(Debug, Error)]
pub enum JobError {
    /// The system refused a thread.
    #[error("could not start worker thread {number} of {wanted}")]
    Thread {
        /// Which of the threads was refused, from 1.
        number: usize,
        /// How many were to be started.
        wanted: usize,
        /// The system's reason.
        source: io::Error,
    },
    /// The pool of threads could not be built, in the words of the library that builds it.
    #[error("could not build a pool of {wanted} threads: {reason}")]
    Pool {
        /// How many threads it was to have.
        wanted: usize,
        /// The library's reason.
        reason: String,
    },
    /// The async runtime could not be built.
    #[error("could not build the async runtime")]
    Runtime(#[source] io::Error),
    /// The HTTP client could not be built.
    #[error("could not build the HTTP client: {0}")]
    Client(String),
    /// What was asked for over https cannot be set up.
    #[error("{0}")]
    Tls(String),
}
