//! The engines by name.

use clap::ValueEnum;
use flagrace_async::Async;
use flagrace_core::{Downloader, JobError, Setup};
use flagrace_rayon::Rayon;
use flagrace_seq::Seq;
use flagrace_styles::{Callbacks, Futures};
use flagrace_threads::Threads;

/// An engine, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// One flag after another
    Seq,
    /// A pool of OS threads
    Threads,
    /// A work-stealing pool
    Rayon,
    /// Tasks on an event loop
    Async,
    /// Tasks on tokio's multi-threaded runtime
    AsyncMulti,
    /// The steps of async, tied together by combinators of futures
    Futures,
    /// The steps of async, tied together by callbacks
    Callbacks,
}

impl Engine {
    /// Whether it has an event loop of its own, which cannot run inside another.
    pub fn has_event_loop(self) -> bool {
        !matches!(self, Self::Seq | Self::Threads | Self::Rayon)
    }

    /// Builds the engine.
    pub fn build(self, setup: &Setup) -> Result<Box<dyn Downloader>, JobError> {
        Ok(match self {
            Self::Seq => Box::new(Seq::new(setup)),
            Self::Threads => Box::new(Threads::new(setup)?),
            Self::Rayon => Box::new(Rayon::new(setup)?),
            Self::Async => Box::new(Async::new(setup)?),
            Self::AsyncMulti => Box::new(Async::multi_threaded(setup)?),
            Self::Futures => Box::new(Futures::new(setup)?),
            Self::Callbacks => Box::new(Callbacks::new(setup)?),
        })
    }
}
