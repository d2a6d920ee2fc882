//! Raw results to tables, plots, timelines, pages and recorded runs.
//!
//! There are two kinds of raw results: a [`Run`] has the samples of `cargo bench`, a
//! [`comparison`] the trials of `flagrace compare`. Everything else is a pure function of them, so
//! whether a committed table is stale is answered by making it again: see [`stale`].
//!
//! # Layout
//!
//! - [`criterion`]: reads what criterion left on disk; [`run`]: the format of those samples
//! - [`table`], [`export`]: its groups as tables, for a file and for a terminal
//! - [`comparison`]: trials, what they allow to be said, and their forms
//! - [`stats`]: a median and its interval
//! - [`chart`], [`timeline`], `svg`: pictures; [`page`]: the page
//! - [`folder`], [`record`], [`stale`]: results on disk, recorded runs, the README's section
//!
//! # What it is not
//!
//! It measures nothing, starts nothing, and knows no engine, no HTTP and no command line. Times in
//! it are in seconds, memory is in bytes.

pub mod analysis;
pub mod chart;
pub mod comparison;
pub mod criterion;
pub mod data;
pub mod document;
pub mod error;
pub mod export;
pub mod folder;
pub mod html;
pub mod metric;
pub mod page;
pub mod print;
pub mod record;
pub mod run;
pub mod sentence;
pub mod stale;
pub mod stats;
pub mod table;
pub mod tables;
pub mod timeline;

mod format;
mod old_page;
mod old_svg;
mod plot;
mod quantity;
mod svg;

pub use error::Error;
pub use quantity::Quantity;
pub use run::{Cell, Group, Meta, Run};
