//! A scenario: what is said of it, and its tables.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};

use super::grid::{self, Cell, Head};
use super::{Level, id_of};
use crate::comparison::columns::{Column, FULL_MARK, TOOK, USED, WENT};
use crate::comparison::{Comparison, Kind, Metric, Row, Table, Verdict, words};
use crate::format;
use crate::page;
use crate::plot::strip::Strip;

/// The wall times of a row, each with its round.
type Walls = Vec<(usize, f64)>;

/// All scenarios of a page.
pub(super) struct Scenarios<'a> {
    ids: BTreeMap<&'a str, String>,
    /// By scenario, engine, and whether they are the baseline's second.
    walls: BTreeMap<(&'a str, &'a str, bool), Walls>,
}

impl<'a> Scenarios<'a> {
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        let ids = (comparison.scenarios.iter().enumerate())
            .map(|(nth, scenario)| (&*scenario.name, id_of("scenario", &scenario.name, nth)));
        let mut walls: BTreeMap<_, Walls> = BTreeMap::new();
        for trial in &comparison.trials {
            if let Some(measured) = &trial.measured {
                let row = (&*trial.scenario, &*trial.engine, trial.noise);
                let wall = (trial.round, measured.wall_s);
                walls.entry(row).or_default().push(wall);
            }
        }
        Self {
            ids: ids.collect(),
            walls,
        }
    }

    /// Where a scenario is found on the page.
    pub(super) fn id(&self, name: &str) -> &str {
        self.ids.get(name).map_or("answer", String::as_str)
    }

    /// A scenario below a heading.
    pub(super) fn section(&self, table: &Table, level: Level) -> Markup {
        let id = self.id(&table.scenario.name);
        html! {
            article {
                (level.heading(id, &table.scenario.title))
                (self.body(table))
            }
        }
    }

    /// A scenario that opens when it is asked for.
    pub(super) fn folded(&self, table: &Table, level: Level) -> Markup {
        let id = self.id(&table.scenario.name);
        html! {
            details.scenario {
                summary { (level.heading(id, &table.scenario.title)) }
                (self.body(table))
            }
        }
    }

    fn body(&self, table: &Table) -> Markup {
        let (id, scenario) = (self.id(&table.scenario.name), &table.scenario);
        let title = &scenario.title;
        html! {
            p.about { code { (scenario.name) } ": " (words::caption(table)) }
            (self.took(table))
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

    fn walls_of<'s>(&'s self, table: &'s Table, row: &'s Row) -> &'s [(usize, f64)] {
        let noise = row.kind == Kind::Noise;
        let place = (&*table.scenario.name, &*row.engine, noise);
        self.walls.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The first table, with the trials of each row.
    fn took(&self, table: &Table) -> Markup {
        let all = (table.rows.iter()).flat_map(|row| self.walls_of(table, row));
        let all = all.map(|(_, wall)| *wall);
        let baseline = (table.rows.iter())
            .find(|row| row.kind == Kind::Baseline)
            .and_then(|row| Some(row.figure(Metric::Wall)?.median));
        let strip = Strip::new(all, baseline, table.rounds);
        let mut heads: Vec<Head> = heads(&TOOK);
        let mut rows = rows(table, &TOOK);
        if let Some(strip) = &strip {
            let head = html! { "trials" (PreEscaped(strip.head())) };
            heads.insert(PLACE, Head::picture(head));
            for (cells, row) in rows.iter_mut().zip(&table.rows) {
                let cell = match row.figure(Metric::Wall) {
                    Some(wall) => {
                        let words = format!(
                            "{}, from {} to {}",
                            page::plural(wall.n, "trial"),
                            format::seconds(wall.min),
                            format::seconds(wall.max)
                        );
                        let svg =
                            strip.row(self.walls_of(table, row).iter().copied(), wall, &words);
                        Cell::words(html! { (PreEscaped(svg)) })
                    }
                    None => Cell::none(true),
                };
                // The first cell is not among them: it is the row's head.
                cells.cells.insert(PLACE - 1, cell);
            }
        }
        let id = format!("{}.took", self.id(&table.scenario.name));
        grid::grid(&id, &caption("What the engines took", table), &heads, &rows)
    }
}

/// Where the trials stand among the columns: after the wall time, which they are.
const PLACE: usize = 2;

fn grid(id: &str, what: &str, table: &Table, columns: &[Column]) -> Markup {
    grid::grid(
        id,
        &caption(what, table),
        &heads(columns),
        &rows(table, columns),
    )
}

/// Of the tables of a page each has a name of its own.
fn caption(what: &str, table: &Table) -> Markup {
    html! { (what) span.vh { ": " (table.scenario.title) } }
}

fn heads(columns: &[Column]) -> Vec<Head> {
    let head = |column: &Column| {
        if column.is_words() {
            Head::words(column.head())
        } else {
            Head::numbers(column.head())
        }
    };
    columns.iter().map(head).collect()
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

fn cell(table: &Table, row: &Row, column: Column) -> Cell {
    let Some(text) = column.text(table, row) else {
        return Cell::none(column.is_words());
    };
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
    if column.is_words() {
        Cell::words(content)
    } else {
        Cell::number(content, column.value(row))
    }
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
