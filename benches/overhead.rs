//! What does the measuring itself cost?
//!
//! Every engine records when each step of each flag was done, and calls an observer. This does the
//! same for 20 flags without a download, which the group `latency` measures.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use flagrace_benches::{About, race};
use flagrace_core::{Attempt, Job, Observer, Outcome};
use flagrace_measure::scenario;
use flagrace_report::data::Run;

/// The smallest observer that does something.
#[derive(Default)]
struct Count(AtomicUsize);

impl Observer for Count {
    fn finished(&self, _outcome: &Outcome) {
        self.0.fetch_add(1, Relaxed);
    }
}

pub fn run(run: &mut Run) -> anyhow::Result<()> {
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
    race(run, &about, |race| {
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
    });
    Ok(())
}
