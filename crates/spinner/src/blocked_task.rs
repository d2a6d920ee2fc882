//! A task that blocks: the spinner stands still.
//!
//! Only `slow` differs from `task.rs`. The compiler does not warn.

use std::sync::Arc;

use tokio::runtime::Builder;

use crate::task::supervisor;
use crate::{Answer, Spinner, Work, prime};

/// Runs the demo on the calling thread.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervisor(spinner, slow(work)))
}

/// The slow function. It never awaits, so the spinner's task, though ready, cannot run.
pub(crate) async fn slow(work: Work) -> Answer {
    match work {
        Work::Sleep(time) => {
            // The mistake: this blocks the thread, and all tasks on it.
            std::thread::sleep(time);
            Ok("42".to_owned())
        }
        Work::Prime(time) => Ok(prime::check_for(time)),
    }
}
