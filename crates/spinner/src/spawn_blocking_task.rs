//! The first fix: the blocking call runs on another thread, and the task awaits it.
//!
//! Read this beside `blocked_task.rs`: only `slow` differs.

use std::sync::Arc;

use tokio::{runtime::Builder, task, time};

use crate::{Answer, Line, PACE, Spinner, Work, prime};

/// Runs the demo on the calling thread.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervisor(spinner, work))
}

/// Starts the spinner, does the work, stops the spinner.
async fn supervisor(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let line = spinner.line();

    // Allocates the task and queues it; the runtime runs it at an `await`.
    let handle = task::spawn(spin(line));
    spinner.created(format_args!("Task({})", handle.id()));

    let answer = slow(work).await;

    spinner.answered();
    // A task can be stopped from outside: it is dropped at its `await`.
    handle.abort();
    // Waits for it to end. The result says how it ended.
    assert!(handle.await.is_err_and(|end| end.is_cancelled()));
    answer
}

/// The slow function. The runtime has a pool of threads for calls that block, as asyncio has
/// with `run_in_executor`. Without the await the result is lost: `flagrace lesson lost-saves`.
async fn slow(work: Work) -> Answer {
    let blocking = task::spawn_blocking(move || match work {
        Work::Sleep(time) => {
            std::thread::sleep(time);
            "42".to_owned()
        }
        Work::Prime(time) => prime::check_for(time),
    });
    Ok(blocking.await?)
}

/// Turns the spinner until it is stopped. Dropping `line` clears it.
async fn spin(line: Line) {
    loop {
        // Waits for the next frame. The task is stopped here.
        time::sleep(PACE).await;
        line.turn();
    }
}
