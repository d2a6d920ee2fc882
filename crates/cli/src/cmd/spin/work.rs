//! What the slow function does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::ValueEnum;
use flagrace_async::download_one;
use flagrace_core::{Job, JobError, Origin, Report, Selection, Setup};
use flagrace_http_async::Client;
use flagrace_spinner::{Answer, Call, Failed, Variant, Wait, Work};
use tokio::task::JoinSet;

use crate::engine::Engine;
use crate::output::text;
use crate::server::Source;
use crate::usage::Usage;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Waits
    Sleep,
    /// Downloads the flags of the 20 most populous countries, all at once
    Download,
    /// Computes: is a large number prime?
    Prime,
}

impl Kind {
    /// What shows the point of a variant best.
    pub fn usual(variant: Variant) -> Self {
        match variant {
            Variant::NappingTask => Self::Prime,
            _ => Self::Sleep,
        }
    }
}

/// The work for a variant. A download needs a source.
pub fn build(
    kind: Kind,
    variant: Variant,
    time: Duration,
    engine: Option<Engine>,
    source: Option<&Source>,
) -> anyhow::Result<Work> {
    Ok(match kind {
        Kind::Sleep => Work::Sleep(time),
        Kind::Prime => Work::Prime(time),
        Kind::Download => {
            let source = source.context("there is no server to download from")?;
            Work::Call(download(variant, engine, source)?)
        }
    })
}

/// `download_many` as the slow function. In a task, the async engine's tasks run on the very
/// event loop on which the spinner turns; every other engine blocks the thread that calls.
fn download(variant: Variant, engine: Option<Engine>, source: &Source) -> anyhow::Result<Call> {
    let usual = match variant {
        Variant::Task => Engine::Async,
        _ => Engine::Threads,
    };
    let engine = engine.unwrap_or(usual);
    let codes = Selection::Popular.codes(None)?;
    let setup = Setup {
        tls: source.base_url.is_https().then(Arc::default),
        ..Setup::with_concurrency(codes.len())
    };
    let job = Job::new(source.base_url.clone(), codes);

    let blocks_a_task = match variant {
        Variant::Thread | Variant::RescuedTask => false,
        Variant::Task => engine != Engine::Async,
        _ => true,
    };
    if engine.has_event_loop() && blocks_a_task {
        return Err(Usage::error(
            "this engine has an event loop of its own, and tokio starts none inside another: \
             take seq, threads or rayon, or `spin task --engine async`",
        ));
    }
    if variant == Variant::Task && engine == Engine::Async {
        return Ok(Call::awaited(awaited(setup, job)?));
    }
    let engine = engine.build(&setup)?;
    Ok(Call::blocking(move || {
        answer(&job.origin, engine.download_many(&job))
    }))
}

/// The same download without an event loop of its own.
fn awaited(setup: Setup, job: Job) -> Result<impl Fn() -> Wait + Send + Sync, JobError> {
    let client = Client::new(&setup)?;
    Ok(move || -> Wait {
        let start = Instant::now();
        let session = Arc::new(client.session(&job, start));
        Box::pin(async move {
            let mut tasks = JoinSet::new();
            for &item in &*session.job().items {
                let session = Arc::clone(&session);
                tasks.spawn(async move { download_one(&session, item).await });
            }
            let report = Report::new(tasks.join_all().await, start.elapsed());
            answer(&session.job().origin, Ok(report))
        })
    })
}

fn answer(origin: &Origin, report: Result<Report, JobError>) -> Answer {
    let report = report.map_err(|error| Failed::Work(error.to_string()))?;
    let tally = report.tally();
    match text::some_failed(origin, &report) {
        Some(why) => Err(Failed::Work(why)),
        None if tally.not_found > 0 => Err(Failed::Work(text::not_found(origin, &report))),
        None => Ok(format!("{} flags", tally.ok)),
    }
}
