//! The tables as text, to be printed at the end of a comparison.

use comfy_table::{CellAlignment, LineStyle, Table as Grid, TableStyle};

use crate::comparison::columns::{Column, TOOK, USED, WENT};
use crate::comparison::rows::{Row, Table};
use crate::comparison::{Findings, words};
use crate::fit::{self, wrapped};

/// Lines above and below the head, and at the end; between rows they would take as much room
/// as the numbers.
const LINES: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('═').junction('═'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// The tables of each scenario, without colours: they read the same in a log. Of a family's
/// only the first, as its course is told in sentences. What the columns mean stands at the
/// end. On a terminal of `width` characters, wider tables are cut into parts.
#[must_use]
pub fn terminal(findings: &Findings, width: Option<usize>) -> String {
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
    for sentence in words::other_columns() {
        text.push_str(&wrapped(&sentence, "", width));
    }
    text
}

fn scenario(table: &Table, width: Option<usize>) -> String {
    let tables: &[&[Column]] = match table.scenario.family {
        None => &[&TOOK, &WENT, &USED],
        Some(_) => &[&TOOK],
    };
    let tables = tables.iter().flat_map(|columns| {
        fit::parts(columns.len(), width, |chosen| {
            let chosen: Vec<Column> = chosen.iter().map(|at| columns[*at]).collect();
            grid(table, &chosen)
        })
    });
    format!(
        "{}: {}\n{}{}\n{}",
        table.scenario.name,
        table.scenario.title,
        wrapped(&words::caption(table), "", width),
        tables.collect::<Vec<String>>().join("\n"),
        list(&words::notes(table), width),
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

fn list(sentences: &[String], width: Option<usize>) -> String {
    sentences
        .iter()
        .map(|sentence| wrapped(sentence, "- ", width))
        .collect()
}
