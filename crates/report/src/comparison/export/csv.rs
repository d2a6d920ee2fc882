//! One line for each row, for spreadsheets and `grep`.

use crate::comparison::Findings;
use crate::comparison::metric::{Metric, Unit};
use crate::comparison::raw::Comparison;
use crate::comparison::rows::{Row, Table};
use crate::export::field;
use crate::format;
use crate::quantity::Quantity;
use crate::stats::Summary;

/// What stands before the metrics.
const HEADER: &str = "scenario,family,x,flags,concurrency,engine,kind,trials,n,failed,error,\
                      ratio,ratio_ci_low,ratio_ci_high,verdict,fills_machine,\
                      wall_s_ci_low,wall_s_ci_high";

/// Comma-separated values as in RFC 4180, but with bare line feeds. A metric's column holds
/// its median over the `n` trials that came to something; its name ends with its unit.
#[must_use]
pub fn csv(_: &Comparison, findings: &Findings) -> String {
    let mut text = HEADER.to_owned();
    for metric in Metric::ALL {
        text.push_str(&format!(",{}", metric.name()));
    }
    text.push('\n');
    for table in &findings.tables {
        for row in &table.rows {
            text.push_str(&line(table, row));
            text.push('\n');
        }
    }
    text
}

fn line(table: &Table, row: &Row) -> String {
    let scenario = &table.scenario;
    let family = scenario.family.as_ref();
    let wall = row.figure(Metric::Wall);
    let ratio = row.ratio.as_ref();
    let share = |number: f64| format!("{number:.6}");
    let second = |number| format::number(Quantity::Time, number);
    let [ratio_low, ratio_high] = ends(ratio, share);
    let [wall_low, wall_high] = ends(wall, second);
    let mut fields = vec![
        field(&scenario.name),
        family.map(|family| field(&family.name)).unwrap_or_default(),
        family
            .map(|family| family.x.to_string())
            .unwrap_or_default(),
        scenario.flags.to_string(),
        scenario.concurrency.to_string(),
        field(&row.engine),
        row.kind.word().to_owned(),
        row.trials.to_string(),
        wall.map_or(0, |wall| wall.n).to_string(),
        row.failed().to_string(),
        (row.failures.first())
            .map(|failure| field(&failure.error))
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
    fields.join(",")
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
