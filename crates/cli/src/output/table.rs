//! Small tables.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Row, Table};
use console::Term;

/// Renders a table as text. The `numbers` columns after the first are aligned to the right.
pub fn render<R: Into<Row>>(
    header: impl Into<Row>,
    rows: impl IntoIterator<Item = R>,
    numbers: usize,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1).take(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

/// Width of the terminal that standard output is, if it is one.
pub fn width() -> Option<u16> {
    let size = Term::stdout().size_checked();
    size.map(|(_, columns)| columns)
}
