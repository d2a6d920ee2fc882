//! A document as data: what every printer prints.

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph of plain text.
    Text(String),
    /// A list of plain sentences.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A picture.
    Figure {
        /// The SVG, as a whole document.
        svg: String,
        /// The picture in words.
        alt: String,
        /// Its file beside the Markdown, such as `ratio.svg`.
        file: String,
    },
    /// Parts that are folded until a reader asks for them.
    Details(String, Vec<Block>),
}

/// A table. The first column holds words; the others hold numbers unless [`Column::words`].
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub head: String,
    /// Whether it holds words, which are aligned to the left.
    pub words: bool,
}

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// What it says. Empty where there is nothing to say.
    pub text: String,
    /// The number that it is sorted by, where it has one.
    pub value: Option<f64>,
}
