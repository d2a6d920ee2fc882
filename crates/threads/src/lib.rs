//! A pool of OS threads, fed through a crossbeam channel.
//!
//! Each thread downloads one flag at a time, with the same blocking `download_one` as
//! `seq`. While one thread waits for its answer the system runs another: N threads wait
//! for N answers at once. What it costs is N stacks, and a switch by the kernel whenever
//! another thread takes over.
//!
//! # Layout
//!
//! - this file: [`Threads`], the engine, and what each of its threads does
//!
//! # What it is not
//!
//! It is no executor: there is no stealing and no priority. A thread that is free takes the
//! next flag from the channel, which is all that a list of downloads needs. Of two jobs at
//! once, the second waits until threads are free.

use std::mem;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, unbounded};
use flagrace_core::{Downloader, Item, Job, JobError, Outcome, Report, Setup};
use flagrace_http_blocking::{Client, Session};
use flagrace_seq::download_one;

/// Downloads flags on a pool of OS threads, which live as long as the engine.
pub struct Threads {
    client: Client,
    /// Both ends: a thread may have to take the place of one that panicked.
    pool: (Sender<Work>, Receiver<Work>),
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// One thread's part in a job: flags come through one channel, outcomes go back through the
/// other.
#[derive(Clone)]
struct Work(Arc<Session>, Receiver<Item>, Sender<Done>);

/// The outcomes of one thread; or its number, from 1, if it panicked.
type Done = Result<Vec<Outcome>, usize>;

impl Threads {
    /// Starts as many threads as the setup's concurrency, and builds the client that they
    /// share.
    ///
    /// # Errors
    ///
    /// If the system refuses a thread, or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        // Should a thread be refused, dropping this ends those that were started.
        let engine = Self {
            client: Client::new(setup)?,
            pool: unbounded(),
            threads: Mutex::default(),
        };
        for number in 1..=setup.concurrency {
            let thread = engine.start(number, setup.concurrency)?;
            engine.threads().push(thread);
        }
        Ok(engine)
    }

    fn start(&self, number: usize, wanted: usize) -> Result<JoinHandle<()>, JobError> {
        let pool = self.pool.1.clone();
        let thread = thread::Builder::new().name(format!("download-{number}"));
        let started = thread.spawn(move || run(number, &pool));
        started.map_err(|source| JobError::Thread {
            number,
            wanted,
            source,
        })
    }

    /// Starts a thread in the place of one that panicked, and hands over the panic.
    fn replace(&self, number: usize) -> Result<thread::Result<()>, JobError> {
        // Locked until it is in its place: it may panic at once, in another job.
        let mut threads = self.threads();
        let thread = self.start(number, threads.len())?;
        Ok(mem::replace(&mut threads[number - 1], thread).join())
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Downloader for Threads {
    fn name(&self) -> &'static str {
        "threads"
    }

    fn concurrency(&self) -> usize {
        self.threads().len()
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let session = Arc::new(self.client.session(job, start));
        // No `send` here can fail: the other end is at hand.
        let (to_do, flags) = unbounded();
        for &item in &*job.items {
            let _ = to_do.send(item);
        }
        // Closed at once: a thread that finds it empty knows that it will stay so.
        drop(to_do);

        let (done, results) = unbounded();
        let work = Work(session, flags, done);
        for _ in 0..self.concurrency().min(job.items.len()) {
            let _ = self.pool.0.send(work.clone());
        }
        // What is left is the threads' own: when the last is done, its channel closes.
        drop(work);

        let mut outcomes = Vec::with_capacity(job.items.len());
        let mut panicked = Ok(Ok(()));
        for result in results {
            match result {
                Ok(of_one_thread) => outcomes.extend(of_one_thread),
                // Not passed on yet: the other threads are still at work on this job.
                Err(number) => panicked = self.replace(number),
            }
        }
        panicked?.unwrap_or_else(|panic| resume_unwind(panic));
        Ok(Report::new(outcomes, start.elapsed()))
    }
}

/// What a thread does: it takes flags until there are none, job after job.
fn run(number: usize, pool: &Receiver<Work>) {
    for Work(session, flags, done) in pool {
        let done = TellsOfPanic(number, done);
        let mut outcomes = Vec::new();
        for item in flags {
            outcomes.push(download_one(&session, item));
        }
        // Dropped first, so that no thread holds a job that has ended.
        drop(session);
        // They travel together: one message, and one waking of the thread that collects.
        let _ = done.1.send(Ok(outcomes));
    }
}

/// A panic in a store or an observer ends its thread. This tells `download_many`, which passes
/// the panic on.
struct TellsOfPanic(usize, Sender<Done>);

impl Drop for TellsOfPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.1.send(Err(self.0));
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Another sender in its place closes the channel, and that ends the threads.
        self.pool.0 = unbounded().0;
        for thread in self.threads().drain(..) {
            let _ = thread.join();
        }
    }
}
