//! The tests of this crate, in one program: each of its own would be linked by itself.
#![allow(clippy::unwrap_used)] // helpers of tests, too

mod analysis;
mod data;
mod documents;
mod page;
mod planted;
mod recorded;
mod rule;
mod timeline;
