//! Overhead: what the measuring itself costs, as a share of the fastest thing that is measured.
//!
//! Every engine notes when each step of each flag was done, and tells an observer of both
//! ends. That is in every row of every table. Here it is done by itself, for as many flags,
//! beside a download of them without a delay.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use flagrace_benches::{ASYNC, About, Course, popular, race};
use flagrace_core::{Attempt, Job, Observer, Outcome};
use flagrace_report::Group;
use flagrace_server::Profile;

/// As little as an observer can do that does anything.
#[derive(Default)]
struct Count(AtomicUsize);

impl Observer for Count {
    fn finished(&self, _outcome: &Outcome) {
        self.0.fetch_add(1, Relaxed);
    }
}

pub fn run() -> anyhow::Result<Option<Group>> {
    let about = About {
        name: "overhead",
        title: "The measuring itself: 20 flags, and the notes that are taken of them",
        axis: "server delay, ms",
        flags: 20,
        note: "`async` downloads 20 flags without a delay. `notes` takes the notes of 20 downloads \
               and nothing else; `observed` tells an observer of them too.",
    };
    race(&about, |race| {
        let course = Course::new("0", Profile::default(), 20, popular());
        race.run(ASYNC, &course);

        // No request is made: nobody is at this address.
        let nowhere = "http://127.0.0.1:1/flags"
            .parse()
            .unwrap_or_else(|e| panic!("{e}"));
        let job = Job::new(nowhere, popular());
        race.measure("notes", "0", |iterations| notes(&job, iterations));
        let observer = Arc::new(Count::default());
        let job = Job { observer, ..job };
        race.measure("observed", "0", |iterations| notes(&job, iterations));
    })
}

/// The notes of so many downloads of the job, without the downloads.
fn notes(job: &Job, iterations: u64) -> std::time::Duration {
    let start = Instant::now();
    for _ in 0..iterations {
        for &item in &*job.items {
            let mut attempt = Attempt::begin(job, start, item);
            attempt.head_arrived();
            attempt.image_read(black_box(10_000));
            attempt.saved();
            black_box(attempt.end(Ok(())));
        }
    }
    start.elapsed()
}
