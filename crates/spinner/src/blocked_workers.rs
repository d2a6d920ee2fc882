//! Tasks that block a multi-threaded runtime: the spinner turns while one thread is free.
//!
//! Read this beside `blocked_task.rs`: only `run` and `supervisor` differ.

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::{runtime::Builder, task, time};

use crate::{Answer, Line, PACE, Spinner, Work, prime};

/// Runs the demo on `workers` threads, with `blockers` tasks that block; both at least 1.
pub fn run(spinner: &Arc<Spinner>, work: Work, workers: usize, blockers: usize) -> Answer {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(workers).enable_all().build()?;
    runtime.block_on(supervisor(spinner, work, blockers))
}

/// Starts the spinner, does the work `blockers` times at once, stops the spinner.
async fn supervisor(spinner: &Arc<Spinner>, work: Work, blockers: usize) -> Answer {
    let line = spinner.line();

    // Allocates the task and queues it; the runtime runs it at an `await`.
    let handle = task::spawn(spin(line));
    spinner.created(format_args!("Task({})", handle.id()));

    // With one blocker on two workers, the other worker turns the spinner. With two blockers
    // no worker is left.
    let blockers: JoinSet<Answer> = (0..blockers).map(|_| slow(work)).collect();
    let mut answers = blockers.join_all().await;

    spinner.answered();
    // A task can be stopped from outside: it is dropped at its `await`.
    handle.abort();
    // Waits for it to end. The result says how it ended.
    assert!(handle.await.is_err_and(|end| end.is_cancelled()));
    answers.swap_remove(0)
}

/// The slow function. It never awaits, so the spinner's task, though ready, cannot run.
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

/// Turns the spinner until it is stopped. Dropping `line` clears it.
async fn spin(line: Line) {
    loop {
        // Waits for the next frame. The task is stopped here.
        time::sleep(PACE).await;
        line.turn();
    }
}
