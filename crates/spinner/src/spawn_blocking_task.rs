//! The first cure: what blocks goes to a thread of its own, and the task awaits it.
//!
//! Read this beside `blocked_task.rs`: only `slow` differs.

use std::sync::Arc;
use std::thread;

use tokio::{runtime::Builder, task, time};

use crate::{Answer, FRAMES, PACE, Spinner, Work, prime};

/// Runs the demo on the thread that calls.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervisor(spinner, work))
}

/// Starts the spinner, does the work, stops the spinner.
async fn supervisor(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let turning = Arc::clone(spinner);

    spinner.begin();
    // An allocation, and an entry in the runtime's queue, which runs it at an `await`.
    let handle = task::spawn(async move { spin(&turning).await });
    spinner.created(format_args!("Task({})", handle.id()));
    // The first frame is drawn before anything blocks.
    while spinner.frames() == 0 {
        task::yield_now().await;
    }

    let answer = slow(work).await;

    spinner.answered();
    // A task is stopped from outside: it is dropped at its `await`, with all that it owns.
    handle.abort();
    // Waits until it is gone. The result says how it ended.
    assert!(handle.await.is_err_and(|end| end.is_cancelled()));
    spinner.stopped();
    answer
}

/// The slow function. The same calls that block, on a thread that is there to be blocked:
/// asyncio's `run_in_executor`. The await is not optional: see `flagrace lesson lost-saves`.
async fn slow(work: Work) -> Answer {
    let blocking = task::spawn_blocking(move || match work {
        Work::Sleep(time) => {
            thread::sleep(time);
            "42".to_owned()
        }
        Work::Prime(time) => prime::check_for(time),
    });
    Ok(blocking.await?)
}

/// Turns the spinner until it is stopped.
async fn spin(spinner: &Spinner) {
    // Takes the line off the screen when it is dropped, however this function ends.
    let line = spinner.line();
    for frame in FRAMES.into_iter().cycle() {
        line.show(frame);
        // Waits for the next frame. It is here that the spinner is stopped.
        time::sleep(PACE).await;
    }
}
