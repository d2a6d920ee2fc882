//! Tasks that block a multi-threaded runtime: the spinner turns while one thread is free.
//!
//! They run `slow` of `blocked_task.rs`.

use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::blocked_task::slow;
use crate::task::supervisor;
use crate::{Answer, Spinner, Work};

/// One task blocks, and the other worker turns the spinner.
pub fn one_of_two(spinner: &Arc<Spinner>, work: Work) -> Answer {
    run(spinner, work, 1)
}

/// Two tasks block, and no worker is left.
pub fn two_of_two(spinner: &Arc<Spinner>, work: Work) -> Answer {
    run(spinner, work, 2)
}

/// Does the work `n` times at once, on two worker threads.
fn run(spinner: &Arc<Spinner>, work: Work, n: usize) -> Answer {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build()?;
    runtime.block_on(supervisor(spinner, async {
        let all = (0..n).map(|_| slow(work));
        let blockers: JoinSet<Answer> = all.collect();
        blockers.join_all().await.swap_remove(0)
    }))
}
