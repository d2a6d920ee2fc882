//! Raw benchmark results to tables, plots and recorded runs.
//!
//! Two ways lead through this crate. [`criterion`] reads what a bench left on
//! disk and turns it at once into the project's own format, [`run`]; `flagrace
//! compare` writes its trials in that of [`comparison`]. Everything else is a pure
//! function of one of them:
//!
//! ```text
//! criterion ──> run ─────────> stats ──> table ─────> export (Markdown, CSV, JSON, terminal, SVG)
//!                │                                      │
//!               comparison ──> stats ──> findings ──> comparison::export
//!                │                                      │
//!                └───────────────> folder <─────────────┘     raw.json, compare.jsonl and what
//!                                    │                        is derived from them
//!                              record, stale                  results/<date>-<host>/, the
//!                                                             README's section
//! ```
//!
//! Because the derived files depend on these two alone, "is a table stale?" is
//! answered by making it again and comparing bytes: see [`stale`].
//!
//! What this crate is not: it measures nothing, starts nothing, and knows no
//! engine, no HTTP and no command line. Times in it are in seconds, memory is in bytes.

pub mod comparison;
pub mod criterion;
pub mod error;
pub mod export;
pub mod folder;
pub mod record;
pub mod run;
pub mod stale;
pub mod stats;
pub mod table;
pub mod timeline;

mod format;
mod html;
mod page;
mod plot;
mod quantity;
mod svg;

pub use error::Error;
pub use quantity::Quantity;
pub use run::{Cell, Group, Meta, Run};
