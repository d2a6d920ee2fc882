//! The first fix: the blocking call runs on another thread, and the task awaits it.
//!
//! Only `slow` differs from `blocked_task.rs`.

use std::sync::Arc;

use tokio::{runtime::Builder, task};

use crate::task::supervisor;
use crate::{Answer, Spinner, Work, prime};

/// Runs the demo on the calling thread.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervisor(spinner, slow(work)))
}

/// The slow function. The runtime has a pool of threads for calls that block, as asyncio has
/// with `run_in_executor`. Without the await the result is lost: `flagrace lesson 6`.
async fn slow(work: Work) -> Answer {
    let slow = move || match work {
        Work::Sleep(time) => {
            std::thread::sleep(time);
            "42".to_owned()
        }
        Work::Prime(time) => prime::check_for(time),
    };
    Ok(task::spawn_blocking(slow).await?)
}
