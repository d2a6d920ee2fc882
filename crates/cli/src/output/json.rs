//! One JSON document on standard output.

use std::io::{self, Write};
use std::time::Duration;

use flagrace_core::{Failure, Origin, Outcome, Report, Status, Timing};
use flagrace_measure::Cost;
use flagrace_server::Stats;
use serde::Serialize;

/// What a run came to. Times are in seconds, and those of an outcome count from the start of
/// the downloading.
#[derive(Serialize)]
pub struct Document<'a> {
    pub engine: &'a str,
    /// Where the flags were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<&'a str>,
    pub concurrency: usize,
    pub counts: Counts,
    /// Building the engine: its client, pool or runtime.
    pub setup_s: f64,
    /// Downloading.
    pub elapsed_s: f64,
    /// What this process has used, with `--cost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Costs>,
    /// What the server counted, where it is our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Stats>,
    pub outcomes: Vec<Answer<'a>>,
}

#[derive(Serialize)]
pub struct Counts {
    pub ok: usize,
    pub not_found: usize,
    pub errors: usize,
    /// How many did not come to an end, because of Ctrl-C.
    #[serde(skip_serializing_if = "is_none")]
    pub cancelled: usize,
    /// Requests that were sent once more, because an idle connection had died.
    #[serde(skip_serializing_if = "is_none")]
    pub resent: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Before the engine was built, and after the download.
#[derive(Serialize)]
pub struct Costs {
    pub idle: Cost,
    pub done: Cost,
}

/// What became of a flag, which has a code, or of a URL, which has a file.
#[derive(Serialize)]
pub struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    bytes: u64,
    timing: Times,
}

#[derive(Serialize)]
struct Times {
    started_s: Option<f64>,
    first_byte_s: Option<f64>,
    body_read_s: Option<f64>,
    saved_s: Option<f64>,
    finished_s: f64,
}

impl Counts {
    pub fn of(report: &Report) -> Self {
        let tally = report.tally();
        let cancelled = tally.failed_with(Failure::Cancelled);
        Self {
            ok: tally.ok,
            not_found: tally.not_found,
            errors: tally.errors() - cancelled,
            cancelled,
            resent: report.resent() as usize,
        }
    }
}

/// What became of each.
pub fn outcomes<'a>(origin: &Origin, report: &'a Report) -> Vec<Answer<'a>> {
    let outcomes = report.outcomes.iter();
    outcomes.map(|one| Answer::of(origin, one)).collect()
}

impl<'a> Answer<'a> {
    fn of(origin: &Origin, outcome: &'a Outcome) -> Self {
        let item = outcome.item;
        let is_url = item.code().is_none();
        let (status, error) = match outcome.status {
            Status::Ok => ("ok", None),
            Status::NotFound => ("not_found", None),
            Status::Failed(failure) => ("error", Some(failure.to_string())),
        };
        Self {
            code: item.code().map(|code| code.to_string()),
            url: is_url.then(|| origin.url(item)),
            file: is_url.then(|| origin.file_name(item)),
            status,
            error,
            detail: outcome.detail.as_deref(),
            bytes: outcome.bytes,
            timing: outcome.timing.into(),
        }
    }
}

impl From<Timing> for Times {
    fn from(timing: Timing) -> Self {
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        Self {
            started_s: seconds(timing.started),
            first_byte_s: seconds(timing.first_byte),
            body_read_s: seconds(timing.body_read),
            saved_s: seconds(timing.saved),
            finished_s: timing.finished.as_secs_f64(),
        }
    }
}

/// Prints the document.
pub fn print(document: &Document<'_>) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    io::stdout().write_all(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cancelled_is_no_error() {
        let outcome = |failure| Outcome {
            item: flagrace_core::Item::Url(0),
            status: Status::Failed(failure),
            detail: None,
            bytes: 0,
            resent: u32::from(failure == Failure::Transport),
            timing: Timing::default(),
        };
        let failures = [Failure::Cancelled, Failure::Transport, Failure::Cancelled];
        let report = Report::new(failures.map(outcome).into(), Duration::ZERO);
        let counts = serde_json::to_value(Counts::of(&report)).unwrap();
        let told =
            serde_json::json!({"ok": 0, "not_found": 0, "errors": 1, "cancelled": 2, "resent": 1});
        assert_eq!(counts, told);
    }
}
