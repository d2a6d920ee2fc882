//! Text, as the book's `flags2` prints it.

use std::io::{self, Write};

use flagrace_core::{CountryCode, Failure, Observer, Origin, Outcome, Report, Status};

use crate::server::Source;

/// Up to this many codes are listed, more are told from first to last.
const LISTED: usize = 10;

/// The opening lines.
pub fn opening(source: &Source, codes: &[CountryCode], concurrency: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{} site: {}", source.label, source.base_url)?;
    let list = match codes {
        [first, .., last] if codes.len() > LISTED => format!("from {first} to {last}"),
        few => {
            let few: Vec<_> = few.iter().map(CountryCode::as_str).collect();
            few.join(", ")
        }
    };
    writeln!(out, "Searching for {}: {list}", count(codes.len(), "flag"))?;
    let connections = count(concurrency, "concurrent connection");
    writeln!(out, "{connections} will be used.")
}

/// The closing lines.
pub fn closing(report: &Report) -> io::Result<()> {
    let tally = report.tally();
    let mut out = io::stdout().lock();
    writeln!(out, "{}", "-".repeat(20))?;
    writeln!(out, "{} downloaded.", count(tally.ok, "flag"))?;
    if tally.not_found > 0 {
        writeln!(out, "{} not found.", tally.not_found)?;
    }
    let cancelled = tally.failed_with(Failure::Cancelled);
    let errors = tally.errors() - cancelled;
    if errors > 0 {
        writeln!(out, "{}.", count(errors, "error"))?;
    }
    if cancelled > 0 {
        writeln!(out, "{cancelled} cancelled.")?;
    }
    writeln!(out, "Elapsed time: {:.2}s", report.elapsed.as_secs_f64())
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A line for each item, as it is done.
pub struct Verbose(pub Origin);

impl Observer for Verbose {
    fn finished(&self, outcome: &Outcome) {
        let label = self.0.label(outcome.item);
        let mut out = io::stdout().lock();
        // A reader who has left is told of at the end; downloads go on.
        let _ = match (outcome.status, &outcome.detail) {
            (Status::Ok, _) => writeln!(out, "{label} OK"),
            (Status::NotFound, _) => writeln!(out, "{label} not found"),
            (Status::Failed(failure), None) => writeln!(out, "*** Error for {label}: {failure}"),
            (Status::Failed(failure), Some(detail)) => {
                writeln!(out, "*** Error for {label}: {failure}: {detail}")
            }
        };
    }
}
