//! Exercises of docs/LESSONS.md: each fails until it is solved.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use flagrace_spinner::{PACE, Stage, Variant, Work};

/// Change `slow` in `src/blocked_task.rs` so that the spinner turns while it sleeps, without
/// a second thread and without slices.
#[test]
#[ignore = "exercise 1: cargo test -p flagrace-spinner --test exercises -- --ignored"]
fn exercise_1_the_blocked_task_turns() {
    let stage = Arc::new(Stage::plain(std::io::sink()));
    Variant::BlockedTask
        .run(&stage, Work::Sleep(PACE * 5))
        .unwrap();
    let evidence = stage.evidence().unwrap();
    assert!(evidence.frames >= 2, "{evidence:?}");
    assert!(
        evidence.threads == Some(1),
        "a second thread is cheating: {evidence:?}"
    );
}
