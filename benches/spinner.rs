//! What does it cost to start and end a thread, and a task? No flags, no server.
//!
//! The tasks share one thread, the threads all cores. `taskset -c 0 cargo bench -- spinner` gives
//! threads one core, too: to wake one on another core takes an interrupt.

use std::time::Duration;

use flagrace_benches::{About, race};
use flagrace_report::data::Run;
use flagrace_spinner::starting::{tasks, threads};

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    let about = About {
        name: "spinner",
        title: "Starting and ending one thread, and one task",
        axis: "how many there are",
        flags: 0,
        note: "Time for each of them: all are started, do nothing, and are joined or awaited. \
               The tasks share one thread.",
    };
    let tasks = tasks()?;
    race(run, &about, |race| {
        for count in [1, 100, 10_000] {
            race.measure("thread", count, |iterations| {
                (0..iterations).map(|_| threads(count)).sum::<Duration>() / count
            });
            race.measure("task", count, |iterations| {
                (0..iterations).map(|_| tasks(count)).sum::<Duration>() / count
            });
        }
    });
    Ok(())
}
