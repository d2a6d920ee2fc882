//! A group as a table: scenarios down, engines across, each cell with its median,
//! its interval, and its ratio to the baseline.
//!
//! The convention, which every exporter prints:
//!
//! - **ratio**: the cell's median over the baseline's in the same row. Below 1 is
//!   faster, above 1 is slower; of memory, below 1 is less. The baseline is the one
//!   that the group names, else `seq`, or the first column where `seq` was not
//!   measured. To a baseline of 0 there is no ratio.
//!
//! There is no verdict: criterion measures all of one engine and then all of another, so that
//! a drift of the machine is in the ratio. Verdicts come from interleaved rounds alone, those
//! of [`comparison`](crate::comparison).

use std::cmp::Ordering;

use crate::quantity::Quantity;
use crate::run::Group;
use crate::stats::{self, Summary};

/// The engines whose columns come first, in this order. The others follow by name.
const FIRST: [&str; 6] = ["seq", "threads", "rayon", "async", "thread", "task"];

/// The engine that others are compared with wherever it was measured and the group
/// names no other.
const BASELINE: &str = "seq";

/// A group, summarised and compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What the summaries are amounts of.
    pub quantity: Quantity,
    /// The columns.
    pub engines: Vec<String>,
    /// The engine that the ratios are to; `None` in a table without columns.
    pub baseline: Option<String>,
    /// The rows, by the number of their scenario; those without one come last, in
    /// the order of measuring.
    pub rows: Vec<Row>,
}

/// One scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The scenario's label.
    pub scenario: String,
    /// The label as a number, where it is one.
    pub x: Option<f64>,
    /// One cell an engine, in the order of the columns; `None` where that engine
    /// was not measured in this scenario.
    pub cells: Vec<Option<Entry>>,
}

/// One engine in one scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Its samples in short, in their unit: see [`Table::quantity`].
    pub summary: Summary,
    /// Its median over the baseline's: below 1 is faster, or less.
    pub ratio: Option<f64>,
}

impl Table {
    /// Each measured cell with its row and its engine, row by row.
    pub fn entries(&self) -> impl Iterator<Item = (&Row, &str, &Entry)> {
        self.rows.iter().flat_map(|row| {
            (self.engines.iter().zip(&row.cells))
                .filter_map(move |(engine, cell)| Some((row, engine.as_str(), cell.as_ref()?)))
        })
    }

    /// The smallest and the largest number of samples in a cell.
    #[must_use]
    pub fn sample_counts(&self) -> Option<(usize, usize)> {
        let counts = || self.entries().map(|(_, _, entry)| entry.summary.n);
        Some((counts().min()?, counts().max()?))
    }
}

/// The table of a group.
#[must_use]
pub fn build(group: &Group) -> Table {
    let engines = columns(group);
    let baseline_column = baseline_column(group, &engines);
    let rows = scenarios(group)
        .into_iter()
        .map(|(scenario, x)| {
            let summaries: Vec<Option<Summary>> = engines
                .iter()
                .map(|engine| summary_of(group, engine, &scenario))
                .collect();
            let baseline = summaries.get(baseline_column).copied().flatten();
            let cells = summaries
                .into_iter()
                .map(|summary| {
                    let summary = summary?;
                    let ratio = baseline.and_then(|b| stats::ratio(summary.median, b.median));
                    Some(Entry { summary, ratio })
                })
                .collect();
            Row { scenario, x, cells }
        })
        .collect();
    Table {
        quantity: group.quantity,
        baseline: engines.get(baseline_column).cloned(),
        engines,
        rows,
    }
}

fn columns(group: &Group) -> Vec<String> {
    let mut engines: Vec<String> = group.cells.iter().map(|c| c.engine.clone()).collect();
    engines.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
    engines.dedup();
    engines
}

/// An engine's place among those that come first; the others share the last.
pub(crate) fn place(engine: &str) -> usize {
    let place = FIRST.iter().position(|first| *first == engine);
    place.unwrap_or(FIRST.len())
}

/// A baseline that was not measured is passed over: a filter may have left it out.
fn baseline_column(group: &Group, engines: &[String]) -> usize {
    let column = |wanted: &str| engines.iter().position(|name| name == wanted);
    (group.baseline.as_deref().and_then(column))
        .or_else(|| column(BASELINE))
        .unwrap_or(0)
}

fn scenarios(group: &Group) -> Vec<(String, Option<f64>)> {
    let mut scenarios: Vec<(String, Option<f64>)> = Vec::new();
    for cell in &group.cells {
        if !scenarios.iter().any(|(label, _)| *label == cell.scenario) {
            scenarios.push((cell.scenario.clone(), cell.x));
        }
    }
    // A stable sort: scenarios without a number keep the order of measuring.
    scenarios.sort_by(|(_, a), (_, b)| match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    scenarios
}

fn summary_of(group: &Group, engine: &str, scenario: &str) -> Option<Summary> {
    let mut cells = group.cells.iter();
    let cell = cells.find(|cell| cell.engine == engine && cell.scenario == scenario)?;
    stats::summarise(&cell.samples)
}
