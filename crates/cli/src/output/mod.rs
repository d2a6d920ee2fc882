//! What the verbs print, and the files they write.

pub mod json;
pub mod text;

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use console::Term;
use flagrace_report::document::{Block, Table};
use flagrace_report::print;

/// Prints a line on standard error. If that is closed or full, nothing else changes.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints a document, as wide as the terminal.
pub fn print(blocks: &[Block]) -> io::Result<()> {
    let size = Term::stdout().size_checked();
    let width = size.map_or(100, |(_, columns)| columns.into());
    writeln!(io::stdout(), "{}", print::terminal(blocks, width))
}

/// Renders a small table. `words` are the columns that are aligned to the left.
pub fn table<const N: usize>(
    heads: [&str; N],
    words: &'static [usize],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let rows = rows.into_iter().map(Vec::from).collect();
    print::terminal(&[Block::Table(Table::new(&heads, words, rows))], 200)
}

/// Checks that files can be written, before the work that fills them. Existing content stays until
/// it is replaced.
pub fn check_files<const N: usize>(files: [&Option<PathBuf>; N]) -> anyhow::Result<()> {
    for path in files.into_iter().flatten() {
        let file = OpenOptions::new().append(true).create(true).open(path);
        file.with_context(|| cannot_write(path))?;
    }
    Ok(())
}

pub fn write_file(path: &Path, text: String) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| cannot_write(path))
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
