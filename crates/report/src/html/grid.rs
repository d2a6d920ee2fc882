//! A table in a region of its own, which scrolls where the window is narrow, and whose
//! columns can be sorted.

use maud::{Markup, html};

/// The head of a column.
pub(super) struct Head {
    words: Markup,
    /// Whether it holds words, which begin at the left.
    is_words: bool,
}

/// A cell.
pub(super) struct Cell {
    content: Markup,
    /// What it is sorted by; `None` in a column of words, which goes by them, and where there
    /// is no number.
    value: Option<f64>,
    is_words: bool,
}

impl Head {
    pub(super) fn numbers(words: &str) -> Self {
        Self {
            words: html! { (words) },
            is_words: false,
        }
    }

    pub(super) fn words(words: &str) -> Self {
        Self {
            is_words: true,
            ..Self::numbers(words)
        }
    }
}

impl Cell {
    pub(super) fn number(content: Markup, value: Option<f64>) -> Self {
        Self {
            content,
            value,
            is_words: false,
        }
    }

    pub(super) fn words(content: Markup) -> Self {
        Self {
            content,
            value: None,
            is_words: true,
        }
    }

    pub(super) fn none(is_words: bool) -> Self {
        Self {
            content: html! { span.none { "–" } },
            value: None,
            is_words,
        }
    }
}

/// A row: its class, what it is called, and its cells but for that first one.
pub(super) struct Row {
    pub(super) class: &'static str,
    pub(super) name: Markup,
    pub(super) value: Option<f64>,
    pub(super) cells: Vec<Cell>,
}

/// A table with its caption. The first head is that of the rows' names.
pub(super) fn grid(id: &str, caption: &Markup, heads: &[Head], rows: &[Row]) -> Markup {
    html! {
        div.scroll role="region" aria-labelledby=(id) tabindex="0" {
            table {
                caption id=(id) { (caption) }
                thead {
                    tr {
                        @for head in heads {
                            th scope="col" class=[head.is_words.then_some("w")]
                                data-sorts=(kind(head)) { (head.words) }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr class=[(!row.class.is_empty()).then_some(row.class)] {
                            th scope="row" data-v=[value(row.value)] { (row.name) }
                            @for cell in &row.cells {
                                td class=[cell.is_words.then_some("w")] data-v=[value(cell.value)] {
                                    (cell.content)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn kind(head: &Head) -> &'static str {
    if head.is_words { "words" } else { "numbers" }
}

/// Nine digits are more than any two medians have in common by chance.
fn value(value: Option<f64>) -> Option<String> {
    value.map(|value| format!("{value:.8e}"))
}
