//! The tables as text, to be printed at the end of a run.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table as Grid};

use super::Exporter;
use crate::error::Error;
use crate::fit;
use crate::format;
use crate::page;
use crate::quantity::{Quantity, words};
use crate::run::{Group, Run};
use crate::table::{self, Mark, Row};

/// Tables for a terminal, without colours: they read the same in a log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// How many characters fit into a line of it. Without, as in a file, tables are as wide as
    /// they need.
    pub width: Option<usize>,
}

impl Exporter for Terminal {
    fn export(&self, run: &Run) -> Result<Option<String>, Error> {
        if run.groups.is_empty() {
            return Ok(None);
        }
        let tables: Vec<String> = run
            .groups
            .iter()
            .map(|one| group(one, self.width))
            .collect();
        Ok(Some(format!(
            "{}\n{}",
            tables.join("\n"),
            legend(&run.groups, self.width)
        )))
    }
}

fn legend(groups: &[Group], width: Option<usize>) -> String {
    let say = |word| words(groups.iter().map(|group| group.quantity), word);
    let mut measured = say(Quantity::measured);
    if let Some(initial) = measured.get_mut(..1) {
        initial.make_ascii_uppercase();
    }
    let read = format!(
        "{measured}: median and its ratio to the baseline (below 1 is {}), \
         [95 % interval of the median].",
        say(Quantity::less),
    );
    let marks = format!(
        "* {}: its interval is below all others   ≈ tied: the intervals overlap\n",
        say(Quantity::least),
    );
    fit::wrapped(&read, "", width) + &marks
}

fn group(group: &Group, width: Option<usize>) -> String {
    let table = table::build(group);
    let mut lines = vec![vec![group.scenario_axis.clone()]];
    lines[0].extend(table.engines.iter().cloned());
    for row in &table.rows {
        let mut line = vec![row.scenario.clone()];
        line.extend(row_texts(table.quantity, row));
        lines.push(line);
    }
    let parts = fit::parts(lines[0].len(), width, |chosen| grid(&lines, chosen));
    let note = page::sample_note(&table);
    format!("{}\n{}\n{note}\n", group.title, parts.join("\n"))
}

/// The chosen columns of the lines, the first of which is the head.
fn grid(lines: &[Vec<String>], chosen: &[usize]) -> String {
    let mut grid = Grid::new();
    grid.load_style(UTF8_HORIZONTAL_ONLY);
    for (place, line) in lines.iter().enumerate() {
        let cells = chosen.iter().map(|at| line[*at].as_str());
        if place == 0 {
            grid.set_header(cells);
        } else {
            grid.add_row(cells);
        }
    }
    for column in grid.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    grid.to_string()
}

fn row_texts(quantity: Quantity, row: &Row) -> Vec<String> {
    let Some(unit) = page::row_unit(quantity, row) else {
        return row.cells.iter().map(|_| String::new()).collect();
    };
    let text = |entry: &table::Entry| {
        let (median, spread) = format::amount(unit, entry.summary.median, entry.summary.spread());
        let mark = match entry.mark {
            Mark::Plain => "",
            Mark::Least => "* ",
            Mark::Tied => "≈ ",
        };
        let ratio = entry.ratio.map(|r| format!(" {}", format::ratio(r)));
        format!("{mark}{median}{}\n{spread}", ratio.unwrap_or_default())
    };
    (row.cells.iter())
        .map(|cell| cell.as_ref().map_or_else(|| "-".to_owned(), text))
        .collect()
}
