//! A spinner turned by a thread and by a task, and what happens when the task blocks.
//!
//! A spinner turns while a slow function works. `thread.rs` and `task.rs` have the same functions
//! in the same order, so the difference is the lesson: `diff src/thread.rs src/task.rs`. The other
//! variants are `task.rs` with another slow function.
//!
//! # Layout
//!
//! - `thread.rs`: a thread turns the spinner
//! - `task.rs`: a task turns the spinner
//! - `blocked_task.rs`: the slow function blocks the thread of both tasks
//! - `spawn_blocking_task.rs`: the first fix moves the blocking call to another thread
//! - `yielding_task.rs`: the second fix yields between slices of work
//! - `blocked_workers.rs`: blocking tasks on a multi-threaded runtime
//! - `starting.rs`: what it takes to start and end threads and tasks
//! - `prime.rs`: slow work that computes
//! - `spinner.rs`: [`Spinner`], which draws the frames, and its [`Measurements`]
//! - `variants.rs`: the [`VARIANTS`], with the line of code in which each differs
//! - `compare.rs`: variants at once, each in a process; `screen.rs` draws them side by side
//! - `main.rs`: four variants at once: `cargo run -p flagrace-spinner`
//!
//! # What it is not
//!
//! It is not a spinner library: indicatif is. indicatif's own `enable_steady_tick` turns a spinner
//! in a hidden thread, and then blocking would show nothing.

pub mod blocked_task;
pub mod blocked_workers;
mod compare;
mod prime;
mod screen;
pub mod spawn_blocking_task;
mod spinner;
pub mod starting;
pub mod task;
pub mod thread;
mod variants;
pub mod yielding_task;

use std::io;
use std::time::Duration;

pub use compare::{compare, report};
pub use screen::{STRIP, strip};
pub use spinner::{Line, Measurements, Spinner};
pub use variants::{VARIANTS, Variant};

/// The time between two frames.
pub const PACE: Duration = Duration::from_millis(100);

/// What the slow function does.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// Sleeps for this long and returns 42.
    Sleep(Duration),
    /// Computes for at least this long.
    Prime(Duration),
}

/// The result of the slow function; an error if the runtime fails.
pub type Answer = io::Result<String>;
