//! The tables' numbers for other programs. The samples are in `raw.json`.

use serde::Serialize;

use super::Exporter;
use crate::error::Error;
use crate::format::{round, round_six};
use crate::quantity::Quantity;
use crate::run::{Meta, Run};
use crate::table::{self, Entry, Row};

/// The same numbers as the CSV, with the machine. Each group names its amounts' unit.
#[derive(Debug, Clone, Copy)]
pub struct Json;

#[derive(Serialize)]
struct Document<'a> {
    meta: &'a Meta,
    groups: Vec<GroupOut<'a>>,
}

#[derive(Serialize)]
struct GroupOut<'a> {
    name: &'a str,
    title: &'a str,
    scenario_axis: &'a str,
    flags: usize,
    /// Of all amounts in the cells: `s` or `B`.
    unit: &'static str,
    ratio_baseline: Option<String>,
    cells: Vec<CellOut>,
}

#[derive(Serialize)]
struct CellOut {
    scenario: String,
    x: Option<f64>,
    engine: String,
    n: usize,
    median: f64,
    ci: Option<IntervalOut>,
    min: f64,
    max: f64,
    ratio: Option<f64>,
    mark: &'static str,
}

#[derive(Serialize)]
struct IntervalOut {
    low: f64,
    high: f64,
    coverage: f64,
}

impl Exporter for Json {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        let groups = run.groups.iter().map(|group| {
            let table = table::build(group);
            let cells = table.entries().map(|one| cell(group.quantity, one));
            let cells = cells.collect();
            GroupOut {
                name: &group.name,
                title: &group.title,
                scenario_axis: &group.scenario_axis,
                flags: group.flags,
                unit: group.quantity.unit(),
                ratio_baseline: table.baseline,
                cells,
            }
        });
        let document = Document {
            meta: &run.meta,
            groups: groups.collect(),
        };
        let mut text = serde_json::to_string_pretty(&document).map_err(Error::Serialise)?;
        text.push('\n');
        Ok(Some(text))
    }
}

fn cell(quantity: Quantity, (row, engine, entry): (&Row, &str, &Entry)) -> CellOut {
    let summary = entry.summary;
    let round = |amount| round(quantity, amount);
    CellOut {
        scenario: row.scenario.clone(),
        x: row.x,
        engine: engine.to_owned(),
        n: summary.n,
        median: round(summary.median),
        ci: summary.interval.map(|interval| IntervalOut {
            low: round(interval.low),
            high: round(interval.high),
            coverage: round_six(interval.coverage),
        }),
        min: round(summary.min),
        max: round(summary.max),
        ratio: entry.ratio.map(round_six),
        mark: entry.mark.word(quantity),
    }
}
