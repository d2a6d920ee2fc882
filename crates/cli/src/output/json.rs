//! The JSON document of `get --json`, which `race` reads.

use std::io::{self, BufWriter, Write};

use flagrace_core::{Job, Report, Tally};
use flagrace_measure::{Cost, span};
use flagrace_report::data::Span;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    engine: &'a str,
    elapsed_s: f64,
    counts: Tally,
    idle: Cost,
    done: Cost,
    outcomes: Vec<Answer<'a>>,
}

/// One flag or URL. Times are in seconds from the start of the job.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    span: Span,
    url: String,
    bytes: u64,
    /// Result of `--cpu`.
    computed: Option<u64>,
    detail: Option<&'a str>,
}

/// Prints a job. `idle` is what this process had used before it built the engine, `done` after the
/// download.
pub fn print(engine: &str, job: &Job, report: &Report, idle: Cost, done: Cost) -> io::Result<()> {
    let outcomes = report.outcomes.iter().map(|outcome| Answer {
        span: span(job, outcome),
        url: job.url(outcome.item),
        bytes: outcome.bytes,
        computed: outcome.computed,
        detail: outcome.detail.as_deref(),
    });
    let document = Document {
        engine,
        elapsed_s: report.elapsed.as_secs_f64(),
        counts: report.tally(),
        idle,
        done,
        outcomes: outcomes.collect(),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, &document)?;
    writeln!(out)?;
    out.flush()
}
