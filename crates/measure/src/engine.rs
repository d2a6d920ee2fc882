//! The engines by name.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::ValueEnum;
use flagrace_async::Async;
use flagrace_bare::{Bare, Model};
use flagrace_core::{Downloader, JobError, Setup, saving_threads};
use flagrace_rayon::Rayon;
use flagrace_seq::Seq;
use flagrace_threads::Threads;
use serde::{Deserialize, Serialize};

use crate::system::{most_threads, open_files, start_threads};

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
    /// As async, but computes on tokio's threads for blocking calls
    AsyncSpawnBlocking,
    /// As async, but computes on a rayon pool
    Hybrid,
    /// A server with a thread for each connection
    #[value(skip)]
    CharsThread,
    /// A server with a task for each connection, on a single-threaded runtime
    #[value(skip)]
    CharsTask,
    /// A server with a task for each connection, on a multi-threaded runtime
    #[value(skip)]
    CharsTaskMulti,
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
    /// As async-bare, but without a time limit for requests
    #[value(hide = true)]
    AsyncBareNoTimeout,
    /// As threads-bare; its trial runs with one arena of malloc for all threads
    #[value(hide = true)]
    ThreadsBareOneArena,
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
        let value = serde_json::to_value(self).unwrap_or_default();
        value.as_str().unwrap_or_default().to_owned()
    }

    /// What serves the connections, if it is not an engine but a server, which is compared with
    /// other servers.
    pub(crate) fn model(self) -> Option<flagrace_chars::Model> {
        match self {
            Self::CharsThread => Some(flagrace_chars::Model::Thread),
            Self::CharsTask => Some(flagrace_chars::Model::Task),
            Self::CharsTaskMulti => Some(flagrace_chars::Model::TaskMulti),
            _ => None,
        }
    }

    /// Builds the engine with its client, and its pool or runtime.
    pub fn build(self, setup: &Setup) -> Result<Box<dyn Downloader>, JobError> {
        self.build_for(setup, false, None)
    }

    /// Builds the engine for a trial. An engine of `bare` can warm its workers up before each job,
    /// and send requests in an open loop; others ignore both.
    pub(crate) fn build_for(
        self,
        setup: &Setup,
        warm: bool,
        interval: Option<Duration>,
    ) -> Result<Box<dyn Downloader>, JobError> {
        let mut setup = setup.clone();
        if self == Self::AsyncBareNoTimeout {
            // No timer at all.
            setup.request_timeout = Duration::MAX;
        }
        let setup = &setup;
        self.check_limits(setup.concurrency)?;
        let bare = |model| {
            let bare = Bare::new(model, setup)?;
            Ok::<_, JobError>(Box::new(bare.warm(warm).paced(interval)))
        };
        Ok(match self {
            Self::Seq => Box::new(Seq::new(setup)?),
            Self::Threads => Box::new(Threads::new(setup)?),
            Self::Rayon => Box::new(Rayon::new(setup)?),
            Self::Async => Box::new(Async::new(setup)?),
            Self::AsyncMulti => Box::new(Async::multi_threaded(setup)?),
            Self::AsyncSpawnBlocking => Box::new(Async::spawn_blocking(setup)?),
            Self::Hybrid => Box::new(Async::hybrid(setup)?),
            Self::ThreadsBare | Self::ThreadsBareOneArena => bare(Model::Threads)?,
            Self::AsyncBare | Self::AsyncBareNoTimeout => bare(Model::Tasks)?,
            Self::AsyncMultiBare => bare(Model::TasksOnAllCores)?,
            Self::ThreadPerRequest => bare(Model::ThreadPerRequest)?,
            Self::TaskPerRequest => bare(Model::TaskPerRequest)?,
            _ => return Err(JobError::Client(format!("{} is a server", self.name()))),
        })
    }

    /// Checks before anything starts that the system allows this many requests at a time.
    fn check_limits(self, n: usize) -> Result<(), JobError> {
        let check = |what, needed: usize, allowed: Option<u64>, cure| match allowed {
            Some(most) if needed as u64 >= most => Err(JobError::Limit(n, what, most, cure)),
            _ => Ok(()),
        };
        let mappings = "raise `vm.max_map_count`";
        let threads = |needed| check("threads", needed, most_threads(), mappings);
        // A thousand idle threads use 5 s of processor time for it, four thousand over 120 s.
        let search = "each searches all others for work";
        match self {
            Self::Seq => return Ok(()),
            Self::Rayon => check("threads", n, Some(2_000), search)?,
            Self::Threads | Self::ThreadsBare | Self::ThreadsBareOneArena => threads(n)?,
            Self::ThreadPerRequest => threads(2 * n)?,
            _ => start_threads(2 * saving_threads())?,
        }
        check("open files", n, open_files(), "raise `ulimit -n`")
    }

    /// Whether it is an engine of `bare`: these come last.
    pub(crate) fn is_bare(self) -> bool {
        self >= Self::ThreadsBare
    }

    /// The environment variable with which its trials run.
    pub(crate) fn environment(self) -> Option<(&'static str, &'static str)> {
        // By default glibc has 8 arenas per core, and each thread that allocates uses one.
        (self == Self::ThreadsBareOneArena).then_some(("MALLOC_ARENA_MAX", "1"))
    }
}
