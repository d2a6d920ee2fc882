//! One line for `compare`, which runs `get` as a process of its own.

use std::time::Duration;

use flagrace_core::{Downloader, Origin, Outcome, Report, Status};
use flagrace_measure::{Cost, Summary, percentiles};

use super::text;

/// What a download came to, and what the process had used before the engine was built and
/// when everything was there.
pub fn of(
    engine: &dyn Downloader,
    origin: &Origin,
    report: &Report,
    setup: Duration,
    (idle, done): (Cost, Cost),
) -> Summary {
    let tally = report.tally();
    let times = |of: fn(&Outcome) -> Duration| report.outcomes.iter().map(of).collect();
    Summary {
        engine: engine.name().to_owned(),
        ok: tally.ok,
        not_found: tally.not_found,
        errors: tally.errors(),
        first_error: report.outcomes.iter().find_map(error),
        missed: match origin {
            Origin::Flags(_) => Vec::new(),
            Origin::Urls(_) => (report.outcomes.iter())
                .filter_map(|one| missed(origin, one))
                .collect(),
        },
        resent: report.resent().into(),
        setup_s: setup.as_secs_f64(),
        download_s: report.elapsed.as_secs_f64(),
        service_s: percentiles(times(|one| one.timing.service_time())),
        queue_s: percentiles(times(|one| one.timing.queue_wait())),
        idle,
        done,
    }
}

fn error(outcome: &Outcome) -> Option<String> {
    match outcome.status {
        Status::Failed(failure) => Some(text::reason(failure, outcome)),
        _ => None,
    }
}

fn missed(origin: &Origin, outcome: &Outcome) -> Option<(String, String)> {
    let why = match outcome.status {
        Status::Ok => return None,
        Status::NotFound => "HTTP 404 not found".to_owned(),
        Status::Failed(failure) => text::reason(failure, outcome),
    };
    Some((origin.url(outcome.item), why))
}
