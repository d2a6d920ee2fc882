//! The threads of the pool, which live as long as the engine.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crossbeam_channel::{self as channel, Receiver, Sender};
use flagrace_core::{Attempt, CountryCode, Job, JobError, Outcome};
use flagrace_seq::{Session, download_one};

/// One thread's part in one job: take flags until there are none.
pub(crate) struct Shift {
    pub(crate) lane: usize,
    pub(crate) start: Instant,
    pub(crate) job: Arc<Job>,
    pub(crate) session: Session,
    pub(crate) codes: Receiver<CountryCode>,
    pub(crate) results: Sender<ShiftResult>,
}

/// What a shift came to, or the panic that ended it.
pub(crate) type ShiftResult = Result<Vec<Outcome>, Box<dyn Any + Send>>;

impl Shift {
    fn work(&self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for code in &self.codes {
            outcomes.push(if self.job.cancel.is_cancelled() {
                Attempt::never_begun(&self.job, self.start, code)
            } else {
                let attempt = Attempt::begin(&self.job, self.start, code, self.lane);
                download_one(&self.session, &self.job, attempt)
            });
        }
        outcomes
    }
}

/// OS threads that wait for shifts.
pub(crate) struct Pool {
    /// `None` only while the pool is being dropped.
    shifts: Option<Sender<Shift>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts this many threads.
    pub(crate) fn start(size: usize) -> Result<Self, JobError> {
        let (sender, shifts) = channel::unbounded::<Shift>();
        // Should a thread be refused, dropping this pool ends those that were started.
        let mut pool = Self {
            shifts: Some(sender),
            threads: Vec::with_capacity(size),
        };
        for number in 1..=size {
            let shifts = shifts.clone();
            let thread = thread::Builder::new()
                .name(format!("download-{number}"))
                .spawn(move || shifts.iter().for_each(run))
                .map_err(|source| JobError::Thread {
                    number,
                    wanted: size,
                    source,
                })?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// How many threads there are.
    pub(crate) fn size(&self) -> usize {
        self.threads.len()
    }

    /// Hands a shift to the next thread that is free.
    pub(crate) fn assign(&self, shift: Shift) {
        if let Some(shifts) = &self.shifts {
            // Cannot fail: the threads hold the other end until this one is dropped.
            let _ = shifts.send(shift);
        }
    }
}

/// Works one shift. The results travel together at its end: one message, and one waking of
/// the thread that collects them, in place of one for each flag.
fn run(shift: Shift) {
    // A panic in a store or an observer belongs to whoever called `download_many`, not to
    // the pool, which has other jobs to do. Nothing of the shift is used afterwards.
    let result = catch_unwind(AssertUnwindSafe(|| shift.work()));
    // The caller may have panicked over another shift's result and be gone.
    let _ = shift.results.send(result);
}

impl Drop for Pool {
    fn drop(&mut self) {
        // A closed channel is how the threads learn that there will be no further shift.
        self.shifts = None;
        for thread in self.threads.drain(..) {
            // `run` lets no panic out, so there is none to pass on.
            let _ = thread.join();
        }
    }
}
