//! What each engine came to, as a table, and what went wrong.

use std::io::{self, Write};
use std::time::Instant;

use flagrace_core::{Failure, Report, Status, Tally};

use super::show::rate;
use crate::output::aside::tell;
use crate::output::table;

const FOR_SHOW: &str = "\
They competed for the same machine: these times are not comparable.
`flagrace compare` measures one engine at a time.";

/// An engine that ran.
pub struct Finish {
    pub engine: &'static str,
    /// From the start of the race.
    pub seconds: f64,
    pub tally: Tally,
    /// Why no flag at all had an answer.
    nobody_there: Option<String>,
}

/// An engine that could not run, and why.
pub struct NoStart {
    engine: String,
    why: String,
}

impl NoStart {
    pub fn new(engine: &str, why: impl Into<anyhow::Error>) -> Self {
        Self {
            engine: engine.to_owned(),
            why: format!("{:#}", why.into()),
        }
    }
}

impl Finish {
    /// An engine is done now.
    pub fn now(engine: &'static str, start: Instant, report: &Report) -> Self {
        let unanswered = Status::Failed(Failure::Transport);
        let nobody_there = report.outcomes.iter().all(|one| one.status == unanswered);
        let why = report.outcomes.first().filter(|_| nobody_there);
        Self {
            engine,
            seconds: start.elapsed().as_secs_f64(),
            tally: report.tally(),
            nobody_there: why.map(|one| one.detail.as_deref().unwrap_or("no reason").to_owned()),
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
        self.tally.ok == 0 && self.tally.errors() > 0
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

/// A line on standard error for all that went wrong; whether there was nothing.
pub fn tell_what_is_wrong(finishes: &[Finish], no_start: &[NoStart], base_url: &str) -> bool {
    for NoStart { engine, why } in no_start {
        tell(format_args!("flagrace: {engine} did not race: {why}"));
    }
    let done = || finishes.iter().filter(|one| !one.was_stopped());
    let mut agree = true;
    if let Some(first) = done().next() {
        for other in done().filter(|other| other.tally != first.tally) {
            agree = false;
            tell(format_args!(
                "flagrace: {} and {} disagree on the same flags: {} against {}",
                first.engine,
                other.engine,
                in_words(&first.tally),
                in_words(&other.tally)
            ));
        }
    }
    let silent = done().all(|one| one.nobody_there.is_some());
    let why = done().find_map(|one| one.nobody_there.as_deref());
    if let Some(why) = why.filter(|_| silent) {
        tell(format_args!(
            "flagrace: {base_url} gave no answer: {why}; `flagrace serve` starts a flag server"
        ));
    } else if let Some(one) = done().find(|one| one.tally.errors() > 0) {
        let (tally, of) = (&one.tally, one.tally.total());
        tell(format_args!(
            "flagrace: {} of {of} flags failed with {}: {}",
            tally.errors(),
            one.engine,
            in_words(tally)
        ));
    }
    let no_errors = done().all(|one| one.tally.errors() == 0);
    no_start.is_empty() && agree && no_errors
}

/// All of it, causes included: two engines may have as many errors and not the same.
fn in_words(tally: &Tally) -> String {
    let mut words = format!("{} ok, {} not found", tally.ok, tally.not_found);
    for (failure, count) in &tally.failed {
        words += &format!(", {count} {failure}");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use flagrace_core::{Outcome, Timing};

    fn finish(engine: &'static str, statuses: &[Status]) -> Finish {
        let outcomes = statuses.iter().map(|&status| Outcome {
            item: flagrace_core::Item::Flag("BR".parse().unwrap()),
            status,
            detail: None,
            bytes: 0,
            timing: Timing::default(),
        });
        let report = Report::new(outcomes.collect(), std::time::Duration::ZERO);
        Finish::now(engine, Instant::now(), &report)
    }

    #[test]
    fn two_that_disagree_are_told_of_and_one_that_was_stopped_is_not_asked() {
        let stopped = finish("seq", &[Status::Ok, Status::Failed(Failure::Cancelled)]);
        assert!(stopped.was_stopped());
        assert_eq!(stopped.done(), 1);
        let mut all = vec![
            finish("threads", &[Status::Ok, Status::Ok]),
            stopped,
            finish("async", &[Status::Ok, Status::Ok]),
        ];
        assert!(tell_what_is_wrong(&all, &[], "http://x"));
        all.push(finish("rayon", &[Status::Ok, Status::NotFound]));
        assert!(!tell_what_is_wrong(&all, &[], "http://x"));
    }

    #[test]
    fn an_engine_that_fails_at_once_has_nothing() {
        let failed = Status::Failed(Failure::Transport);
        let none = finish("threads", &[failed, failed]);
        assert!(none.has_nothing() && !none.was_stopped());
        let some = finish("async", &[failed, Status::Ok]);
        assert!(!some.has_nothing());
        assert_eq!(some.answered(), 1);
        assert!(!finish("seq", &[Status::NotFound]).has_nothing());
        assert!(!tell_what_is_wrong(&[none, some], &[], "http://x"));
    }
}
