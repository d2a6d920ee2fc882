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

/// A table. A row of a single cell is a heading within it.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The head of each column.
    pub heads: Vec<String>,
    /// The columns that hold words, which are aligned to the left; the others hold numbers.
    pub words: &'static [usize],
    /// The rows. A cell is empty where there is nothing to say.
    pub rows: Vec<Vec<String>>,
}
