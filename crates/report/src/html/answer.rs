//! What comes first: who is faster, in sentences and in the tables of the first scenarios.

use maud::{Markup, html};

use super::scenario::Scenarios;
use crate::comparison::{Findings, Kind, Metric, Row, Table, Verdict};
use crate::format;
use crate::old_page::join;

/// The answer of the first scenarios, and their tables.
pub(super) fn body(scenarios: &Scenarios<'_>, first: &[&Table], findings: &Findings) -> Markup {
    let families =
        (findings.families.iter()).filter_map(|curves| Some((curves, curves.headline()?)));
    html! {
        ul.prose.lead {
            @for table in first {
                li { b { (table.scenario.title) } ": " (sentence(table)) }
            }
            @for (curves, headline) in families {
                li { b { "By " (curves.axis) } ": " (headline) }
            }
        }
        @for table in first { (scenarios.section(table)) }
    }
}

/// "beside threads (10.7 ms) async is faster (0.75x), rayon a tie (1.00x)."
fn sentence(table: &Table) -> String {
    let baseline = table.rows.iter().find(|row| row.kind == Kind::Baseline);
    let Some(wall) = baseline.and_then(|row| row.figure(Metric::Wall)) else {
        return format!(
            "{}, the baseline, came to nothing.",
            table.scenario.baseline
        );
    };
    let baseline = format!(
        "beside {} ({})",
        table.scenario.baseline,
        format::seconds(wall.median)
    );
    let engines = |verdict| {
        let rows = table.rows.iter().filter(|row| row.kind == Kind::Engine);
        let mut rows: Vec<&Row> = rows.filter(|row| row.verdict == verdict).collect();
        let ratio = |row: &Row| row.ratio.map_or(f64::INFINITY, |ratio| ratio.median);
        rows.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
        rows
    };
    let said: Vec<String> = [
        (Verdict::Faster, "faster"),
        (Verdict::Tie, "a tie"),
        (Verdict::Slower, "slower"),
        (Verdict::TooFew, "not judged, for too few rounds"),
        (Verdict::Server, "not judged, for the server was the limit"),
        (Verdict::None, "without a result"),
    ]
    .into_iter()
    .filter_map(|(verdict, word)| {
        let rows = engines(verdict);
        let names: Vec<String> = rows.iter().map(|row| name(row)).collect();
        let is = if names.len() == 1 { "is" } else { "are" };
        let word = if names.len() > 1 && verdict == Verdict::Tie {
            "ties"
        } else {
            word
        };
        (!names.is_empty()).then(|| format!("{} {is} {word}", join(&names)))
    })
    .collect();
    if said.is_empty() {
        return format!("{baseline} there is no other engine.");
    }
    format!("{baseline} {}.", said.join("; "))
}

fn name(row: &Row) -> String {
    match row.ratio {
        Some(ratio) => format!("{} ({})", row.engine, format::ratio(ratio.median)),
        None => row.engine.clone(),
    }
}
