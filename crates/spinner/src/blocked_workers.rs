//! Tasks that block on a runtime of many threads: the freeze hides until no thread is left.
//!
//! Read this beside `blocked_task.rs`: only `run` and `supervisor` differ.

use std::sync::Arc;
use std::thread;

use tokio::runtime::Builder;
use tokio::task::{JoinSet, yield_now};
use tokio::time;

use crate::{Answer, FRAMES, PACE, Stage, Work, prime};

/// Runs the demo on so many worker threads, with so many tasks that block.
pub fn run(stage: &Arc<Stage>, work: Work, workers: usize, blockers: usize) -> Answer {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(workers).enable_all().build()?;
    runtime.block_on(supervisor(stage, work, blockers))
}

/// Starts the spinner, does the work as often as it was asked to, stops the spinner.
async fn supervisor(stage: &Arc<Stage>, work: Work, blockers: usize) -> Answer {
    let turning = Arc::clone(stage);

    stage.begin();
    let spinner = tokio::spawn(async move { spin(&turning).await });
    stage.created(format_args!("Task({})", spinner.id()));
    // The spinner is to be seen before anything blocks.
    while stage.frames() == 0 {
        yield_now().await;
    }

    // One blocker, two workers: the other worker turns the spinner, and all seems well. As
    // many blockers as workers: nobody is left. In a service that is the day on which one
    // more request than usual comes in.
    let blockers: JoinSet<Answer> = (0..blockers).map(|_| slow(work.clone())).collect();
    let answer = blockers
        .join_all()
        .await
        .into_iter()
        .collect::<Result<Vec<_>, _>>();

    stage.answered();
    spinner.abort();
    assert!(spinner.await.is_err_and(|end| end.is_cancelled()));
    stage.stopped();
    answer.map(|mut answers| answers.swap_remove(0))
}

/// The slow function. It never awaits, so it never gives the thread away: the spinner is
/// on the runtime's list all the while, ready, and has no thread to run on.
async fn slow(work: Work) -> Answer {
    match work {
        Work::Sleep(time) => {
            // The mistake: this puts the thread to sleep, and all of its tasks with it.
            thread::sleep(time);
            Ok("42".to_owned())
        }
        Work::Prime(time) => Ok(prime::check_for(time)),
        Work::Call(call) => call.block(),
    }
}

/// Turns the spinner for ever.
async fn spin(stage: &Stage) {
    // Takes the line off the screen when this task is dropped, which is how it ends.
    let line = stage.line();
    for frame in FRAMES.into_iter().cycle() {
        line.show(frame);
        // Gives the thread away, and asks to be woken. It is here that `abort` finds it.
        time::sleep(PACE).await;
    }
}
