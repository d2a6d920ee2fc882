//! Units that are tasks, all of them on one thread.
//!
//! Read this beside `threads.rs`: the same functions in the same order.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Barrier, mpsc};
use tokio::task::JoinHandle;

use super::Laps;

/// Makes so many tasks that have nothing to do, and awaits them all.
///
/// # Errors
///
/// If there is no runtime to be had.
pub fn create(count: usize) -> io::Result<Duration> {
    runtime()?.block_on(async {
        let start = Instant::now();
        let units: Vec<_> = (0..count).map(|_| tokio::spawn(async {})).collect();
        join(units).await;
        Ok(start.elapsed())
    })
}

/// A ring of so many tasks and the one that calls: a token is handed from each to the next.
/// `measure` is given the watch: it takes the time of so many laps, each of which is one
/// hand-over more than there are units.
///
/// # Errors
///
/// If there is no runtime to be had.
pub fn hand_over<T>(count: usize, measure: impl FnOnce(&mut Laps<'_>) -> T) -> io::Result<T> {
    let runtime = runtime()?;
    let (first, mut receiver) = mpsc::unbounded_channel::<()>();
    let mut units = Vec::with_capacity(count);
    for _ in 0..count {
        let (next, last) = mpsc::unbounded_channel();
        let mut mine = mem::replace(&mut receiver, last);
        // Ends when the unit before it has ended.
        units.push(runtime.spawn(async move {
            while mine.recv().await.is_some_and(|()| next.send(()).is_ok()) {}
        }));
    }
    let mut lap = async || first.send(()).is_ok() && receiver.recv().await.is_some();
    let measured = measure(&mut |laps| runtime.block_on(timed(laps, &mut lap)));
    drop(first);
    runtime.block_on(join(units));
    Ok(measured)
}

/// The same through sockets: a task is woken because its socket can be read.
///
/// # Errors
///
/// If there is no runtime to be had, or the system has no more sockets.
pub fn hand_over_io<T>(count: usize, measure: impl FnOnce(&mut Laps<'_>) -> T) -> io::Result<T> {
    let runtime = runtime()?;
    let _entered = runtime.enter();
    let (mut first, mut receiver) = UnixStream::pair()?;
    let mut units = Vec::with_capacity(count);
    for _ in 0..count {
        let (mut next, last) = UnixStream::pair()?;
        let mut mine = mem::replace(&mut receiver, last);
        units.push(runtime.spawn(async move {
            let mut token = [0];
            while mine.read_exact(&mut token).await.is_ok() && next.write_all(&token).await.is_ok()
            {
            }
        }));
    }
    let mut token = [0];
    let mut lap = async || {
        first.write_all(&token).await.is_ok() && receiver.read_exact(&mut token).await.is_ok()
    };
    let measured = measure(&mut |laps| runtime.block_on(timed(laps, &mut lap)));
    drop(first);
    runtime.block_on(join(units));
    Ok(measured)
}

/// Looks around while so many tasks exist, all of them waiting.
///
/// # Errors
///
/// If there is no runtime to be had.
pub fn keep<T>(count: usize, look: impl FnOnce() -> T) -> io::Result<T> {
    runtime()?.block_on(async {
        let all_are_there = Arc::new(Barrier::new(count + 1));
        let all_may_go = Arc::new(Barrier::new(count + 1));
        let mut units = Vec::with_capacity(count);
        for _ in 0..count {
            let (there, go) = (Arc::clone(&all_are_there), Arc::clone(&all_may_go));
            units.push(tokio::spawn(async move {
                there.wait().await;
                go.wait().await;
            }));
        }
        all_are_there.wait().await;
        let seen = look();
        all_may_go.wait().await;
        join(units).await;
        Ok(seen)
    })
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

async fn join(units: Vec<JoinHandle<()>>) {
    for unit in units {
        // Nothing in a unit panics.
        let _ = unit.await;
    }
}

/// A lap that fails shows as time without end, never as a good one.
async fn timed(laps: u64, mut lap: impl AsyncFnMut() -> bool) -> Duration {
    let start = Instant::now();
    for _ in 0..laps {
        if !lap().await {
            return Duration::MAX;
        }
    }
    start.elapsed()
}
