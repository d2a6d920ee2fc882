//! From callbacks to `await`: what becomes of an error.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use flagrace_core::{Item, Job, Report, Selection, Setup};
use flagrace_lessons::EventLoop;
use flagrace_lessons::callbacks::{Style, download};
use flagrace_server::{Config, Fault, Profile, Server};

use crate::output::table;

/// Whose metadata the server spoils.
const SPOILED: [&str; 3] = ["BR", "JP", "VN"];

const LEGEND: &str = "\
asked, answered, missing: flags; each is owed an outcome, ok or not
With await the compiler checks that. With callbacks it is up to the author,
who forgot one call: cd crates/lessons/src/callbacks; diff callbacks.rs forgotten.rs";

pub fn run() -> anyhow::Result<ExitCode> {
    let codes = Selection::Popular.codes(None)?;
    let spoiled = SPOILED
        .into_iter()
        .map(|code| Ok((code.parse()?, Fault::BadMetadata)))
        .collect::<anyhow::Result<_>>()?;
    let profile = Profile {
        faults: spoiled,
        ..Profile::default()
    };
    // In this process: nothing is measured, and a server's process takes no single faults.
    let server = Server::start(Config {
        profile,
        ..Config::default()
    })
    .context("cannot start a server")?;
    let event_loop = EventLoop::new(&Setup::with_concurrency(codes.len()))?;
    let job = Job::new(server.base_url(), codes);
    writeln!(
        io::stdout(),
        "{} flags, each with a second request for its metadata, which are no JSON for {}.\n",
        job.items.len(),
        SPOILED.join(", ")
    )?;
    let mut rows = Vec::new();
    for (name, style) in [
        ("await", Style::Awaited),
        ("callbacks", Style::Callbacks),
        ("callbacks, one call forgotten", Style::Forgotten),
    ] {
        let report = download(style, &event_loop, &job);
        let tally = report.tally();
        rows.push([
            name.to_owned(),
            job.items.len().to_string(),
            report.outcomes.len().to_string(),
            tally.ok.to_string(),
            tally.errors().to_string(),
            missing(&job, &report),
        ]);
    }
    let header = ["", "asked", "answered", "ok", "errors", "missing"];
    let table = table::render(header, rows, 4);
    writeln!(io::stdout(), "{table}\n\n{LEGEND}")?;
    Ok(ExitCode::SUCCESS)
}

/// The flags without an outcome.
fn missing(job: &Job, report: &Report) -> String {
    let has_outcome = |item: Item| report.outcomes.iter().any(|one| one.item == item);
    let missing = job.items.iter().filter(|&&item| !has_outcome(item));
    missing
        .map(|&item| job.label(item))
        .collect::<Vec<_>>()
        .join(" ")
}
