//! A thread turns the spinner while the main thread works.
//!
//! Read `thread.rs` beside `task.rs`: the same functions in the same order.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use crate::{Answer, FRAMES, PACE, Spinner, Work, prime};

/// Runs the demo on the calling thread.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    supervisor(spinner, work)
}

/// Starts the spinner, does the work, stops the spinner.
fn supervisor(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let turning = Arc::clone(spinner);
    let (stop, stopped) = mpsc::channel();

    // Allocates a stack; the kernel schedules the thread and may preempt it.
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
    answer
}

/// The slow function. It blocks its own thread; the spinner has another.
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
    // Clears the line when dropped, however this function ends.
    let line = spinner.line();
    for frame in FRAMES.into_iter().cycle() {
        line.show(frame);
        // Waits for the next frame. The spinner is stopped here.
        if stopped.recv_timeout(PACE) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
}
