//! One line for `compare`, which runs `get` as a process of its own.

use std::time::Duration;

use flagrace_core::{Downloader, Outcome, Report, Status};
use flagrace_measure::{Cost, Summary, percentiles};

/// What a download came to, and what the process had used before the engine was built and
/// when everything was there.
pub fn of(
    engine: &dyn Downloader,
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
        setup_s: setup.as_secs_f64(),
        download_s: report.elapsed.as_secs_f64(),
        service_s: percentiles(times(|one| one.timing.service_time())),
        queue_s: percentiles(times(|one| one.timing.queue_wait())),
        idle,
        done,
    }
}

fn error(outcome: &Outcome) -> Option<String> {
    let Status::Failed(failure) = outcome.status else {
        return None;
    };
    Some(match &outcome.detail {
        Some(detail) => format!("{failure}: {detail}"),
        None => failure.to_string(),
    })
}
