//! The first cure: what blocks goes to a thread of its own, and the task awaits it.
//!
//! Read this beside `blocked_task.rs`: only `slow` differs.

use std::panic;
use std::sync::Arc;
use std::thread;

use tokio::runtime::Builder;
use tokio::task::spawn_blocking;
use tokio::time;

use crate::{Answer, FRAMES, PACE, Stage, Work, prime};

/// Runs the demo on an event loop of one thread, the one that calls.
pub fn run(stage: &Arc<Stage>, work: Work) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervisor(stage, work))
}

/// Starts the spinner, does the work, stops the spinner.
async fn supervisor(stage: &Arc<Stage>, work: Work) -> Answer {
    let turning = Arc::clone(stage);

    stage.begin();
    // The runtime puts the task on its list: an allocation, and the kernel knows nothing
    // of it. It does not run yet. It runs when this function gives the thread away, which
    // it does where it says `await`.
    let spinner = tokio::spawn(async move { spin(&turning).await });
    stage.created(format_args!("Task({})", spinner.id()));

    let answer = slow(work).await;

    stage.answered();
    // A task can be stopped from outside, because it is known where it stands: at an
    // `await`. It is not resumed there but dropped, with all that it owns.
    spinner.abort();
    // `abort` only asks. `await` waits until the task is gone, and says that it was
    // cancelled, or hands over its panic if it had one.
    if let Some(panicked) = spinner.await.err().and_then(|e| e.try_into_panic().ok()) {
        panic::resume_unwind(panicked);
    }
    stage.stopped();
    answer
}

/// The slow function. The same calls that block, on a thread that is there to be blocked:
/// asyncio's `run_in_executor`. The await is not optional: see `flagrace lesson lost-saves`.
async fn slow(work: Work) -> Answer {
    let blocking = spawn_blocking(move || match work {
        Work::Sleep(time) => {
            thread::sleep(time);
            Ok("42".to_owned())
        }
        Work::Prime(time) => Ok(prime::check_for(time)),
        Work::Call(call) => call.block(),
    });
    blocking.await?
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
