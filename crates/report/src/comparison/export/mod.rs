//! One short file per form of a comparison.

mod csv;
mod json;
mod markdown;
mod terminal;

pub use csv::csv;
pub use json::json;
pub(crate) use markdown::headline;
pub use markdown::markdown;
pub use terminal::terminal;
