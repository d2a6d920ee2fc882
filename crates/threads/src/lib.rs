//! A pool of OS threads, fed through a crossbeam channel.
//!
//! Each thread downloads one flag at a time, with the blocking `download_one` of `seq`. While one
//! thread waits for its response, the system runs another: N threads wait for N responses. The cost
//! is N stacks, and a context switch whenever another thread takes over.
//!
//! # What it is not
//!
//! It is not an executor: it has no stealing and no priorities. A free thread takes the next flag
//! from the channel. With two jobs at once, the second waits for free threads.

use std::mem;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, unbounded};
use flagrace_core::{Downloader, Item, Job, JobError, Outcome, Report, Setup, lock};
use flagrace_http_blocking::{Client, Session};
use flagrace_seq::download_one;

/// Downloads flags on a pool of OS threads, which live as long as the engine.
pub struct Threads {
    client: Client,
    /// Both ends, because a new thread replaces one that panicked.
    pool: (Sender<Work>, Receiver<Work>),
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// A thread's share of a job: the session, the channel of flags, and the channel of outcomes.
#[derive(Clone)]
struct Work(Arc<Session>, Receiver<Item>, Sender<Done>);

/// The outcomes of one thread; or its number, from 1, if it panicked.
type Done = Result<Vec<Outcome>, usize>;

impl Threads {
    /// Starts one thread per request in flight; all share one client.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        // If a thread fails to start, dropping the engine ends the others.
        let engine = Self {
            client: Client::new(setup)?,
            pool: unbounded(),
            threads: Mutex::default(),
        };
        for number in 1..=setup.concurrency {
            let thread = engine.start(number, setup.concurrency)?;
            lock(&engine.threads).push(thread);
        }
        Ok(engine)
    }

    fn start(&self, number: usize, wanted: usize) -> Result<JoinHandle<()>, JobError> {
        let pool = self.pool.1.clone();
        let thread = thread::Builder::new().name(format!("download-{number}"));
        let started = thread.spawn(move || run(number, &pool));
        started.map_err(|error| JobError::Threads(wanted, error))
    }

    /// Replaces a thread that panicked, and returns its panic.
    fn replace(&self, number: usize) -> Result<thread::Result<()>, JobError> {
        // Locked until the new thread is stored: it may panic at once, in another job.
        let mut threads = lock(&self.threads);
        let thread = self.start(number, threads.len())?;
        Ok(mem::replace(&mut threads[number - 1], thread).join())
    }
}

impl Downloader for Threads {
    fn name(&self) -> &'static str {
        "threads"
    }

    fn concurrency(&self) -> usize {
        lock(&self.threads).len()
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = Arc::new(self.client.session(job, start));
        // No `send` here can fail: the receivers live as long as this function.
        let (to_do, flags) = unbounded();
        for &item in &*job.items {
            let _ = to_do.send(item);
        }
        // Closes the channel: a thread that finds it empty has finished this job.
        drop(to_do);

        let (done, results) = unbounded();
        let work = Work(session, flags, done);
        for _ in 0..self.concurrency().min(job.items.len()) {
            let _ = self.pool.0.send(work.clone());
        }
        // The threads now own the only senders: when the last is dropped, `results` ends.
        drop(work);

        let mut outcomes = Vec::with_capacity(job.items.len());
        let mut panicked = Ok(Ok(()));
        for result in results {
            match result {
                Ok(of_one_thread) => outcomes.extend(of_one_thread),
                // Propagate it later: the other threads still work on this job.
                Err(number) => panicked = self.replace(number),
            }
        }
        panicked?.unwrap_or_else(|panic| resume_unwind(panic));
        Ok(Report::new(outcomes, start.elapsed()))
    }
}

/// The loop of a thread: for each job, takes flags until none is left.
fn run(number: usize, pool: &Receiver<Work>) {
    for Work(session, flags, done) in pool {
        let done = PanicGuard(number, done);
        let mut outcomes = Vec::new();
        for item in flags {
            outcomes.push(download_one(&session, item));
        }
        // Dropped first, so that no thread keeps a finished job alive.
        drop(session);
        // One message for all, so that the collecting thread wakes up once.
        let _ = done.1.send(Ok(outcomes));
    }
}

/// Reports the thread's number if a store or an observer panics, so that `download_many` can
/// propagate the panic.
struct PanicGuard(usize, Sender<Done>);

impl Drop for PanicGuard {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.1.send(Err(self.0));
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Dropping the sender closes the channel, and the threads end.
        self.pool.0 = unbounded().0;
        for thread in lock(&self.threads).drain(..) {
            let _ = thread.join();
        }
    }
}
