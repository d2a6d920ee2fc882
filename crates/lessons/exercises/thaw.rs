//! Exercise 2 (lesson 2): a task that waits, but leaves its thread to the others.
//!
//! It is `async`, yet while it waits no other task runs. Thaw them, on this one thread.

use std::thread;
use std::time::Duration;

/// Waits for this long, then answers.
pub async fn slow(time: Duration) -> usize {
    // GAP: this blocks the thread of all tasks.
    thread::sleep(time);
    42
}
