//! Tasks that block a multi-threaded runtime: the spinner turns while one thread is free.
//!
//! They run `slow` of `blocked_task.rs`.

use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::blocked_task::slow;
use crate::task::supervisor;
use crate::{Answer, Spinner, Work};

/// Runs the demo on `workers` threads, with `blockers` tasks that block; both at least 1.
pub fn run(spinner: &Arc<Spinner>, work: Work, workers: usize, blockers: usize) -> Answer {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(workers).enable_all().build()?;
    runtime.block_on(supervisor(spinner, block(work, blockers)))
}

/// Does the work `n` times at once.
async fn block(work: Work, n: usize) -> Answer {
    // With one blocker on two workers, the other worker turns the spinner. With two blockers
    // no worker is left.
    let all = (0..n).map(|_| slow(work));
    let blockers: JoinSet<Answer> = all.collect();
    blockers.join_all().await.swap_remove(0)
}
