//! The spinner, as a thread and as a task, and what blocking does to it.
//!
//! The demo of the book: a spinner turns while a slow function works. Each variant is a file
//! with the same four functions in the same order, so that the difference between two files
//! is the lesson: `diff src/thread.rs src/task.rs`.
//!
//! # Layout
//!
//! - `thread.rs`: a thread turns the spinner, is told to stop, and joined
//! - `task.rs`: a task turns the spinner, is aborted where it awaits, and awaited
//! - `blocked_task.rs`: the work blocks inside a task, and the spinner stands still
//! - `spawn_blocking_task.rs`: the first cure: the blocking call on a thread of its own
//! - `yielding_task.rs`: the second cure: work that computes yields now and then
//! - `blocked_workers.rs`: on many threads the freeze hides until all of them are blocked
//! - `variant.rs`: [`Variant`], the demos by name
//! - `work.rs`: [`Work`], what the slow function does; `prime.rs`: the work that computes
//! - `spinner.rs`: [`Spinner`], where the frames are drawn, and its [`Measurements`]
//! - `units/`: what one thread and one task cost: made, awoken, and kept
//!
//! # What it is not
//!
//! It has no spinner to use in other programs: indicatif has one. Its steady tick is a
//! thread that the program does not see, and here the thread is the point: each frame is
//! drawn by the demo's own thread or task.

pub mod blocked_task;
pub mod blocked_workers;
pub mod prime;
pub mod spawn_blocking_task;
mod spinner;
pub mod task;
pub mod thread;
pub mod units;
mod variant;
mod work;
pub mod yielding_task;

use std::time::Duration;

pub use spinner::{Line, Measurements, Spinner};
pub use variant::Variant;
pub use work::{Answer, Failed, Work};

/// What the spinner looks like, frame by frame.
pub const FRAMES: [char; 4] = ['|', '/', '-', '\\'];

/// How long a frame stays.
pub const PACE: Duration = Duration::from_millis(100);
