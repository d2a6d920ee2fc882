//! A table in a region of its own, which scrolls where the window is narrow, and whose
//! columns can be sorted.

use maud::{Markup, html};

/// A column: what its head says, and whether it holds words, which begin at the left.
pub(super) type Head<'a> = (&'a str, bool);

/// What a cell says, and what it is sorted by: `None` in a column of words, which goes by them, and
/// where there is no number.
pub(super) type Cell = (Markup, Option<f64>);

/// A row: its class, what it is called, and its cells but for that first one.
pub(super) struct Row {
    pub(super) class: &'static str,
    pub(super) name: Markup,
    pub(super) value: Option<f64>,
    pub(super) cells: Vec<Option<Cell>>,
}

/// A table with its caption. The first head is that of the rows' names.
pub(super) fn grid(id: &str, caption: &Markup, heads: &[Head<'_>], rows: &[Row]) -> Markup {
    html! {
        div.scroll role="region" aria-labelledby=(id) tabindex="0" {
            table {
                caption id=(id) { (caption) }
                thead {
                    tr {
                        @for (words, is_words) in heads {
                            th scope="col" class=[is_words.then_some("w")]
                                data-sorts=(if *is_words { "words" } else { "numbers" }) { (words) }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr class=[(!row.class.is_empty()).then_some(row.class)] {
                            th scope="row" data-v=[value(row.value)] { (row.name) }
                            @for (cell, (_, is_words)) in row.cells.iter().zip(&heads[1..]) {
                                td class=[is_words.then_some("w")]
                                    data-v=[value(cell.as_ref().and_then(|(_, value)| *value))] {
                                    @match cell {
                                        Some((content, _)) => { (content) }
                                        None => { span.none { "–" } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Nine digits are more than any two medians have in common by chance.
fn value(value: Option<f64>) -> Option<String> {
    value.map(|value| format!("{value:.8e}"))
}
