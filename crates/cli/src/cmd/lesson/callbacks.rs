//! From callbacks to `await`: what becomes of an error.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use flagrace_async::Async;
use flagrace_core::{Downloader, Item, Job, Report, Selection, Setup};
use flagrace_server::{Config, Fault, Profile, Server};
use flagrace_styles::{Callbacks, Forgotten, Futures};

use crate::output::table;

/// Whose metadata the server spoils.
const SPOILED: [&str; 3] = ["BR", "JP", "VN"];

const LEGEND: &str = "\
asked, answered, missing: flags; an engine owes an outcome for each, ok or not
The compiler has seen to it with await and futures. With callbacks it was the author, and the
last one forgot one line: diff crates/styles/src/{callbacks,forgotten}.rs";

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
    let setup = Setup::with_concurrency(codes.len());
    let job = Job {
        metadata: true,
        ..Job::new(server.base_url(), codes)
    };
    let engines: [(&str, Box<dyn Downloader>); 4] = [
        ("await", Box::new(Async::new(&setup)?)),
        ("futures", Box::new(Futures::new(&setup)?)),
        ("callbacks", Box::new(Callbacks::new(&setup)?)),
        (
            "callbacks, one call of `done` forgotten",
            Box::new(Forgotten::new(&setup)?),
        ),
    ];
    writeln!(
        io::stdout(),
        "{} flags, each with a second request for its metadata, which are no JSON for {}.\n",
        job.items.len(),
        SPOILED.join(", ")
    )?;
    let mut rows = Vec::new();
    for (name, engine) in engines {
        let report = engine.download_many(&job)?;
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
