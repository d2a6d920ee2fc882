//! A task turns the spinner while another task works, both on one thread.
//!
//! Read `thread.rs` beside `task.rs`: the same functions in the same order.

use std::sync::Arc;

use tokio::{runtime::Builder, task, time};

use crate::{Answer, Line, PACE, Spinner, Work, prime};

/// Runs the demo on the calling thread.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervisor(spinner, slow(work)))
}

/// Starts the spinner, does the work, stops the spinner.
pub async fn supervisor(spinner: &Arc<Spinner>, slow: impl Future<Output = Answer>) -> Answer {
    let line = spinner.line();

    // Allocates the task and queues it; the runtime runs it at an `await`.
    let handle = task::spawn(spin(line));
    spinner.created(format_args!("Task({})", handle.id()));

    let answer = slow.await;

    spinner.answered();
    // A task can be stopped from outside: it is dropped at its `await`.
    handle.abort();
    // Waits for it to end. The result says how it ended.
    assert!(handle.await.is_err_and(|end| end.is_cancelled()));
    answer
}

/// The slow function. Its thread is free for the spinner only while it awaits.
async fn slow(work: Work) -> Answer {
    match work {
        Work::Sleep(time) => {
            time::sleep(time).await;
            Ok("42".to_owned())
        }
        Work::Prime(time) => Ok(prime::check_for(time)),
    }
}

/// Turns the spinner until it is stopped. Dropping `line` clears it.
async fn spin(line: Line) {
    loop {
        // Waits for the next frame. The task is stopped here.
        time::sleep(PACE).await;
        line.turn();
    }
}
