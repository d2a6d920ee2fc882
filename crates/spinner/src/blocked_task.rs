//! A task that blocks: the spinner stands still.
//!
//! Read this beside `task.rs`: only `slow` differs. The compiler does not warn.

use std::sync::Arc;

use tokio::{runtime::Builder, task, time};

use crate::{Answer, FRAMES, PACE, Spinner, Work, prime};

/// Runs the demo on the calling thread.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervisor(spinner, work))
}

/// Starts the spinner, does the work, stops the spinner.
async fn supervisor(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let turning = Arc::clone(spinner);

    // Allocates the task and queues it; the runtime runs it at an `await`.
    let handle = task::spawn(async move { spin(&turning).await });
    spinner.created(format_args!("Task({})", handle.id()));
    // The first frame is drawn before anything blocks.
    while spinner.frames() == 0 {
        task::yield_now().await;
    }

    let answer = slow(work).await;

    spinner.answered();
    // A task can be stopped from outside: it is dropped at its `await`.
    handle.abort();
    // Waits until it is gone. The result says how it ended.
    assert!(handle.await.is_err_and(|end| end.is_cancelled()));
    answer
}

/// The slow function. It never awaits, so the spinner's task, though ready, has no thread to
/// run on.
async fn slow(work: Work) -> Answer {
    match work {
        Work::Sleep(time) => {
            // The mistake: this blocks the thread, and all tasks on it.
            std::thread::sleep(time);
            Ok("42".to_owned())
        }
        Work::Prime(time) => Ok(prime::check_for(time)),
    }
}

/// Turns the spinner until it is stopped.
async fn spin(spinner: &Spinner) {
    // Clears the line when dropped, however this function ends.
    let line = spinner.line();
    for frame in FRAMES.into_iter().cycle() {
        line.show(frame);
        // Waits for the next frame. The spinner is stopped here.
        time::sleep(PACE).await;
    }
}
