//! Comparisons: whole processes, in interleaved rounds.
//!
//! Where a [`Run`](crate::Run) holds criterion's samples of one call, repeated in one
//! process, a [`Comparison`] holds *trials*: in each, a process of its own downloads once.
//! A round runs every engine once, in random order, and the baseline twice, so that engines
//! are compared within a round and the second baseline shows the machine's noise.
//!
//! # Layout
//!
//! - `raw.rs`: what was measured, and nothing that can be computed from it
//! - `file.rs`: the file that keeps it, a line for each trial, as soon as its round is over

mod file;
mod raw;

pub use file::{FILE, Writer, read};
pub use raw::{Comparison, FORMAT, Family, Measured, Percentiles, Scenario, Span, Timeline, Trial};
