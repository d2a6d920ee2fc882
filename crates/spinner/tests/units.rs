//! The units do what is timed: they are there while they are counted, and a token that is
//! handed over comes back.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use flagrace_spinner::units::{tasks, threads};

fn os_threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

/// A thread is joined a moment before the system has forgotten it.
fn wait_for_threads(count: usize) {
    let start = Instant::now();
    while os_threads() != count {
        assert!(start.elapsed() < Duration::from_secs(20), "{count}");
        thread::yield_now();
    }
}

/// A test of its own in this file, because the threads of others would be counted too.
#[test]
fn units_are_what_they_say() {
    let before = os_threads();
    assert_eq!(threads::keep(50, os_threads).unwrap(), before + 50);
    wait_for_threads(before);
    assert_eq!(tasks::keep(50, os_threads).unwrap(), before);

    for count in [0, 1, 30] {
        for time in [
            threads::create(count),
            tasks::create(count),
            threads::hand_over(count, |laps| laps(20)),
            tasks::hand_over(count, |laps| laps(20)),
            threads::hand_over_io(count, |laps| laps(20)),
            tasks::hand_over_io(count, |laps| laps(20)),
        ] {
            assert!(time.unwrap() < Duration::from_secs(20));
        }
    }
    // All of them have gone again.
    wait_for_threads(before);
}
