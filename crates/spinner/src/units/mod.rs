//! What one thread and one task cost: made, awoken, and kept.
//!
//! The two files have the same functions in the same order, as the spinners have. A unit is
//! a thread in the one and a task, on an event loop of one thread, in the other. What
//! is timed is what a function names, without what it takes to prepare it.

pub mod tasks;
pub mod threads;

use std::time::Duration;

/// Takes the time of so many laps.
pub type Laps<'a> = dyn FnMut(u64) -> Duration + 'a;
