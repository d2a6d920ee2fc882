//! The course of a download: as a picture, and as a trace.
//!
//! Both are pure functions of a [`Timeline`], and both tell the same story. For each flag
//! there is a time in which it is *queued*, until its turn; then it is *waiting*, until the
//! head of the answer is there; *receiving*, until the body was read; and *saving*, until
//! the store has kept it. In the picture `seq` is a staircase, and flags that are under way
//! at the same time are a wall.
//!
//! # Layout
//!
//! - `course.rs`: what the steps of a flag say, and in which order the flags had their turns
//! - `waterfall.rs`: the picture, and `sheet.rs`: what is around it, and the SVG that it is
//!   written in
//! - `trace.rs`: the trace, in the format that Perfetto and Chrome open
//!
//! # What it is not
//!
//! No statistic: it shows one download, and another one may look different. Its numbers are
//! in a [`Comparison`](crate::comparison::Comparison).

mod course;
mod sheet;
mod trace;
mod waterfall;

pub use trace::{Detail, trace};
pub use waterfall::{Waterfall, waterfall};

#[cfg(doc)]
use crate::comparison::Timeline;
