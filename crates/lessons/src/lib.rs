//! Mistakes to learn from, each beside its cure.
//!
//! # Layout
//!
//! - `callbacks/`: one download by callbacks and with `await`, and a forgotten call
//! - `event_loop.rs`: [`EventLoop`], what both run on
//! - `lost_saves/`: a save that is started and never awaited
//!
//! # What it is not
//!
//! These are no engines: a mistake does not meet the contract. The suite finds it, and the
//! tests here show which of its cases do.

pub mod callbacks;
mod event_loop;
pub mod lost_saves;

pub use event_loop::EventLoop;
