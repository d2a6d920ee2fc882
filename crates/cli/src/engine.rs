//! The engines by name.

use clap::ValueEnum;
use flagrace_async::Async;
use flagrace_bare::{Bare, Model};
use flagrace_core::{Downloader, JobError, Setup};
use flagrace_rayon::Rayon;
use flagrace_seq::Seq;
use flagrace_threads::Threads;
use serde::Deserialize;

/// An engine, as the command line and a file of scenarios name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// One flag after another
    Seq,
    /// A pool of OS threads
    Threads,
    /// A work-stealing pool
    Rayon,
    /// The same, but no more threads than cores, which is its own default
    RayonDefault,
    /// Tasks on an event loop
    Async,
    /// Tasks on tokio's multi-threaded runtime
    AsyncMulti,
    /// Threads with a small HTTP client that is the same for threads and tasks
    ThreadsBare,
    /// Tasks with that client, on an event loop
    AsyncBare,
    /// Tasks with that client, on tokio's multi-threaded runtime
    AsyncMultiBare,
    /// A thread of its own for each request, with that client
    ThreadPerRequest,
    /// A task of its own for each request, with that client
    TaskPerRequest,
}

impl Engine {
    /// The engines that were named, in that order, each of them once.
    pub fn each_once(named: &[Self]) -> Vec<Self> {
        let mut engines = Vec::new();
        for engine in named {
            if !engines.contains(engine) {
                engines.push(*engine);
            }
        }
        engines
    }

    /// The name that the command line and the tables have for it.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        // No engine is hidden from the command line.
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Builds the engine.
    pub fn build(self, setup: &Setup) -> Result<Box<dyn Downloader>, JobError> {
        Ok(match self {
            Self::Seq => Box::new(Seq::new(setup)?),
            Self::Threads => Box::new(Threads::new(setup)?),
            Self::Rayon => Box::new(Rayon::new(setup)?),
            Self::RayonDefault => Box::new(Rayon::with_default_size(setup)?),
            Self::Async => Box::new(Async::new(setup)?),
            Self::AsyncMulti => Box::new(Async::multi_threaded(setup)?),
            Self::ThreadsBare => Box::new(Bare::new(Model::Threads, setup)?),
            Self::AsyncBare => Box::new(Bare::new(Model::Tasks, setup)?),
            Self::AsyncMultiBare => Box::new(Bare::new(Model::TasksOnAllCores, setup)?),
            Self::ThreadPerRequest => Box::new(Bare::new(Model::ThreadPerRequest, setup)?),
            Self::TaskPerRequest => Box::new(Bare::new(Model::TaskPerRequest, setup)?),
        })
    }
}
