//! Mistakes to learn from, each beside its cure.
//!
//! # Layout
//!
//! - `lost_saves/`: a save that is started and never awaited
//!
//! # What it is not
//!
//! These are no engines: a mistake does not meet the contract. The suite finds it, and the
//! tests here show which of its cases do.

pub mod lost_saves;
