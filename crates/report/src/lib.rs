//! From measurements to sentences, tables, charts and pages.
//!
//! A [`Run`](data::Run) holds the measurements of `cargo bench` or `flagrace compare`.
//! [`analyse`](analysis::analyse) computes medians, ratios and verdicts. A document is a list of
//! [`Block`](document::Block)s, and printers only print. Everything is a pure function: a committed
//! table is current if generating it again gives the same bytes.
//!
//! # What it is not
//!
//! It measures nothing, starts nothing, and knows no engine, no HTTP and no command line. Times
//! are in seconds, memory is in bytes.

#![allow(missing_docs)] // of what its name says

pub mod advice;
pub mod analysis;
pub mod chart;
pub mod data;
pub mod document;
pub mod law;
pub mod map;
pub mod metric;
pub mod page;
pub mod print;
pub mod sentence;
pub mod stats;
pub mod tables;
pub mod timeline;

mod format;
mod svg;
