//! What does the measuring itself cost?
//!
//! Every engine notes when each step of each flag was done, and calls an observer. Here that is
//! done for 20 flags without a download: the group `latency` has their download.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use flagrace_benches::{About, Measured, race};
use flagrace_core::{Attempt, Job, Observer, Outcome};
use flagrace_measure::scenario;

/// The smallest observer that does anything.
#[derive(Default)]
struct Count(AtomicUsize);

impl Observer for Count {
    fn finished(&self, _outcome: &Outcome) {
        self.0.fetch_add(1, Relaxed);
    }
}

pub fn run() -> anyhow::Result<Measured> {
    let about = About {
        name: "overhead",
        title: "Notes of the timing of 20 flags, without the download",
        axis: "flags",
        flags: 20,
        note: "An observer is called for each flag, too.",
    };
    let job = Job {
        observer: Arc::new(Count::default()),
        // No request is made.
        ..Job::new("http://127.0.0.1:1/flags".parse()?, scenario::flags(20))
    };
    Ok(race(&about, |race| {
        race.measure("notes", 20, |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                for &item in &*job.items {
                    let mut attempt = Attempt::begin(&job, start, item);
                    attempt.head_arrived();
                    attempt.image_read(black_box(10_000));
                    attempt.saved();
                    black_box(attempt.end(Ok(())));
                }
            }
            start.elapsed()
        });
    }))
}
