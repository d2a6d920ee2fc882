//! The tests of this crate, in one program: each of its own would be linked by itself.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, too

mod analysis;
mod common;
mod compare_file;
mod criterion;
mod data;
mod documents;
mod golden;
mod guard;
mod page;
mod planted;
mod recorded;
mod recording;
mod rule;
mod table;
mod timeline;
mod verdicts;
