//! What a comparison allows to be said, for other programs. The trials are in
//! `compare.jsonl`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::comparison::Findings;
use crate::comparison::metric::{Metric, Unit};
use crate::comparison::raw::{Comparison, Scenario};
use crate::comparison::rows::{Row, Table};
use crate::comparison::scaling::{Curves, Point};
use crate::error::Error;
use crate::format::{round, round_six};
use crate::quantity::Quantity;
use crate::stats::Summary;

/// The numbers of the CSV and more: the interval of every median, and families. A line
/// for each row, so that two of these files can be laid side by side.
///
/// # Errors
///
/// Where it cannot be serialised.
pub fn json(comparison: &Comparison, findings: &Findings) -> Result<String, Error> {
    let scenarios: Result<Vec<String>, Error> = findings.tables.iter().map(scenario).collect();
    let families = lines(findings.families.iter().map(family))?;
    Ok(format!(
        "{{\"meta\": {},\n\"scenarios\": [\n{}],\n\"families\": [\n{families}]}}\n",
        line(&comparison.meta)?,
        scenarios?.join(",\n"),
    ))
}

fn scenario(table: &Table) -> Result<String, Error> {
    Ok(format!(
        "{{\"scenario\": {},\n\"rounds_measured\": {},\n\"noise_ci\": {},\n\"drift\": {},\n\
         \"rows\": [\n{}]}}",
        line::<Scenario>(&table.scenario)?,
        table.rounds,
        line(&table.noise.map(|ends| [ends.low, ends.high].map(round_six)))?,
        line(&table.drift.map(|drift| DriftOut {
            ratio: round_six(drift.ratio),
            notable: drift.notable,
        }))?,
        lines(table.rows.iter().map(row))?,
    ))
}

/// Values as a JSON array's inside, one a line.
fn lines<T: Serialize>(values: impl Iterator<Item = T>) -> Result<String, Error> {
    let lines: Result<Vec<String>, Error> = values.map(|value| line(&value)).collect();
    Ok(lines?.join(",\n"))
}

fn line<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::Serialise)
}

#[derive(Serialize)]
struct DriftOut {
    ratio: f64,
    notable: bool,
}

/// A median over rounds.
#[derive(Serialize)]
struct Numbers {
    n: usize,
    median: f64,
    /// `null` with fewer than 6 rounds.
    ci: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct RowOut<'a> {
    engine: &'a str,
    kind: &'static str,
    trials: usize,
    failures: Vec<FailureOut<'a>>,
    ratio: Option<Numbers>,
    verdict: &'static str,
    fills_machine: bool,
    two_speeds_s: Option<[f64; 2]>,
    #[serde(flatten)]
    figures: BTreeMap<&'static str, Numbers>,
}

#[derive(Serialize)]
struct FailureOut<'a> {
    error: &'a str,
    trials: usize,
}

fn row(row: &Row) -> RowOut<'_> {
    let failures = row.failures.iter().map(|failure| FailureOut {
        error: &failure.error,
        trials: failure.trials,
    });
    let figure = |metric: Metric| {
        let figure = row.figure(metric)?;
        Some((
            metric.name(),
            numbers(figure, |amount| rounded(metric.unit(), amount)),
        ))
    };
    RowOut {
        engine: &row.engine,
        kind: row.kind.word(),
        trials: row.trials,
        failures: failures.collect(),
        ratio: row.ratio.as_ref().map(ratio),
        verdict: row.verdict.words(),
        fills_machine: row.fills_the_machine(),
        two_speeds_s: (row.two_speeds)
            .map(|two| [two.fast_s, two.slow_s].map(|s| rounded(Unit::Seconds, s))),
        figures: Metric::ALL.into_iter().filter_map(figure).collect(),
    }
}

#[derive(Serialize)]
struct FamilyOut<'a> {
    family: &'a str,
    axis: &'a str,
    sentences: Vec<String>,
    curves: Vec<CurveOut<'a>>,
}

#[derive(Serialize)]
struct CurveOut<'a> {
    engine: &'a str,
    leaves_ideal_at: Option<f64>,
    fails_at: Option<f64>,
    points: Vec<PointOut<'a>>,
}

#[derive(Serialize)]
struct PointOut<'a> {
    x: f64,
    ideal_wall_per_flag_s: Option<f64>,
    wall_per_flag_s: Option<Numbers>,
    memory_per_flag_in_flight_bytes: Option<Numbers>,
    client_per_flag_s: Option<Numbers>,
    failed: Option<&'a str>,
}

fn family(curves: &Curves) -> FamilyOut<'_> {
    let each = curves.curves.iter().map(|curve| CurveOut {
        engine: &curve.engine,
        leaves_ideal_at: curve.leaves_at(),
        fails_at: curve.fails_at().map(|(x, _)| x),
        points: curve.points.iter().map(point).collect(),
    });
    FamilyOut {
        family: &curves.family,
        axis: &curves.axis,
        sentences: curves.sentences(),
        curves: each.collect(),
    }
}

fn point(point: &Point) -> PointOut<'_> {
    let of = |unit| {
        move |summary: &Option<Summary>| {
            (summary.as_ref()).map(|summary| numbers(summary, |amount| rounded(unit, amount)))
        }
    };
    PointOut {
        x: point.x,
        ideal_wall_per_flag_s: point.ideal_s.map(|s| rounded(Unit::Seconds, s)),
        wall_per_flag_s: of(Unit::Seconds)(&point.wall_per_flag),
        memory_per_flag_in_flight_bytes: of(Unit::Bytes)(&point.memory_per_flag),
        client_per_flag_s: of(Unit::Seconds)(&point.cpu_per_flag),
        failed: point.failed.as_deref(),
    }
}

fn ratio(summary: &Summary) -> Numbers {
    numbers(summary, round_six)
}

fn numbers(summary: &Summary, round: impl Fn(f64) -> f64) -> Numbers {
    Numbers {
        n: summary.n,
        median: round(summary.median),
        ci: (summary.interval).map(|ends| [ends.low, ends.high].map(round)),
    }
}

fn rounded(unit: Unit, amount: f64) -> f64 {
    match unit {
        Unit::Seconds => round(Quantity::Time, amount),
        Unit::Bytes => round(Quantity::Memory, amount),
        Unit::Count | Unit::Share => round_six(amount),
    }
}
