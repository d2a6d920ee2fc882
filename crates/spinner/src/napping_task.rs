//! The second cure, for work that computes: it gives the thread away every now and then.
//!
//! Read this beside `blocked_task.rs`: only `slow` differs.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use tokio::runtime::Builder;
use tokio::task::yield_now;
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
    // of it. It runs when this function gives the thread away, where it says `await`.
    let spinner = tokio::spawn(async move { spin(&turning).await });
    stage.created(format_args!("Task({})", spinner.id()));
    // The spinner is to be seen before anything blocks.
    while stage.frames() == 0 {
        yield_now().await;
    }

    let answer = slow(work).await;

    stage.answered();
    // A task is stopped from outside: it is dropped at its `await`, with all that it owns.
    spinner.abort();
    // `await` waits until the task is gone, and says whether it was cancelled.
    assert!(spinner.await.is_err_and(|end| end.is_cancelled()));
    stage.stopped();
    answer
}

/// The slow function, cut into slices. Between two of them the others have their turn:
/// asyncio's `sleep(0)`. The longer a slice, the longer everybody else waits.
async fn slow(work: Work) -> Answer {
    match work {
        Work::Sleep(time) => {
            let end = Instant::now() + time;
            while let Some(left) = end.checked_duration_since(Instant::now()) {
                thread::sleep(left.min(PACE / 10));
                yield_now().await;
            }
            Ok("42".to_owned())
        }
        Work::Prime(time) => {
            let mut check = prime::Check::new(time);
            loop {
                if let Some(answer) = check.slice() {
                    break Ok(answer);
                }
                yield_now().await;
            }
        }
        // It is somebody else's code: there is no place in it to yield at.
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
