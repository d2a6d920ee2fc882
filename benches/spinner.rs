//! What does it cost to start and end a thread, and a task? No flags, no server.
//!
//! The tasks share one thread, the threads all cores. `taskset -c 0 cargo bench -- spinner` gives
//! threads one core, too: to wake one on another core takes an interrupt.

use std::thread;
use std::time::{Duration, Instant};

use flagrace_benches::{About, race};
use flagrace_report::data::Run;
use tokio::runtime::{Builder, Runtime};

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    let about = About {
        name: "spinner",
        title: "Starting and ending one thread, and one task",
        axis: "how many there are",
        flags: 0,
        note: "Time for each of them: all are started, do nothing, and are joined or awaited. \
               The tasks share one thread.",
    };
    let runtime = Builder::new_current_thread().build()?;
    race(run, &about, |race| {
        for count in [1, 100, 10_000] {
            race.measure("thread", count, |iterations| {
                (0..iterations).map(|_| threads(count)).sum::<Duration>() / count
            });
            race.measure("task", count, |iterations| {
                let all = (0..iterations).map(|_| tasks(&runtime, count));
                all.sum::<Duration>() / count
            });
        }
    });
    Ok(())
}

fn threads(count: u32) -> Duration {
    let start = Instant::now();
    let threads: Vec<_> = (0..count).map(|_| thread::spawn(|| {})).collect();
    for thread in threads {
        assert!(thread.join().is_ok());
    }
    start.elapsed()
}

fn tasks(runtime: &Runtime, count: u32) -> Duration {
    runtime.block_on(async {
        let start = Instant::now();
        let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(async {})).collect();
        for task in tasks {
            assert!(task.await.is_ok());
        }
        start.elapsed()
    })
}
