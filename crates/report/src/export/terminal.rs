//! The tables as text, to be printed at the end of a run.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table as Grid};

use super::Exporter;
use crate::error::Error;
use crate::format;
use crate::page;
use crate::run::{Group, Run};
use crate::table::{self, Mark, Row};

/// Tables for a terminal, without colours: they read the same in a log.
#[derive(Debug, Clone, Copy)]
pub struct Terminal;

impl Exporter for Terminal {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        if run.groups.is_empty() {
            return Ok(None);
        }
        let tables: Vec<String> = run.groups.iter().map(group).collect();
        let legend = "Wall time: median and its ratio to the baseline (below 1 is faster), \
                      [95 % interval of the median].\n\
                      * fastest: its interval is below all others   ≈ tied: the intervals overlap\n";
        Ok(Some(format!("{}\n{legend}", tables.join("\n"))))
    }
}

fn group(group: &Group) -> String {
    let table = table::build(group);
    let mut grid = Grid::new();
    grid.load_style(UTF8_HORIZONTAL_ONLY);
    let mut header = vec![group.scenario_axis.clone()];
    header.extend(table.engines.iter().cloned());
    grid.set_header(header);
    for row in &table.rows {
        let mut line = vec![row.scenario.clone()];
        line.extend(row_texts(row));
        grid.add_row(line);
    }
    for column in grid.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let note = page::sample_note(&table);
    format!("{}\n{grid}\n{note}\n", group.title)
}

fn row_texts(row: &Row) -> Vec<String> {
    let Some(unit) = page::row_unit(row) else {
        return row.cells.iter().map(|_| String::new()).collect();
    };
    let text = |entry: &table::Entry| {
        let (median, spread) = format::time(unit, entry.summary.median, entry.summary.spread());
        let mark = match entry.mark {
            Mark::Plain => "",
            Mark::Fastest => "* ",
            Mark::Tied => "≈ ",
        };
        let ratio = entry.ratio.map(|r| format!(" {}", format::ratio(r)));
        format!("{mark}{median}{}\n{spread}", ratio.unwrap_or_default())
    };
    (row.cells.iter())
        .map(|cell| cell.as_ref().map_or_else(|| "-".to_owned(), text))
        .collect()
}
