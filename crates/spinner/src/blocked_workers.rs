//! Tasks that block on a runtime of many threads: the freeze hides until no thread is left.
//!
//! Read this beside `blocked_task.rs`: only `run` and `supervisor` differ.

use std::sync::Arc;
use std::thread;

use tokio::task::JoinSet;
use tokio::{runtime::Builder, task, time};

use crate::{Answer, FRAMES, PACE, Spinner, Work, prime};

/// Runs the demo on so many worker threads, with so many tasks that block.
pub fn run(spinner: &Arc<Spinner>, work: Work, workers: usize, blockers: usize) -> Answer {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(workers).enable_all().build()?;
    runtime.block_on(supervisor(spinner, work, blockers))
}

/// Starts the spinner, does the work as often as it was asked to, stops the spinner.
async fn supervisor(spinner: &Arc<Spinner>, work: Work, blockers: usize) -> Answer {
    let turning = Arc::clone(spinner);

    spinner.begin();
    let handle = task::spawn(async move { spin(&turning).await });
    spinner.created(format_args!("Task({})", handle.id()));
    // The first frame is drawn before anything blocks.
    while spinner.frames() == 0 {
        task::yield_now().await;
    }

    // One blocker, two workers: the other worker turns the spinner, and all seems well. As
    // many blockers as workers: none is left. In a service it takes one more request than
    // usual.
    let blockers: JoinSet<Answer> = (0..blockers).map(|_| slow(work)).collect();
    let answer = blockers
        .join_all()
        .await
        .into_iter()
        .collect::<Result<Vec<_>, _>>();

    spinner.answered();
    handle.abort();
    assert!(handle.await.is_err_and(|end| end.is_cancelled()));
    spinner.stopped();
    answer.map(|mut answers| answers.swap_remove(0))
}

/// The slow function. It never awaits, so it never gives the thread away: the spinner is
/// in the runtime's queue all the while, ready, and has no thread to run on.
async fn slow(work: Work) -> Answer {
    match work {
        Work::Sleep(time) => {
            // The mistake: this puts the thread to sleep, and all of its tasks with it.
            thread::sleep(time);
            Ok("42".to_owned())
        }
        Work::Prime(time) => Ok(prime::check_for(time)),
    }
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
