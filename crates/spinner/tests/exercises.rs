//! Exercise 1 of docs/LESSONS.md. It fails until it is solved.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::sync::Arc;

use flagrace_spinner::{PACE, Spinner, Work, blocked_task};
use indicatif::ProgressDrawTarget;

/// Change one line of `slow` in `src/blocked_task.rs` so that the spinner turns while it
/// sleeps, on one thread and without slices. In `demo.rs`, what shows the mistake then fails,
/// as it should.
#[test]
#[ignore = "exercise 1: cargo test -p flagrace-spinner --test exercises -- --ignored"]
fn exercise_1_the_blocked_task_turns() {
    let threads = || Some(fs::read_dir("/proc/self/task").ok()?.count() as u64);
    let before = threads();
    let spinner = Spinner::new(ProgressDrawTarget::hidden(), threads);
    let spinner = Arc::new(spinner);
    blocked_task::run(&spinner, Work::Sleep(PACE * 5)).unwrap();
    let seen = spinner.measurements().unwrap();
    assert!(seen.frames >= 2, "the spinner stood still: {seen}");
    assert_eq!(seen.threads, before, "a second thread is cheating");
}
