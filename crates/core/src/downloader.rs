//! The contract of an engine.

use std::io;

use thiserror::Error;

use crate::{Job, Report};

/// An engine: one way to download many flags.
///
/// The call is synchronous in every engine, as in Fluent Python, where the asyncio version wraps
/// its event loop. The constructor builds what is needed once (client, pool, runtime), so that
/// setup is measured separately; then any number of threads may call `download_many`.
///
/// # What an engine promises
///
/// - Each item of the job is requested once and has exactly one outcome. A request whose reused
///   connection ends before the response head is resent once, on a new connection: a server may
///   close an idle one at any time (RFC 9112, 9.3.1). The report counts these.
/// - At most `min(setup.concurrency, job.items.len())` requests are in flight.
/// - A failure affects no other item.
/// - An item is [`Ok`](crate::Status::Ok) only if its body is known to be complete and the store
///   has saved it. When the call returns, nothing is left running.
/// - A panic in the store or the observer propagates out of the call, also with nothing left
///   running.
/// - Concurrent calls are independent: cancelling one job does not affect another.
pub trait Downloader: Send + Sync {
    /// The engine's name in tables and on the command line.
    fn name(&self) -> &'static str;

    /// The largest number of requests in flight: the setup's concurrency, or less.
    fn concurrency(&self) -> usize;

    /// Downloads every item of the job. An item that fails is an outcome, not an error.
    fn download_many(&self, job: &Job) -> Result<Report, JobError>;
}

/// An engine could not be built, or a job as a whole could not run.
#[derive(Debug, Error)]
pub enum JobError {
    /// The system refused to start one of this many threads.
    #[error("could not start {0} threads; raise `ulimit -u`")]
    Threads(usize, #[source] io::Error),
    /// So many requests at a time need more of this than is allowed; and what to do.
    #[error("{0} at a time need more {1} than the {2} that are allowed; {3}")]
    Limit(usize, &'static str, u64, &'static str),
    /// The async runtime could not be built.
    #[error("could not build the async runtime")]
    Runtime(#[source] io::Error),
    /// The HTTP client could not be built.
    #[error("could not build the HTTP client: {0}")]
    Client(String),
    /// Https could not be set up.
    #[error("{0}")]
    Tls(String),
}
