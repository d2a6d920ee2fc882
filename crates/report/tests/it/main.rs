//! The tests of this crate, in one program: linking each separately would take longer.
#![allow(clippy::unwrap_used)] // for the helpers of tests, too

mod analysis;
mod data;
mod documents;
mod fuzz;
mod map;
mod page;
mod planted;
mod rule;
mod timeline;
