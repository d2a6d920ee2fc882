//! A thread turns the spinner while the main thread works.
//!
//! Read `thread.rs` beside `task.rs`: the same functions in the same order.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use crate::{Answer, Line, PACE, Spinner, Work, prime};

/// Runs the demo on the calling thread.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    supervisor(spinner, work)
}

/// Starts the spinner, does the work, stops the spinner.
fn supervisor(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let line = spinner.line();
    let (stop, stopped) = mpsc::channel();

    // Allocates a stack; the kernel schedules the thread and may preempt it.
    let handle = thread::spawn(move || spin(line, stopped));
    spinner.created(format_args!("{:?}", handle.thread().id()));

    let answer = slow(work);

    spinner.answered();
    // Threads stop cooperatively: dropping the sender closes the channel.
    drop(stop);
    // Waits for it to end. The result says how it ended.
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

/// Turns the spinner until it is stopped. Dropping `line` clears it.
fn spin(line: Line, stopped: Receiver<()>) {
    // Waits for the next frame, or until the channel is closed.
    while stopped.recv_timeout(PACE) == Err(RecvTimeoutError::Timeout) {
        line.turn();
    }
}
