//! One HTTP client in two models: threads with blocking sockets, and tasks with tokio's sockets.
//!
//! The other engines also differ in their HTTP client; these differ only in the model. The files
//! come in pairs, and the diff of a pair is the lesson:
//!
//! ```text
//! diff crates/bare/src/blocking.rs crates/bare/src/nonblocking.rs
//! diff crates/bare/src/threads.rs crates/bare/src/tasks.rs
//! ```
//!
//! # Layout
//!
//! - `http.rs`: HTTP/1.1 without I/O: builds requests and parses responses
//! - `blocking.rs`, `nonblocking.rs`: a connection, with the standard library and with tokio
//! - `threads.rs`, `tasks.rs`: the workers of a job, as threads and as tasks
//! - this file: [`Bare`], the engine of each [`Model`], what its workers share, and the open loop
//!
//! # What it is not
//!
//! It is not a client for the web: no https, no proxy, no redirects, no compression. A worker has
//! one connection, and makes a new one for another server. A thread cannot be cancelled while it
//! resolves a name or connects.

mod blocking;
mod http;
mod nonblocking;
mod tasks;
mod threads;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use flagrace_core::{
    Attempt, Downloader, Item, Job, JobError, Outcome, Report, Setup, lock, saving_threads,
};
use flume::Sender;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::SetOnce;

/// Downloads with as many workers as the concurrency.
pub struct Bare {
    name: &'static str,
    setup: Setup,
    per_request: bool,
    warm: bool,
    interval: Option<Duration>,
    workers: Workers,
}

/// What a worker is.
#[derive(Clone, Copy, Debug)]
pub enum Model {
    /// A thread.
    Threads,
    /// A thread that starts another for each item.
    ThreadPerRequest,
    /// A task on the calling thread.
    Tasks,
    /// A task on a runtime with one thread per core, as with `#[tokio::main]`.
    TasksOnAllCores,
    /// A task on the calling thread that spawns another for each item.
    TaskPerRequest,
}

enum Workers {
    Threads(Idle<blocking::Connection>),
    Tasks(Idle<nonblocking::Connection>, Runtime),
}

type Idle<C> = Arc<Mutex<Vec<C>>>;

/// A point that all workers pass together: starting and ending them takes time, which is not the
/// job's. Threads wait for `at`, tasks for `opened`.
#[derive(Default)]
struct Gate {
    at: OnceLock<Instant>,
    opened: SetOnce<()>,
}

impl Gate {
    /// The time at the gate: that of the first call.
    fn time(&self) -> Instant {
        *self.at.get_or_init(Instant::now)
    }

    fn open(&self) {
        self.time();
        // Fails if it is open already.
        let _ = self.opened.set(());
    }
}

/// An item whose turn it is, and when it was due in an open loop.
type Turn = (Item, Option<Duration>);

impl Bare {
    /// Builds the engine. Each job starts its own workers.
    pub fn new(model: Model, setup: &Setup) -> Result<Self, JobError> {
        let (name, runtime) = match model {
            Model::Threads => ("threads-bare", None),
            Model::ThreadPerRequest => ("thread-per-request", None),
            Model::Tasks => ("async-bare", Some(Builder::new_current_thread())),
            Model::TasksOnAllCores => ("async-multi-bare", Some(Builder::new_multi_thread())),
            Model::TaskPerRequest => ("task-per-request", Some(Builder::new_current_thread())),
        };
        let workers = if let Some(mut runtime) = runtime {
            runtime.enable_all().max_blocking_threads(saving_threads());
            let runtime = runtime.build().map_err(JobError::Runtime)?;
            Workers::Tasks(Idle::default(), runtime)
        } else {
            Workers::Threads(Idle::default())
        };
        Ok(Self {
            name,
            setup: setup.clone(),
            per_request: matches!(model, Model::ThreadPerRequest | Model::TaskPerRequest),
            warm: false,
            interval: None,
            workers,
        })
    }

    /// Makes each worker connect and send one request before the job starts, which has no outcome: a
    /// new thread is slow at first, as its stack and its part of the heap are not in memory yet.
    pub fn warm(self, warm: bool) -> Self {
        Self { warm, ..self }
    }

