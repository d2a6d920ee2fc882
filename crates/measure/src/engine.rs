//! The engines by name.

use std::collections::BTreeSet;

use clap::ValueEnum;
use flagrace_async::Async;
use flagrace_bare::{Bare, Model};
use flagrace_core::{Downloader, JobError, Setup};
use flagrace_rayon::Rayon;
use flagrace_seq::Seq;
use flagrace_threads::Threads;
use serde::{Deserialize, Serialize};

/// An engine, by its name on the command line and in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// One flag after another
    Seq,
    /// A pool of OS threads
    Threads,
    /// A work-stealing pool with a thread for each request
    Rayon,
    /// Tasks on a single-threaded runtime
    Async,
    /// Tasks on a multi-threaded runtime
    AsyncMulti,
    /// Threads with the small HTTP client
    ThreadsBare,
    /// Tasks on a single-threaded runtime with the small HTTP client
    AsyncBare,
    /// Tasks on a multi-threaded runtime with the small HTTP client
    AsyncMultiBare,
    /// A new thread for each request, with the small HTTP client
    ThreadPerRequest,
    /// A new task for each request, with the small HTTP client
    TaskPerRequest,
}

impl Engine {
    /// The engines in order, without duplicates.
    pub fn each_once(named: &[Self]) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        let is_new = |engine: &Self| seen.insert(*engine);
        named.iter().copied().filter(is_new).collect()
    }

    /// Its name on the command line and in tables.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Builds the engine with its client, and its pool or runtime.
    pub fn build(self, setup: &Setup) -> Result<Box<dyn Downloader>, JobError> {
        Ok(match self {
            Self::Seq => Box::new(Seq::new(setup)?),
            Self::Threads => Box::new(Threads::new(setup)?),
            Self::Rayon => Box::new(Rayon::new(setup)?),
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
