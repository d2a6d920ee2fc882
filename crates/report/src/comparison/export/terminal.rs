//! The tables as text, to be printed at the end of a comparison.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table as Grid};

use crate::comparison::columns::{Column, TOOK, WENT};
use crate::comparison::rows::{Row, Table};
use crate::comparison::{Findings, words};

/// Two tables for each scenario, what it took and how it went, without colours: they read
/// the same in a log. What the columns mean stands at the end.
#[must_use]
pub fn terminal(findings: &Findings) -> String {
    let mut text = String::new();
    for table in &findings.tables {
        text.push_str(&scenario(table));
        text.push('\n');
    }
    for family in &findings.families {
        text.push_str(&format!("By {}\n", family.axis));
        text.push_str(&list(&family.sentences()));
        text.push('\n');
    }
    let tables: Vec<&Table> = findings.tables.iter().collect();
    for sentence in words::how_to_read(&tables) {
        text.push_str(&wrapped(&sentence, ""));
    }
    text.push_str(&wrapped(words::HOW_IT_WENT, ""));
    text
}

fn scenario(table: &Table) -> String {
    format!(
        "{}: {}\n{}{}\n{}\n{}",
        table.scenario.name,
        table.scenario.title,
        wrapped(&words::caption(table), ""),
        grid(table, &TOOK),
        grid(table, &WENT),
        list(&words::notes(table)),
    )
}

fn grid(table: &Table, columns: &[Column]) -> String {
    let mut grid = Grid::new();
    grid.load_style(UTF8_HORIZONTAL_ONLY);
    grid.set_header(
        columns
            .iter()
            .map(|column| column.head().replace(' ', "\n")),
    );
    for row in &table.rows {
        grid.add_row(columns.iter().map(|column| cell(table, row, *column)));
    }
    for (column, of) in grid.column_iter_mut().zip(columns) {
        if !of.is_words() {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    grid.to_string()
}

fn cell(table: &Table, row: &Row, column: Column) -> String {
    let Some(text) = column.text(table, row) else {
        return "-".to_owned();
    };
    match text.spread {
        Some(spread) => format!("{}\n{spread}", text.main),
        None => text.main,
    }
}

fn list(sentences: &[String]) -> String {
    sentences
        .iter()
        .map(|sentence| wrapped(sentence, "- "))
        .collect()
}

/// The widest line of a paragraph.
const WIDTH: usize = 100;

/// A sentence in lines, the first of which begins with `bullet` and the others under it.
fn wrapped(sentence: &str, bullet: &str) -> String {
    let indent = " ".repeat(bullet.len());
    let mut text = bullet.to_owned();
    let mut width = bullet.len();
    for (place, word) in sentence.split_whitespace().enumerate() {
        let length = word.chars().count();
        if place > 0 && width + 1 + length > WIDTH {
            text.push_str(&format!("\n{indent}"));
            width = indent.len();
        } else if place > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text.push('\n');
    text
}
