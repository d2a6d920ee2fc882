//! criterion's groups: one call at a time, repeated in one process.

use maud::{Markup, html};

use super::grid::{self, Cell, Row};
use super::{Section, id_of};
use crate::format::{self, Unit};
use crate::old_page as page;
use crate::run::{Group, Run};
use crate::table::{self, Entry};

pub(super) fn section(run: &Run) -> Section {
    let body = html! {
        ul.prose { @for sentence in page::HOW_TO_READ { li { (note(sentence)) } } }
        @for (nth, group) in run.groups.iter().enumerate() {
            (one(&id_of("calls", &group.name, nth), group))
        }
    };
    Section::new("calls", "One call at a time, by criterion", body)
}

fn one(id: &str, group: &Group) -> Markup {
    let table = table::build(group);
    let mut heads = vec![(or(&group.scenario_axis, "scenario"), false)];
    heads.extend(table.engines.iter().map(|engine| (engine.as_str(), false)));
    let row = |row: &table::Row| {
        let unit = page::row_unit(table.quantity, row);
        let cells = (row.cells.iter()).map(|entry| Some(cell(unit?, entry.as_ref()?)));
        Row {
            class: "",
            name: html! { (or(&row.scenario, "the only one")) },
            value: row.x,
            cells: cells.collect(),
        }
    };
    let rows: Vec<Row> = table.rows.iter().map(row).collect();
    let caption = html! { (page::sample_note(&table)) span.vh { " " (group.title) } };
    html! {
        article {
            h3 id=(id) { (group.title) }
            @if !group.note.is_empty() { p.prose { (note(group.note.trim())) } }
            (grid::grid(&format!("{id}.table"), &caption, &heads, &rows))
        }
    }
}

/// A head must say something to whoever hears the table.
fn or<'a>(text: &'a str, nothing: &'a str) -> &'a str {
    if text.is_empty() { nothing } else { text }
}

fn cell(unit: Unit, entry: &Entry) -> Cell {
    let (median, spread) = format::amount(unit, entry.summary.median, entry.summary.spread());
    let content = html! {
        (median)
        @if let Some(ratio) = entry.ratio { ", " (format::ratio(ratio)) }
        small { (spread) }
    };
    (content, Some(entry.summary.median))
}

/// A note is Markdown; all that the notes have of it is code.
fn note(text: &str) -> Markup {
    html! {
        @for (nth, part) in text.split('`').enumerate() {
            @if nth % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
