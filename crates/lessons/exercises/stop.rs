//! Exercise 1 (lesson 1): stop a task, and wait for its end.
//!
//! `abort` only asks: the task is dropped later, when the event loop comes to it. Until then it can
//! still draw over what your program prints.

use tokio::task::JoinHandle;

/// Stops the task. When this returns, the task has ended, and all that it owned is dropped.
pub async fn stop(task: JoinHandle<()>) {
    task.abort();
    // GAP: the task has not ended yet.
}
