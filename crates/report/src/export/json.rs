//! The tables' numbers for other programs. The samples are in `raw.json`.

use serde::Serialize;

use super::Exporter;
use crate::error::Error;
use crate::format::{round_seconds, round_six};
use crate::run::{Meta, Run};
use crate::table::{self, Entry, Row};

/// The same numbers as the CSV, with the machine. Times are in seconds.
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
    ratio_baseline: Option<String>,
    cells: Vec<CellOut>,
}

#[derive(Serialize)]
struct CellOut {
    scenario: String,
    x: Option<f64>,
    engine: String,
    n: usize,
    median_s: f64,
    ci: Option<IntervalOut>,
    min_s: f64,
    max_s: f64,
    ratio: Option<f64>,
    mark: &'static str,
}

#[derive(Serialize)]
struct IntervalOut {
    low_s: f64,
    high_s: f64,
    coverage: f64,
}

impl Exporter for Json {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        let groups = run.groups.iter().map(|group| {
            let table = table::build(group);
            let cells = table.entries().map(cell).collect();
            GroupOut {
                name: &group.name,
                title: &group.title,
                scenario_axis: &group.scenario_axis,
                flags: group.flags,
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

fn cell((row, engine, entry): (&Row, &str, &Entry)) -> CellOut {
    let summary = entry.summary;
    CellOut {
        scenario: row.scenario.clone(),
        x: row.x,
        engine: engine.to_owned(),
        n: summary.n,
        median_s: round_seconds(summary.median),
        ci: summary.interval.map(|interval| IntervalOut {
            low_s: round_seconds(interval.low),
            high_s: round_seconds(interval.high),
            coverage: round_six(interval.coverage),
        }),
        min_s: round_seconds(summary.min),
        max_s: round_seconds(summary.max),
        ratio: entry.ratio.map(round_six),
        mark: entry.mark.word(),
    }
}
