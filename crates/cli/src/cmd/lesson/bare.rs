//! One HTTP client under threads and under tasks: what differs in the code, and what it costs.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use flagrace_bare::{Bare, Model};
use flagrace_core::{Downloader, Item, Job, Origin, Selection, Setup};
use flagrace_measure::Meter;
use flagrace_server::{Profile, ServerProcess};
use similar::TextDiff;

use crate::output::table;

const BLOCKING: &str = include_str!("../../../../bare/src/blocking.rs");
const NONBLOCKING: &str = include_str!("../../../../bare/src/nonblocking.rs");

/// Enough for a second or two.
const REQUESTS: usize = 20_000;

const LEGEND: &str = "\
CPU: processor time of this program for each request; the server is another
switches: of context, for each request, because a thread had to wait
The client is the same. What differs is what waits for an answer, a thread or a task, and in the
last two rows that each request makes one. See also: cd crates/bare/src; diff threads.rs tasks.rs";

pub fn run() -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "diff crates/bare/src/blocking.rs crates/bare/src/nonblocking.rs\n"
    )?;
    let diff = TextDiff::from_lines(BLOCKING, NONBLOCKING);
    write!(out, "{}", diff.unified_diff().context_radius(0))?;

    let server = ServerProcess::start(&Profile::default()).context("cannot start a server")?;
    let setup = Setup::default();
    let concurrency = setup.concurrency;
    writeln!(out, "\n{REQUESTS} requests, {concurrency} at a time:\n")?;
    let codes = Selection::Words(vec!["ZA".to_owned()]).codes(None)?;
    let item = codes.into_iter().map(Item::Flag).next();
    let items = item.into_iter().cycle();
    let job = |count: usize| {
        let items = items.clone().take(count).collect();
        Job::of(Origin::Flags(server.base_url()), items)
    };
    let mut rows = Vec::new();
    let models = [
        Model::Threads,
        Model::Tasks,
        Model::ThreadPerRequest,
        Model::TaskPerRequest,
    ];
    for model in models {
        let engine = Bare::new(model, &setup)?;
        // Most connections are made before the clock runs.
        engine.download_many(&job(concurrency))?;
        let mut meter = Meter::open()?;
        let before = meter.read()?;
        let report = engine.download_many(&job(REQUESTS))?;
        let after = meter.read()?;
        ensure!(report.tally().ok == REQUESTS, "{:?}", report.tally());
        let each = |count: f64| count / REQUESTS as f64;
        let processor = after.user_s + after.system_s - before.user_s - before.system_s;
        let switches = after.voluntary_switches - before.voluntary_switches;
        rows.push([
            engine.name().to_owned(),
            format!("{:.0}", REQUESTS as f64 / report.elapsed.as_secs_f64()),
            format!("{:.1} µs", each(processor) * 1e6),
            format!("{:.2}", each(switches as f64)),
        ]);
    }
    let header = ["", "requests/s", "CPU", "switches"];
    writeln!(out, "{}\n\n{LEGEND}", table::render(header, rows, 3))?;
    Ok(ExitCode::SUCCESS)
}
