//! The tables as text, to be printed at the end of a comparison.

use crate::comparison::columns::{Column, FULL_MARK, SHORT};
use crate::comparison::rows::{Row, Table};
use crate::comparison::{Findings, words};
use crate::export::{self, wrapped};

/// A table for each scenario, without colours: they read the same in a log. What the columns
/// mean stands at the end. On a terminal of `width` characters, wider cells are wrapped.
#[must_use]
pub fn terminal(findings: &Findings, width: Option<u16>) -> String {
    let mut text = String::new();
    for table in &findings.tables {
        text.push_str(&scenario(table, width));
        text.push('\n');
    }
    for family in &findings.families {
        text.push_str(&format!("{}: by {}\n", family.family, family.axis));
        text.push_str(&list(&family.sentences(), width));
        text.push('\n');
    }
    let tables: Vec<&Table> = findings.tables.iter().collect();
    for sentence in words::how_to_read(&tables) {
        text.push_str(&wrapped(&sentence, "", width));
    }
    text
}

fn scenario(table: &Table, width: Option<u16>) -> String {
    format!(
        "{}: {}\n{}{}\n{}",
        table.scenario.name,
        table.scenario.title,
        wrapped(&words::caption(table), "", width),
        grid(table, width),
        list(&words::notes(table), width),
    )
}

fn grid(table: &Table, width: Option<u16>) -> String {
    let mut grid = export::grid(width);
    grid.set_header(SHORT.map(Column::head));
    for row in &table.rows {
        grid.add_row(SHORT.map(|column| cell(table, row, column)));
    }
    export::set_columns(&mut grid, |at| SHORT[at].is_words());
    grid.trim_fmt()
}

fn cell(table: &Table, row: &Row, column: Column) -> String {
    let Some(text) = column.text(table, row) else {
        return "-".to_owned();
    };
    // The column of the machine is in the files.
    if column == Column::Engine && row.fills_the_machine() {
        return format!("{FULL_MARK} {}", text.main);
    }
    match text.spread {
        Some(spread) => format!("{}\n{spread}", text.main),
        None => text.main,
    }
}

fn list(sentences: &[String], width: Option<u16>) -> String {
    sentences
        .iter()
        .map(|sentence| wrapped(sentence, "- ", width))
        .collect()
}
