//! One short file per format, behind one small trait.

mod csv;
mod json;
mod markdown;
mod terminal;

use crate::error::Error;
use crate::run::Run;

pub use csv::Csv;
pub(crate) use csv::field;
pub use json::Json;
pub use markdown::Markdown;
pub use terminal::Terminal;

/// A form in which a run can be shown.
pub trait Exporter: Sync {
    /// The run in this form, or `None` where it holds nothing that this form shows.
    ///
    /// It is a pure function: the same run gives the same bytes.
    ///
    /// # Errors
    ///
    /// Where the result could not be drawn or serialised.
    fn export(&self, run: &Run) -> Result<Option<String>, Error>;
}

/// The files that stand beside `raw.json` in the folder of a run, and what makes
/// each of them.
pub const FILES: [(&str, &dyn Exporter); 3] = [
    ("tables.md", &Markdown),
    ("tables.csv", &Csv),
    ("tables.json", &Json),
];
