//! A document as data, for all printers.

#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Heading(String),
    Text(String),
    List(Vec<String>),
    Table(Table),
    Figure(Figure),
    /// Parts that are folded until a reader opens them.
    Details(String, Vec<Block>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub svg: String,
    pub alt: String,
    /// The name of its file beside the Markdown, such as `memory.svg`.
    pub file: String,
}

/// A table. A row with a single cell is a heading within it.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub heads: Vec<String>,
    /// The columns with words, aligned to the left; the others are numbers.
    pub words: &'static [usize],
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(heads: &[&str], words: &'static [usize], rows: Vec<Vec<String>>) -> Self {
        let heads = heads.iter().map(|head| (*head).to_owned()).collect();
        Self { heads, words, rows }
    }
}
