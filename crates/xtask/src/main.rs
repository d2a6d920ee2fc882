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
#[cfg(test)]
#[path = "../../report/tests/it/planted.rs"]
#[allow(dead_code, clippy::unwrap_used)] // other tests use the rest
mod planted;
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
    Agree {
        /// A recorded run.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
    },
}

fn main() -> ExitCode {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).unwrap_or(here);
    let done = match Task::parse() {
        Task::Record { from } => record::record(root, &from).map(|folder| {
            println!("recorded {}", folder.display());
            true
        }),
        Task::Refresh { check } => refresh::refresh(root, check).map(|stale| {
            for file in &stale {
                let what = if check { "stale" } else { "refreshed" };
                println!("{what}: {}", file.display());
            }
            if check && !stale.is_empty() {
                println!("`cargo xtask refresh` makes them again");
            }
            !check || stale.is_empty()
        }),
        Task::Agree { first, second } => agree::agree(&first, &second).map(|agreement| {
            print!("{}", agreement.text);
            !agreement.reversed
        }),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
