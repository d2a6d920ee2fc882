//! The outcomes of a job as JSON.

use flagrace_core::{Job, Outcome, Report};
use flagrace_report::comparison::Span;
use serde::Serialize;

use super::timeline::span;

/// One flag or URL. Times are in seconds from the start of the job.
#[derive(Serialize)]
pub struct Answer<'a> {
    #[serde(flatten)]
    span: Span,
    url: String,
    /// Name of the file of a URL.
    file: Option<String>,
    bytes: u64,
    /// Cause of a failure.
    detail: Option<&'a str>,
}

pub fn outcomes<'a>(job: &Job, report: &'a Report) -> Vec<Answer<'a>> {
    let answer = |outcome: &'a Outcome| {
        let is_url = outcome.item.code().is_none();
        Answer {
            span: span(job, outcome),
            url: job.url(outcome.item),
            file: is_url.then(|| job.file_name(outcome.item)),
            bytes: outcome.bytes,
            detail: outcome.detail.as_deref(),
        }
    };
    report.outcomes.iter().map(answer).collect()
}
