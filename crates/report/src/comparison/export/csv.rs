//! One line for each row, for spreadsheets and `grep`.

use crate::comparison::Findings;
use crate::comparison::metric::{Metric, Unit};
use crate::comparison::rows::{Row, Table};
use crate::error::Error;
use crate::format;
use crate::quantity::Quantity;
use crate::stats::Summary;

/// What stands before the metrics.
const HEADER: [&str; 18] = [
    "scenario",
    "family",
    "x",
    "flags",
    "concurrency",
    "engine",
    "kind",
    "trials",
    "n",
    "failed",
    "error",
    "ratio",
    "ratio_ci_low",
    "ratio_ci_high",
    "verdict",
    "fills_machine",
    "wall_s_ci_low",
    "wall_s_ci_high",
];

/// Comma-separated values. A metric's column holds its median over the `n` trials that came to
/// something; its name ends with its unit.
///
/// # Errors
///
/// Where it cannot be written.
pub fn csv(findings: &Findings) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let metrics = Metric::ALL.map(Metric::name);
    writer
        .write_record(HEADER.iter().chain(&metrics))
        .map_err(Error::Csv)?;
    for table in &findings.tables {
        for row in &table.rows {
            writer.write_record(line(table, row)).map_err(Error::Csv)?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Error::Csv(error.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn line(table: &Table, row: &Row) -> Vec<String> {
    let scenario = &table.scenario;
    let family = scenario.family.as_ref();
    let wall = row.figure(Metric::Wall);
    let ratio = row.ratio.as_ref();
    let share = |number: f64| format!("{number:.6}");
    let second = |number| format::number(Quantity::Time, number);
    let [ratio_low, ratio_high] = ends(ratio, share);
    let [wall_low, wall_high] = ends(wall, second);
    let mut fields = vec![
        scenario.name.clone(),
        family.map(|family| family.name.clone()).unwrap_or_default(),
        family
            .map(|family| family.x.to_string())
            .unwrap_or_default(),
        scenario.flags.to_string(),
        scenario.concurrency.to_string(),
        row.engine.clone(),
        row.kind.word().to_owned(),
        row.trials.to_string(),
        wall.map_or(0, |wall| wall.n).to_string(),
        row.failed().to_string(),
        (row.failures.first())
            .map(|failure| failure.error.clone())
            .unwrap_or_default(),
        ratio.map(|ratio| share(ratio.median)).unwrap_or_default(),
        ratio_low,
        ratio_high,
        row.verdict.words().to_owned(),
        if row.fills_the_machine() { "yes" } else { "" }.to_owned(),
        wall_low,
        wall_high,
    ];
    fields.extend(Metric::ALL.map(|metric| {
        let figure = row.figure(metric);
        figure
            .map(|figure| number(metric, figure.median))
            .unwrap_or_default()
    }));
    fields
}

fn ends(summary: Option<&Summary>, text: impl Fn(f64) -> String) -> [String; 2] {
    match summary.and_then(|summary| summary.interval) {
        Some(interval) => [text(interval.low), text(interval.high)],
        None => [String::new(), String::new()],
    }
}

fn number(metric: Metric, amount: f64) -> String {
    match metric.unit() {
        Unit::Seconds => format::number(Quantity::Time, amount),
        // A median of whole numbers is whole or ends in a half.
        Unit::Bytes | Unit::Count => amount.to_string(),
        Unit::Share => format!("{amount:.6}"),
    }
}
