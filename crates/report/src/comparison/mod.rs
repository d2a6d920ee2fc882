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
//! - `file.rs`: the file that keeps it, a line for each trial
//! - `writer.rs`: writes it as soon as a round is over
//! - `metric.rs`: the numbers that a trial has
//! - `rows.rs`: a scenario as a table, and what is called a tie
//! - `speeds.rs`: whether a row has two speeds, of which a median tells nothing
//! - `scaling.rs`: families as curves, with the ideal
//! - `columns.rs`, `words.rs`: what the tables' columns are, and what is said around them
//! - `export/`: a file per form

pub mod export;

pub(crate) mod columns;
mod file;
mod metric;
mod raw;
mod rows;
mod scaling;
mod speeds;
pub(crate) mod words;
mod writer;

use serde::Serialize;

pub use file::{FILE, read, write};
pub use metric::{Metric, Unit};
pub use raw::{Comparison, FORMAT, Family, Measured, Percentiles, Scenario, Span, Timeline, Trial};
pub use rows::{Drift, FULL, Failure, Kind, Row, Table, Verdict};
pub use scaling::{Curve, Curves, LEAVES, NOT_RUN, Of, PANELS, Point};
pub use speeds::TwoSpeeds;
pub use writer::Writer;

/// The scenarios that are shown first: where only waiting counts, the model alone, what a client
/// costs, and all of it together.
pub const HEADLINES: [&str; 4] = ["delay", "bare", "clients", "local"];

/// What a comparison allows to be said: all that is shown of it is made of this.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// One table for each scenario, in the order of measuring.
    pub tables: Vec<Table>,
    /// One set of curves for each family.
    pub families: Vec<Curves>,
}

/// Computes it. A pure function, without dice.
#[must_use]
pub fn findings(comparison: &Comparison) -> Findings {
    let tables = rows::build(comparison);
    let families = scaling::build(&tables);
    Findings { tables, families }
}
