//! Tasks for maintainers: `cargo xtask record`, `refresh` and `agree`.
//!
//! # Layout
//!
//! - `record.rs`: keeps the newest run as `results/<date>-<host>/`
//! - `refresh.rs`: what is made from recorded runs, and whether it is current
//! - `agree.rs`: whether two recorded runs give the same verdicts
//!
//! # What it is not
//!
//! It measures nothing: `cargo bench` and `flagrace compare` do. Users do not need it.

mod agree;
mod record;
mod refresh;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

/// Tasks for maintainers.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Keep the newest run as a folder of its own, then refresh.
    Record {
        /// Folder with compare.jsonl and bench.jsonl.
        #[arg(default_value = "results/latest")]
        from: PathBuf,
    },
    /// Make the tables and pictures of recorded runs and the README's section again.
    Refresh {
        /// Change nothing; exit with 1 if a file is stale.
        #[arg(long)]
        check: bool,
    },
    /// Compare the verdicts of two recorded runs; exit with 1 if one is reversed.
    Agree { first: PathBuf, second: PathBuf },
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is well.
fn run(task: Task) -> anyhow::Result<bool> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).unwrap_or(here);
    match task {
        Task::Record { from } => {
            println!("recorded {}", record::record(root, &from)?.display());
            Ok(true)
        }
        Task::Refresh { check } => {
            let changed = refresh::refresh(root, check)?;
            let what = if check {
                "stale (`cargo xtask refresh`)"
            } else {
                "refreshed"
            };
            for file in &changed {
                println!("{what}: {}", file.display());
            }
            Ok(!check || changed.is_empty())
        }
        Task::Agree { first, second } => {
            let (text, is_well) = agree::agree(&first, &second)?;
            print!("{text}");
            Ok(is_well)
        }
    }
}
