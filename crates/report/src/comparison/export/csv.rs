//! One line for each row, for spreadsheets and `grep`.

use crate::comparison::Findings;
use crate::comparison::metric::{Metric, Unit};
use crate::comparison::rows::{Row, Table};
use crate::error::Error;
use crate::format;
use crate::quantity::Quantity;
use crate::stats::Summary;

/// Comma-separated values. A metric's column holds its median over the `n` trials that came to
/// something; its name ends with its unit.
///
/// # Errors
///
/// Where it cannot be written.
pub fn csv(findings: &Findings) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows =
        (findings.tables.iter()).flat_map(|table| table.rows.iter().map(|row| fields(table, row)));
    for (nth, fields) in rows.enumerate() {
        let (names, texts): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        if nth == 0 {
            writer.write_record(names).map_err(Error::Csv)?;
        }
        writer.write_record(texts).map_err(Error::Csv)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Error::Csv(error.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Each column with its name.
fn fields(table: &Table, row: &Row) -> Vec<(&'static str, String)> {
    let scenario = &table.scenario;
    let family = scenario.family.as_ref();
    let wall = row.figure(Metric::Wall);
    let ratio = row.ratio.as_ref();
    let share = |number: f64| format!("{number:.6}");
    let second = |number| format::number(Quantity::Time, number);
    let [ratio_low, ratio_high] = ends(ratio, share);
    let [wall_low, wall_high] = ends(wall, second);
    let error = row.failures.first().map(|failure| failure.error.clone());
    let full = if row.fills_the_machine() { "yes" } else { "" };
    let mut fields = vec![
        ("scenario", scenario.name.clone()),
        (
            "family",
            family.map_or_else(String::new, |family| family.name.clone()),
        ),
        (
            "x",
            family.map_or_else(String::new, |family| family.x.to_string()),
        ),
        ("flags", scenario.flags.to_string()),
        ("concurrency", scenario.concurrency.to_string()),
        ("engine", row.engine.clone()),
        ("kind", row.kind.word().to_owned()),
        ("trials", row.trials.to_string()),
        ("n", wall.map_or(0, |wall| wall.n).to_string()),
        ("failed", row.failed().to_string()),
        ("error", error.unwrap_or_default()),
        (
            "ratio",
            ratio.map_or_else(String::new, |ratio| share(ratio.median)),
        ),
        ("ratio_ci_low", ratio_low),
        ("ratio_ci_high", ratio_high),
        ("verdict", row.verdict.words().to_owned()),
        ("fills_machine", full.to_owned()),
        ("wall_s_ci_low", wall_low),
        ("wall_s_ci_high", wall_high),
    ];
    fields.extend(Metric::ALL.map(|metric| {
        let figure = row.figure(metric);
        let median = figure.map_or_else(String::new, |figure| number(metric, figure.median));
        (metric.name(), median)
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