    /// Sends requests in an open loop: one is due after each interval, whether or not earlier ones
    /// have been answered. A late request counts from when it was due.
    pub fn paced(self, interval: Option<Duration>) -> Self {
        Self { interval, ..self }
    }
}

impl Downloader for Bare {
    fn name(&self) -> &'static str {
        self.name
    }

    fn concurrency(&self) -> usize {
        self.setup.concurrency
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        match &self.workers {
            Workers::Threads(idle) => {
                let work = Work::new(self, job, idle);
                work.report(threads::download_all(&work))
            }
            Workers::Tasks(idle, runtime) => {
                let work = Work::new(self, job, idle);
                work.report(runtime.block_on(tasks::download_all(&work)))
            }
        }
    }
}

/// A job in progress: what its workers share.
struct Work<C> {
    setup: Setup,
    per_request: bool,
    warm: bool,
    interval: Option<Duration>,
    job: Job,
    /// Opens when all workers run: the job starts.
    start: Gate,
    /// Opens when no worker has an item left: the job ends, and the workers may.
    end: Gate,
    /// The index of the next item.
    next: AtomicUsize,
    /// Set if the system refused to start a thread.
    refused: Mutex<Option<JobError>>,
    idle: Idle<C>,
}

impl<C: Send + 'static> Work<C> {
    fn new(engine: &Bare, job: &Job, idle: &Idle<C>) -> Arc<Self> {
        Arc::new(Self {
            setup: engine.setup.clone(),
            per_request: engine.per_request,
            warm: engine.warm,
            interval: engine.interval,
            job: job.clone(),
            start: Gate::default(),
            end: Gate::default(),
            next: AtomicUsize::new(0),
            refused: Mutex::default(),
            idle: Arc::clone(idle),
        })
    }

    fn workers(&self) -> usize {
        self.setup.concurrency.min(self.job.items.len())
    }

    /// An attempt at the first item that is not observed, for the request before the job starts.
    fn first_attempt(&self) -> Attempt {
        let mut unobserved = self.job.clone();
        unobserved.observer = Arc::new(());
        Attempt::begin(&unobserved, Instant::now(), self.job.items[0])
    }

    /// Lets the workers go, in an open loop with a thread that fills the queue.
    fn start(self: &Arc<Self>, queue: Sender<Turn>) -> Option<JoinHandle<()>> {
        let work = Arc::clone(self);
        let dispatcher = self
            .interval
            .and_then(|interval| self.spawn(move || work.dispatch(interval, &queue)));
        self.start.open();
        dispatcher
    }

    /// Sends each item when it is due. If the job is cancelled, the others follow at once: each
    /// needs an outcome.
    fn dispatch(&self, interval: Duration, queue: &Sender<Turn>) {
        let dispatcher = thread::current();
        let _hook = self.job.cancel.on_cancel(move || dispatcher.unpark());
        let mut due = Duration::ZERO;
        while let Some(item) = self.next() {
            let early = || due.saturating_sub(self.start.time().elapsed());
            while !early().is_zero() && !self.job.cancel.is_cancelled() {
                thread::park_timeout(early());
            }
            let turn = (item, early().is_zero().then_some(due));
            // Fails if every worker has panicked.
            let Ok(()) = queue.send(turn) else { return };
            due = due.saturating_add(interval);
        }
    }

    /// Takes the next item, if one is left.
    fn next(&self) -> Option<Item> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        self.job.items.get(index).copied()
    }

    /// Starts a thread. If the system refuses it, the whole job fails: workers take no more items.
    fn spawn<T: Send + 'static>(
        &self,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> Option<JoinHandle<T>> {
        let thread = thread::Builder::new().name("download".to_owned());
        let refuse = |error| {
            self.next.store(self.job.items.len(), Ordering::Relaxed);
            let wanted = self.workers() * (1 + usize::from(self.per_request));
            *lock(&self.refused) = Some(JobError::Threads(wanted, error));
        };
        thread.spawn(body).map_err(refuse).ok()
    }

    fn report(&self, outcomes: Vec<Outcome>) -> Result<Report, JobError> {
        match lock(&self.refused).take() {
            Some(error) => Err(error),
            None => Ok(Report::new(outcomes, self.end.time() - self.start.time())),
        }
    }
}
