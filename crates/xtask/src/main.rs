//! Tasks for maintainers: `cargo xtask record` and `refresh`.
//!
//! # Layout
//!
//! - `record.rs`: saves the newest run as `results/<date>-<host>/`
//! - `refresh.rs`: generates files from recorded runs, and checks that they are current
//!
//! # What it is not
//!
//! It measures nothing: `cargo bench` and `flagrace compare` do. Users do not need it.

mod record;
mod refresh;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

/// Tasks for maintainers.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Save the newest run, results/latest, to a new folder, then refresh.
    Record,
    /// Make the tables and pictures of recorded runs and the README's section again.
    Refresh {
        /// Change nothing; exit with 1 if a file is stale.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).unwrap_or(here);
    let is_well = match Task::parse() {
        Task::Record => {
            println!("recorded {}", record::record(root)?.display());
            true
        }
        Task::Refresh { check } => {
            let changed = refresh::refresh(root, check)?;
            let what = ["refreshed", "stale (`cargo xtask refresh`)"][usize::from(check)];
            for file in &changed {
                println!("{what}: {}", file.display());
            }
            !check || changed.is_empty()
        }
    };
    Ok(ExitCode::from(u8::from(!is_well)))
}
