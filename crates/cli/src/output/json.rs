//! The JSON document of `get --json`, which `race` reads.

use std::io::{self, BufWriter, Write};

use flagrace_core::{Job, Outcome, Report};
use flagrace_measure::{Cost, span};
use flagrace_report::data::Span;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
pub struct Document<'a> {
    pub engine: &'a str,
    pub elapsed_s: f64,
    pub counts: Value,
    /// What this process had used before it built the engine.
    pub idle: Cost,
    /// What it had used after the download.
    pub done: Cost,
    pub outcomes: Vec<Answer<'a>>,
}

/// One flag or URL. Times are in seconds from the start of the job.
#[derive(Serialize)]
pub struct Answer<'a> {
    #[serde(flatten)]
    span: Span,
    url: String,
    bytes: u64,
    /// Result of `--cpu`.
    computed: Option<u64>,
    detail: Option<&'a str>,
}

impl Document<'_> {
    pub fn print(&self) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        serde_json::to_writer_pretty(&mut out, self)?;
        writeln!(out)?;
        out.flush()
    }
}

pub fn counts(report: &Report) -> Value {
    let tally = report.tally();
    json!({
        "ok": tally.ok,
        "not_found": tally.not_found,
        "errors": tally.failed,
        "cancelled": tally.cancelled,
    })
}

pub fn outcomes<'a>(job: &Job, report: &'a Report) -> Vec<Answer<'a>> {
    let answer = |outcome: &'a Outcome| Answer {
        span: span(job, outcome),
        url: job.url(outcome.item),
        bytes: outcome.bytes,
        computed: outcome.computed,
        detail: outcome.detail.as_deref(),
    };
    report.outcomes.iter().map(answer).collect()
}
