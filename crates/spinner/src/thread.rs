//! A thread turns the spinner while the main thread works.
//!
//! Read `thread.rs` beside `task.rs`: the same functions in the same order.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use crate::{Answer, FRAMES, PACE, Spinner, Work, prime};

/// Runs the demo on the thread that calls.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    supervisor(spinner, work)
}

/// Starts the spinner, does the work, stops the spinner.
fn supervisor(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let turning = Arc::clone(spinner);
    let (stop, stopped) = mpsc::channel();

    spinner.begin();
    // A stack, and an entry in the kernel's scheduler, which switches when it likes.
    let handle = thread::spawn(move || spin(&turning, &stopped));
    spinner.created(format_args!("{:?}", handle.thread().id()));
    // The first frame is drawn before anything blocks.
    while spinner.frames() == 0 {
        thread::yield_now();
    }

    let answer = slow(work);

    spinner.answered();
    // Threads stop cooperatively: dropping the sender closes the channel.
    drop(stop);
    // Waits until it is gone. The result says how it ended.
    assert!(handle.join().is_ok());
    spinner.stopped();
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
    }
}

/// Turns the spinner until it is stopped.
fn spin(spinner: &Spinner, stopped: &Receiver<()>) {
    // Takes the line off the screen when it is dropped, however this function ends.
    let line = spinner.line();
    for frame in FRAMES.into_iter().cycle() {
        line.show(frame);
        // Waits for the next frame. It is here that the spinner is stopped.
        if stopped.recv_timeout(PACE) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
}
