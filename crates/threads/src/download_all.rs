//! A shift for each thread, and their outcomes gathered.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel as channel;
use flagrace_core::{Job, Outcome};

use crate::{Pool, Shift};

/// Downloads every flag of a job that began at `start`, on the threads of a pool. `work` is
/// what a thread does in its shift, with what it has to itself.
///
/// # Panics
///
/// If a shift panics: its panic goes on here, when all shifts are over.
pub fn download_all<T: 'static>(
    pool: &Pool<T>,
    job: &Job,
    start: Instant,
    work: impl Fn(&T, &Shift) -> Vec<Outcome> + Send + Sync + 'static,
) -> Vec<Outcome> {
    // The whole list of what is to be done. It is closed at once, so that a thread that
    // finds it empty knows that it will stay so.
    let (to_do, items) = channel::unbounded();
    for &item in &*job.items {
        // Cannot fail: `items`, the other end, is right here.
        let _ = to_do.send(item);
    }
    drop(to_do);

    // One shift for each thread that will have something to do.
    let (results, finished) = channel::unbounded();
    let work = Arc::new(work);
    let job = Arc::new(job.clone());
    for _ in 0..pool.size().min(job.items.len()) {
        let shift = Shift {
            start,
            job: Arc::clone(&job),
            items: items.clone(),
        };
        let (work, results) = (Arc::clone(&work), results.clone());
        pool.assign(move |own| {
            // A panic in a store or an observer belongs to whoever called
            // `download_many`, not to the pool, which has other jobs to do.
            let result = catch_unwind(AssertUnwindSafe(|| work(own, &shift)));
            // Given back before anybody hears that the shift is over: nobody holds on to
            // a job that has ended.
            drop((shift, work));
            // The outcomes travel together: one message, and one waking of the thread that
            // collects them, in place of one for each flag. It waits for all of them.
            let _ = results.send(result);
        });
    }
    // Every shift holds an end of this channel: when the last is over, it closes.
    drop(results);

    let mut outcomes = Vec::with_capacity(job.items.len());
    let mut panicked = None;
    for result in finished {
        match result {
            Ok(of_one_shift) => outcomes.extend(of_one_shift),
            // Not passed on yet: the other threads are still at work on this job.
            Err(payload) => panicked = Some(payload),
        }
    }
    if let Some(payload) = panicked {
        panic::resume_unwind(payload);
    }
    outcomes
}
