//! The second fix: the work yields between two slices.
//!
//! Only `slow` differs from `blocked_task.rs`.

use std::sync::Arc;
use std::time::Instant;

use tokio::{runtime::Builder, task};

use crate::task::supervisor;
use crate::{Answer, PACE, Spinner, Work, prime};

/// Runs the demo on the calling thread.
pub fn run(spinner: &Arc<Spinner>, work: Work) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervisor(spinner, slow(work)))
}

/// The slow function, cut into slices. Other tasks run between two slices, as with asyncio's
/// `sleep(0)`. The longer a slice, the longer they wait.
async fn slow(work: Work) -> Answer {
    match work {
        Work::Sleep(time) => {
            let end = Instant::now() + time;
            while let Some(left) = end.checked_duration_since(Instant::now()) {
                std::thread::sleep(left.min(PACE / 10));
                task::yield_now().await;
            }
            Ok("42".to_owned())
        }
        Work::Prime(time) => {
            let mut slice = prime::slices(time);
            loop {
                if let Some(answer) = slice() {
                    return Ok(answer);
                }
                task::yield_now().await;
            }
        }
    }
}
