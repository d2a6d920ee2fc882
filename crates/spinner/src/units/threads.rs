//! Units that are threads.
//!
//! Read this beside `tasks.rs`: the same functions in the same order.

use std::io::{self, Read, Write};
use std::mem;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Barrier, mpsc};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::Laps;

/// Makes so many threads that have nothing to do, and joins them all.
///
/// # Errors
///
/// If the system has no more threads.
pub fn create(count: usize) -> io::Result<Duration> {
    let start = Instant::now();
    let units: Vec<_> = (0..count).map(|_| spawn(|| {})).collect::<Result<_, _>>()?;
    join(units);
    Ok(start.elapsed())
}

/// A ring of so many threads and the one that calls: a token is handed from each to the
/// next. `measure` is given the watch: it takes the time of so many laps, each of which is
/// one hand-over more than there are units.
///
/// # Errors
///
/// If the system has no more threads.
pub fn hand_over<T>(count: usize, measure: impl FnOnce(&mut Laps<'_>) -> T) -> io::Result<T> {
    let (first, mut receiver) = mpsc::channel::<()>();
    let mut units = Vec::with_capacity(count);
    for _ in 0..count {
        let (next, last) = mpsc::channel();
        let mine = mem::replace(&mut receiver, last);
        // Ends when the unit before it has ended.
        units.push(spawn(move || {
            while mine.recv().is_ok_and(|()| next.send(()).is_ok()) {}
        })?);
    }
    let lap = || first.send(()).is_ok() && receiver.recv().is_ok();
    let measured = measure(&mut |laps| timed(laps, lap));
    drop(first);
    join(units);
    Ok(measured)
}

/// The same through sockets: a thread is woken because its socket can be read.
///
/// # Errors
///
/// If the system has no more threads or sockets.
pub fn hand_over_io<T>(count: usize, measure: impl FnOnce(&mut Laps<'_>) -> T) -> io::Result<T> {
    let (mut first, mut receiver) = UnixStream::pair()?;
    let mut units = Vec::with_capacity(count);
    for _ in 0..count {
        let (mut next, last) = UnixStream::pair()?;
        let mut mine = mem::replace(&mut receiver, last);
        units.push(spawn(move || {
            let mut token = [0];
            while mine.read_exact(&mut token).is_ok() && next.write_all(&token).is_ok() {}
        })?);
    }
    let mut token = [0];
    let mut lap = || first.write_all(&token).is_ok() && receiver.read_exact(&mut token).is_ok();
    let measured = measure(&mut |laps| timed(laps, &mut lap));
    drop(first);
    join(units);
    Ok(measured)
}

/// Looks around while so many threads exist, all of them waiting.
///
/// # Errors
///
/// If the system has no more threads.
pub fn keep<T>(count: usize, look: impl FnOnce() -> T) -> io::Result<T> {
    let all_are_there = Arc::new(Barrier::new(count + 1));
    let all_may_go = Arc::new(Barrier::new(count + 1));
    let mut units = Vec::with_capacity(count);
    for _ in 0..count {
        let (there, go) = (Arc::clone(&all_are_there), Arc::clone(&all_may_go));
        units.push(spawn(move || {
            there.wait();
            go.wait();
        })?);
    }
    all_are_there.wait();
    let seen = look();
    all_may_go.wait();
    join(units);
    Ok(seen)
}

fn spawn(run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().spawn(run)
}

fn join(units: Vec<JoinHandle<()>>) {
    for unit in units {
        // Nothing in a unit panics.
        let _ = unit.join();
    }
}

/// A lap that fails shows as time without end, never as a good one.
fn timed(laps: u64, mut lap: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    let is_whole = (0..laps).all(|_| lap());
    if is_whole {
        start.elapsed()
    } else {
        Duration::MAX
    }
}
