//! How long it takes to start and end threads, and tasks that share one thread.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;

/// Starts `count` threads, then joins them.
pub fn threads(count: u32) -> Duration {
    let start = Instant::now();
    let threads: Vec<_> = (0..count).map(|_| thread::spawn(|| {})).collect();
    for thread in threads {
        assert!(thread.join().is_ok());
    }
    start.elapsed()
}

/// Builds a runtime. The function starts `count` tasks on it, then awaits them.
pub fn tasks() -> io::Result<impl Fn(u32) -> Duration> {
    let runtime = Builder::new_current_thread().build()?;
    let start_and_end = async |count| {
        let start = Instant::now();
        let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(async {})).collect();
        for task in tasks {
            assert!(task.await.is_ok());
        }
        start.elapsed()
    };
    Ok(move |count| runtime.block_on(start_and_end(count)))
}
