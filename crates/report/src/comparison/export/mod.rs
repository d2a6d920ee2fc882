//! One short file per form of a comparison.

mod csv;
mod json;
mod markdown;
mod terminal;

pub use csv::csv;
pub use json::json;
pub use markdown::markdown;
pub(crate) use markdown::{effects, headline};
pub use terminal::terminal;
