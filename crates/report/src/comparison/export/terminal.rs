//! The tables as text, to be printed at the end of a comparison.

use comfy_table::{CellAlignment, LineStyle, Table as Grid, TableStyle};

use crate::comparison::columns::{Column, TOOK, USED, WENT};
use crate::comparison::rows::{Row, Table};
use crate::comparison::{Findings, words};

/// Lines above and below the head, and at the end; between rows they would take as much room
/// as the numbers.
const LINES: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('═').junction('═'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// The tables of each scenario, without colours: they read the same in a log. Of a family's
/// only the first, as its course is told in sentences. What the columns mean stands at the
/// end.
#[must_use]
pub fn terminal(findings: &Findings) -> String {
    let mut text = String::new();
    for table in &findings.tables {
        text.push_str(&scenario(table));
        text.push('\n');
    }
    for family in &findings.families {
        text.push_str(&format!("{}: by {}\n", family.family, family.axis));
        text.push_str(&list(&family.sentences()));
        text.push('\n');
    }
    let tables: Vec<&Table> = findings.tables.iter().collect();
    for sentence in words::how_to_read(&tables) {
        text.push_str(&wrapped(&sentence, ""));
    }
    for sentence in words::other_columns() {
        text.push_str(&wrapped(&sentence, ""));
    }
    text
}

fn scenario(table: &Table) -> String {
    let tables: &[&[Column]] = match table.scenario.family {
        None => &[&TOOK, &WENT, &USED],
        Some(_) => &[&TOOK],
    };
    let tables = tables.iter().map(|columns| grid(table, columns));
    format!(
        "{}: {}\n{}{}\n{}",
        table.scenario.name,
        table.scenario.title,
        wrapped(&words::caption(table), ""),
        tables.collect::<Vec<String>>().join("\n"),
        list(&words::notes(table)),
    )
}

fn grid(table: &Table, columns: &[Column]) -> String {
    let mut grid = Grid::new();
    grid.load_style(LINES);
    grid.set_header(
        columns
            .iter()
            .map(|column| column.head().replacen(' ', "\n", 1)),
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
