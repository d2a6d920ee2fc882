//! A thread turns the spinner while the main thread works.
//!
//! Read this beside `task.rs`: the same functions in the same order.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use crate::{Answer, FRAMES, PACE, Stage, Work, prime};

/// Runs the demo on the thread that calls.
pub fn run(stage: &Arc<Stage>, work: Work) -> Answer {
    supervisor(stage, work)
}

/// Starts the spinner, does the work, stops the spinner.
fn supervisor(stage: &Arc<Stage>, work: Work) -> Answer {
    let turning = Arc::clone(stage);
    let (stop, stopped) = mpsc::channel();

    stage.begin();
    // The system makes a thread: a stack, an entry in the scheduler. From here on the two
    // run side by side, and the system switches between them when it likes.
    let spinner = thread::spawn(move || spin(&turning, &stopped));
    stage.created(format_args!("{:?}", spinner.thread().id()));
    // The spinner is to be seen before anything blocks.
    while stage.frames() == 0 {
        thread::yield_now();
    }

    let answer = slow(work);

    stage.answered();
    // Threads stop cooperatively: dropping the sender closes the channel.
    drop(stop);
    // `join` waits until the thread is gone, and says whether it panicked.
    assert!(spinner.join().is_ok());
    stage.stopped();
    answer
}

/// The slow function. It blocks its thread, which costs the other thread nothing.
fn slow(work: Work) -> Answer {
    match work {
        Work::Sleep(time) => {
            thread::sleep(time);
            Ok("42".to_owned())
        }
        Work::Prime(time) => Ok(prime::check_for(time)),
        Work::Call(call) => call.block(),
    }
}

/// Turns the spinner until it is told to stop.
fn spin(stage: &Stage, stopped: &Receiver<()>) {
    // Takes the line off the screen when this function ends, in whatever way.
    let line = stage.line();
    for frame in FRAMES.into_iter().cycle() {
        line.show(frame);
        // Waits for the next frame and for the end at once: a thread that slept would see
        // the end only after its sleep.
        match stopped.recv_timeout(PACE) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
}
