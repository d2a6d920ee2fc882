//! From callbacks to `await`: a branch that forgets its callback loses its flags.

use std::io::{self, Write};

use anyhow::Context;
use flagrace_core::{Item, Job, Selection, Setup};
use flagrace_lessons::EventLoop;
use flagrace_lessons::callbacks::{Style, download};
use flagrace_server::{Config, Fault, Server};

use crate::output::table;

/// The flags whose metadata the server breaks.
const BROKEN: [&str; 3] = ["BR", "JP", "VN"];

const LEGEND: &str = "\
asked, answered, missing: flags; each should have an outcome, ok or an error
With await the compiler checks that. With callbacks it is up to the author:
cd crates/lessons/src/callbacks; diff nested.rs forgotten.rs";

pub fn run() -> anyhow::Result<()> {
    let codes = Selection::Popular.codes(None)?;
    let mut config = Config::default();
    for code in BROKEN {
        config
            .profile
            .faults
            .insert(code.parse()?, Fault::BadMetadata);
    }
    let server = Server::start(config).context("cannot start a server")?;
    let event_loop = EventLoop::new(&Setup::with_concurrency(codes.len()))?;
    let job = Job::new(server.base_url(), codes);
    let (asked, broken) = (job.items.len(), BROKEN.join(", "));
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{asked} flags with metadata; that of {broken} is not JSON.\n"
    )?;
    let mut rows = Vec::new();
    for (name, style) in [
        ("await", Style::Awaited),
        ("callbacks", Style::Callbacks),
        ("callbacks, one forgotten", Style::Forgotten),
    ] {
        let report = download(style, &event_loop, &job);
        let tally = report.tally();
        let has_outcome = |item: Item| report.outcomes.iter().any(|one| one.item == item);
        let missing = job.items.iter().filter(|&&item| !has_outcome(item));
        let missing: Vec<_> = missing.map(|&item| job.label(item)).collect();
        rows.push([
            name.to_owned(),
            asked.to_string(),
            report.outcomes.len().to_string(),
            tally.ok.to_string(),
            tally.errors().to_string(),
            missing.join(" "),
        ]);
    }
    let header = ["", "asked", "answered", "ok", "errors", "missing"];
    let table = table::render(header, rows, 4);
    writeln!(out, "{table}\n\n{LEGEND}")?;
    Ok(())
}
