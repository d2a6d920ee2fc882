//! A scenario: what is said of it, and its tables.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::grid::{self, Cell, Head};
use super::id_of;
use crate::comparison::columns::{Column, FULL_MARK, TOOK, USED, WENT};
use crate::comparison::{Comparison, Kind, Row, Table, Verdict, words};

/// Where the scenarios of a page are found on it.
pub(super) struct Scenarios<'a>(BTreeMap<&'a str, String>);

impl<'a> Scenarios<'a> {
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        let ids = (comparison.scenarios.iter().enumerate())
            .map(|(nth, scenario)| (&*scenario.name, id_of("scenario", &scenario.name, nth)));
        Self(ids.collect())
    }

    /// Where a scenario is found on the page.
    pub(super) fn id(&self, name: &str) -> &str {
        self.0.get(name).map_or("answer", String::as_str)
    }

    /// A scenario below a heading.
    pub(super) fn section(&self, table: &Table) -> Markup {
        let id = self.id(&table.scenario.name);
        html! {
            article {
                h3 id=(id) { (table.scenario.title) }
                (self.body(table))
            }
        }
    }

    /// A scenario of a family, which opens when it is asked for.
    pub(super) fn folded(&self, table: &Table) -> Markup {
        let id = self.id(&table.scenario.name);
        html! {
            details.scenario {
                summary { h4 id=(id) { (table.scenario.title) } }
                (self.body(table))
            }
        }
    }

    fn body(&self, table: &Table) -> Markup {
        let (id, scenario) = (self.id(&table.scenario.name), &table.scenario);
        let title = &scenario.title;
        html! {
            p.about { code { (scenario.name) } ": " (words::caption(table)) }
            (grid(&format!("{id}.took"), "What the engines took", table, &TOOK))
            @let notes = words::notes(table);
            @if !notes.is_empty() {
                ul.notes { @for note in notes { li { (note) } } }
            }
            details.more {
                summary { "How the downloads went, and what else they used"
                    span.vh { ": " (title) } }
                (grid(&format!("{id}.went"), "How the downloads went", table, &WENT))
                (grid(&format!("{id}.used"), "What else they used", table, &USED))
                p.command { "A trial: " code { (scenario.command) } }
            }
        }
    }
}

fn grid(id: &str, what: &str, table: &Table, columns: &[Column]) -> Markup {
    let heads: Vec<Head<'_>> = (columns.iter())
        .map(|column| (column.head(), column.is_words()))
        .collect();
    // Of the tables of a page each has a name of its own.
    let caption = html! { (what) span.vh { ": " (table.scenario.title) } };
    grid::grid(id, &caption, &heads, &rows(table, columns))
}

fn rows(table: &Table, columns: &[Column]) -> Vec<grid::Row> {
    let row = |row: &Row| grid::Row {
        class: match row.kind {
            Kind::Baseline => "baseline",
            Kind::Noise => "noise",
            Kind::Engine => "",
        },
        name: html! { (row.label()) },
        value: None,
        cells: (columns.iter().skip(1))
            .map(|column| cell(table, row, *column))
            .collect(),
    };
    table.rows.iter().map(row).collect()
}

fn cell(table: &Table, row: &Row, column: Column) -> Option<Cell> {
    let text = column.text(table, row)?;
    let content = html! {
        @match (column, text.main.strip_prefix(FULL_MARK)) {
            (Column::Verdict, _) => { span class=(class(row)) { (text.main) } }
            (_, Some(share)) => {
                span aria-hidden="true" { (FULL_MARK) }
                span.vh { "full:" }
                (share)
            }
            (_, None) => { (text.main) }
        }
        @if let Some(spread) = &text.spread { small { (spread) } }
    };
    Some((content, column.value(row)))
}

/// How the verdict looks. Its word says as much.
fn class(row: &Row) -> &'static str {
    match row.verdict {
        Verdict::Faster => "faster",
        Verdict::Slower => "slower",
        _ if row.trials > 0 && row.failed() == row.trials => "failed",
        _ => "plain",
    }
}
