//! What each engine came to, as a table, and what went wrong.

use std::io::{self, Write};
use std::time::Instant;

use flagrace_core::{Failure, Origin, Report, Tally};

use super::show::rate;
use crate::output::aside::tell;
use crate::output::{table, text};

const FOR_SHOW: &str = "\
They competed for the same machine: these times are not comparable.
`flagrace compare` measures one engine at a time.";

/// An engine that ran.
pub struct Finish {
    pub engine: &'static str,
    /// From the start of the race.
    pub seconds: f64,
    pub tally: Tally,
    /// Why flags failed, but for Ctrl-C: a line.
    failed: Option<String>,
}

impl Finish {
    /// An engine is done now.
    pub fn now(engine: &'static str, start: Instant, origin: &Origin, report: &Report) -> Self {
        let failed = text::nothing_there(origin, report);
        Self {
            engine,
            seconds: start.elapsed().as_secs_f64(),
            tally: report.tally(),
            failed: failed.or_else(|| text::some_failed(origin, report)),
        }
    }

    /// How many flags have an outcome other than that they were cancelled.
    pub fn done(&self) -> usize {
        self.tally.total() - self.tally.failed_with(Failure::Cancelled)
    }

    /// Whether Ctrl-C came before it was done.
    pub fn was_stopped(&self) -> bool {
        self.tally.failed_with(Failure::Cancelled) > 0
    }

    /// Whether it failed, and has not one flag.
    pub fn has_nothing(&self) -> bool {
        self.tally.ok == 0 && self.failed.is_some()
    }

    /// How many flags it has, or knows not to be there.
    pub fn answered(&self) -> usize {
        self.tally.ok + self.tally.not_found
    }
}

/// Prints the table, in the order in which the engines were named.
pub fn print(finishes: &[Finish], flags: usize) -> io::Result<()> {
    if finishes.is_empty() {
        return Ok(());
    }
    let rows = finishes.iter().map(|one| {
        [
            one.engine.to_owned(),
            format!("{:.2} s", one.seconds),
            format!("{:.1}", rate(one.answered(), one.seconds)),
            format!("{} of {flags}", one.tally.ok),
        ]
    });
    let table = table::render(["", "time", "flags/s", "downloaded"], rows, 3);
    writeln!(io::stdout(), "{table}\n{FOR_SHOW}")
}

/// Tells on standard error why engines did not run, and what the first missed that missed flags;
/// whether there were none.
pub fn tell_what_is_wrong(finishes: &[Finish], no_start: &[String]) -> bool {
    for why in no_start {
        tell(format_args!("flagrace: {why}"));
    }
    let done = finishes.iter().filter(|one| !one.was_stopped());
    let failed = done.filter_map(|one| Some((one.engine, one.failed.as_ref()?)));
    let first = failed.into_iter().next();
    if let Some((engine, why)) = first {
        tell(format_args!("flagrace: {engine}: {why}"));
    }
    no_start.is_empty() && first.is_none()
}
