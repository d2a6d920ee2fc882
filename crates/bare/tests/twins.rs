//! The pairs of files differ in as little as possible: their difference is the lesson.

use similar::{ChangeTag, TextDiff};

/// How many lines of the one are not in the other, comments and all: those that `diff` marks
/// with `<` or `>`.
fn changed(left: &str, right: &str) -> usize {
    let diff = TextDiff::from_lines(left, right);
    let changes = diff.iter_all_changes();
    changes.filter(|one| one.tag() != ChangeTag::Equal).count()
}

#[test]
fn a_connection_differs_in_what_waits() {
    let blocking = include_str!("../src/blocking.rs");
    let nonblocking = include_str!("../src/nonblocking.rs");
    let changed = changed(blocking, nonblocking);
    assert!(changed <= 40, "{changed} lines differ");
}

#[test]
fn the_workers_differ_in_how_they_start_wait_and_are_cancelled() {
    let threads = include_str!("../src/threads.rs");
    let tasks = include_str!("../src/tasks.rs");
    let changed = changed(threads, tasks);
    assert!(changed <= 106, "{changed} lines differ");
}
