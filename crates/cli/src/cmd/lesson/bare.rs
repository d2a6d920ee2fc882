//! One HTTP client under threads and under tasks: the difference in code, and in cost.

use std::io::{self, Write};

use anyhow::{Context, ensure};
use flagrace_bare::{Bare, Model};
use flagrace_core::{Downloader, Item, Job, Origin, Setup};
use flagrace_measure::Cost;
use flagrace_server::{Profile, ServerProcess};
use similar::TextDiff;

use crate::output::table;

const BLOCKING: &str = include_str!("../../../../bare/src/blocking.rs");
const NONBLOCKING: &str = include_str!("../../../../bare/src/nonblocking.rs");

/// Enough for a second or two.
const REQUESTS: usize = 20_000;

const LEGEND: &str = "\
CPU: processor time of this program for each request, without the server
switches: context switches for each request because a thread waited
The client is the same in all rows. A pool of threads or tasks waits for the
answers; in the last two rows each request starts a thread or a task.
More of the code: cd crates/bare/src; diff threads.rs tasks.rs";

pub fn run() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let diff = TextDiff::from_lines(BLOCKING, NONBLOCKING);
    let diff = diff.unified_diff().context_radius(0).to_string();
    writeln!(
        out,
        "cd crates/bare/src; diff blocking.rs nonblocking.rs\n\n{diff}"
    )?;
    let server = ServerProcess::start(&Profile::default()).context("cannot start a server")?;
    let setup = Setup::default();
    let concurrency = setup.concurrency;
    writeln!(out, "{REQUESTS} requests, {concurrency} at a time:\n")?;
    let flag = Item::Flag("ZA".parse()?);
    let job = |count| Job::of(Origin::Flags(server.base_url()), vec![flag; count].into());
    let mut rows = Vec::new();
    for model in [
        Model::Threads,
        Model::Tasks,
        Model::ThreadPerRequest,
        Model::TaskPerRequest,
    ] {
        let engine = Bare::new(model, &setup)?;
        // Opens the connections first.
        engine.download_many(&job(concurrency))?;
        let before = Cost::so_far()?;
        let report = engine.download_many(&job(REQUESTS))?;
        let after = Cost::so_far()?;
        ensure!(report.tally().ok == REQUESTS, "{:?}", report.tally());
        let processor = after.user_s + after.system_s - before.user_s - before.system_s;
        let switches = after.voluntary_switches - before.voluntary_switches;
        let requests = REQUESTS as f64;
        rows.push([
            engine.name().to_owned(),
            format!("{:.0}", requests / report.elapsed.as_secs_f64()),
            format!("{:.1} µs", processor * 1e6 / requests),
            format!("{:.2}", switches as f64 / requests),
        ]);
    }
    let header = ["", "requests/s", "CPU", "switches"];
    writeln!(out, "{}\n\n{LEGEND}", table::render(header, rows, 3))?;
    Ok(())
}
