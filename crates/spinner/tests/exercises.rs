//! Exercises of docs/LESSONS.md: each fails until it is solved.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use flagrace_spinner::{PACE, Spinner, Variant, Work};

/// Change `slow` in `src/blocked_task.rs` so that the spinner turns while it sleeps, without
/// a second thread and without slices.
#[test]
#[ignore = "exercise 1: cargo test -p flagrace-spinner --test exercises -- --ignored"]
fn exercise_1_the_blocked_task_turns() {
    let spinner = Arc::new(Spinner::plain(std::io::sink()));
    Variant::BlockedTask
        .run(&spinner, Work::Sleep(PACE * 5))
        .unwrap();
    let measurements = spinner.measurements().unwrap();
    assert!(measurements.frames >= 2, "{measurements:?}");
    assert!(
        measurements.threads == Some(1),
        "a second thread is cheating: {measurements:?}"
    );
}
