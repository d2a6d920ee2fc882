//! Who came when: as a table, as JSON, and what was wrong.

use std::io::{self, Write};
use std::time::Instant;

use flagrace_core::{Failure, Report, Status, Tally};
use serde::Serialize;

use super::show::rate;
use crate::output::aside::tell;
use crate::output::{json::Counts, table};

const FOR_SHOW: &str = "\
They ran at the same time and took from each other: this is for show, and
`flagrace compare` is for numbers.";

/// What a race came to.
#[derive(Default)]
pub struct Ranking {
    pub finishes: Vec<Finish>,
    pub no_start: Vec<NoStart>,
}

/// An engine that ran.
pub struct Finish {
    pub engine: &'static str,
    /// From 1; none where it was stopped before it was done, or has nothing and failed: who
    /// gives up at once is not the first.
    pub place: Option<usize>,
    /// From the start of the race.
    pub seconds: f64,
    pub tally: Tally,
    counts: Counts,
    /// Why no flag at all had an answer.
    nobody_there: Option<String>,
}

/// An engine that could not run.
#[derive(Serialize)]
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
    /// How many flags have an outcome other than that they were cancelled.
    pub fn done(&self) -> usize {
        self.tally.total() - self.tally.failed_with(Failure::Cancelled)
    }

    /// Whether Ctrl-C came before it was done.
    pub fn was_stopped(&self) -> bool {
        self.tally.failed_with(Failure::Cancelled) > 0
    }

    /// How many flags it has, or knows not to be there.
    pub fn answered(&self) -> usize {
        self.tally.ok + self.tally.not_found
    }

    fn rate(&self) -> f64 {
        rate(self.answered(), self.seconds)
    }
}

impl Ranking {
    /// An engine is done now.
    pub fn enter(&mut self, engine: &'static str, start: Instant, report: &Report) -> &Finish {
        let tally = report.tally();
        let is_done = tally.failed_with(Failure::Cancelled) == 0;
        let has_nothing = tally.ok == 0 && tally.errors() > 0;
        let before = self.finishes.iter().filter(|one| one.place.is_some());
        let place = (is_done && !has_nothing).then_some(before.count() + 1);
        let unanswered = Status::Failed(Failure::Transport);
        let nobody_there = report.outcomes.iter().all(|one| one.status == unanswered);
        let why = report.outcomes.first().filter(|_| nobody_there);
        let index = self.finishes.len();
        self.finishes.push(Finish {
            engine,
            place,
            seconds: start.elapsed().as_secs_f64(),
            tally,
            counts: Counts::of(report),
            nobody_there: why.map(|one| one.detail.as_deref().unwrap_or("no reason").to_owned()),
        });
        &self.finishes[index]
    }

    /// In the order of places; who was stopped comes last, with most flags first.
    pub fn sort(&mut self) {
        self.finishes.sort_by_key(|one| {
            let place = one.place.unwrap_or(usize::MAX);
            (place, std::cmp::Reverse(one.done()))
        });
    }

    /// Prints the table.
    pub fn print(&self, flags: usize) -> io::Result<()> {
        let rows = self.finishes.iter().map(|one| {
            let place = one.place.map_or_else(|| "-".to_owned(), ordinal);
            [
                format!("{place:>4}  {}", one.engine),
                format!("{:.2} s", one.seconds),
                format!("{:.1}", one.rate()),
                match one.place {
                    Some(_) => one.tally.ok.to_string(),
                    None => format!("{} of {flags}", one.tally.ok),
                },
            ]
        });
        let header = ["", "time", "flags/s", "downloaded"];
        let table = table::render(header, rows, 3);
        let mut out = io::stdout().lock();
        if !self.finishes.is_empty() {
            writeln!(out, "{table}\n{FOR_SHOW}")?;
        }
        Ok(())
    }

    /// Prints the same as JSON.
    pub fn print_json(&self, base_url: &str, flags: usize, concurrency: usize) -> io::Result<()> {
        let ranking = self.finishes.iter().map(|one| Row {
            place: one.place,
            engine: one.engine,
            elapsed_s: one.seconds,
            flags_per_s: one.rate(),
            done: one.done(),
            counts: &one.counts,
        });
        let mut text = serde_json::to_vec_pretty(&Document {
            note: "all at the same time: for show; flagrace compare is for numbers",
            base_url,
            flags,
            concurrency,
            ranking: ranking.collect(),
            no_start: &self.no_start,
        })?;
        text.push(b'\n');
        io::stdout().write_all(&text)
    }

    /// A line on standard error for all that went wrong; whether there was nothing. Flags that
    /// failed are counted in JSON already.
    pub fn tell_what_is_wrong(&self, base_url: &str, json: bool) -> bool {
        for NoStart { engine, why } in &self.no_start {
            tell(format_args!("flagrace: {engine} did not race: {why}"));
        }
        let done = || self.finishes.iter().filter(|one| !one.was_stopped());
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
        } else if let Some(one) = done().find(|one| one.tally.errors() > 0).filter(|_| !json) {
            let (tally, of) = (&one.tally, one.tally.total());
            tell(format_args!(
                "flagrace: {} of {of} flags failed with {}: {}",
                tally.errors(),
                one.engine,
                in_words(tally)
            ));
        }
        let no_errors = done().all(|one| one.tally.errors() == 0);
        self.no_start.is_empty() && agree && no_errors
    }
}

/// All of it, causes included: two engines may have as many errors and not the same.
fn in_words(tally: &Tally) -> String {
    let mut words = format!("{} ok, {} not found", tally.ok, tally.not_found);
    for (failure, count) in &tally.failed {
        words += &format!(", {count} {failure}");
    }
    words
}

#[derive(Serialize)]
struct Document<'a> {
    note: &'static str,
    base_url: &'a str,
    flags: usize,
    concurrency: usize,
    ranking: Vec<Row<'a>>,
    no_start: &'a [NoStart],
}

#[derive(Serialize)]
struct Row<'a> {
    /// None where it was stopped, or has nothing.
    place: Option<usize>,
    engine: &'static str,
    elapsed_s: f64,
    flags_per_s: f64,
    done: usize,
    counts: &'a Counts,
}

/// A place as it is said: 1st, 2nd, 3rd, 4th, 11th.
pub fn ordinal(place: usize) -> String {
    let ending = match (place % 10, place % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{place}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flagrace_core::{Outcome, Timing};

    fn report(statuses: &[Status]) -> Report {
        let outcomes = statuses.iter().map(|&status| Outcome {
            item: flagrace_core::Item::Flag("BR".parse().unwrap()),
            status,
            detail: None,
            bytes: 0,
            resent: 0,
            timing: Timing::default(),
        });
        Report::new(outcomes.collect(), std::time::Duration::ZERO)
    }

    #[test]
    fn two_that_disagree_are_told_of_and_one_that_was_stopped_is_not_asked() {
        let [ok, missing, cancelled] = [
            report(&[Status::Ok, Status::Ok]),
            report(&[Status::Ok, Status::NotFound]),
            report(&[Status::Ok, Status::Failed(Failure::Cancelled)]),
        ];
        let start = Instant::now();
        let mut ranking = Ranking::default();
        assert_eq!(ranking.enter("threads", start, &ok).place, Some(1));
        let stopped = ranking.enter("seq", start, &cancelled);
        assert_eq!((stopped.place, stopped.done()), (None, 1));
        assert_eq!(ranking.enter("async", start, &ok).place, Some(2));
        assert!(ranking.tell_what_is_wrong("http://x", false));
        assert_eq!(ranking.enter("rayon", start, &missing).place, Some(3));
        assert!(!ranking.tell_what_is_wrong("http://x", false));
        ranking.sort();
        let order: Vec<_> = ranking.finishes.iter().map(|one| one.engine).collect();
        assert_eq!(order, ["threads", "async", "rayon", "seq"]);
    }

    #[test]
    fn who_fails_at_once_is_not_the_first() {
        let failed = Status::Failed(Failure::Transport);
        let start = Instant::now();
        let mut ranking = Ranking::default();
        let none = ranking.enter("threads", start, &report(&[failed, failed]));
        assert_eq!((none.place, none.rate()), (None, 0.0));
        assert!(!none.was_stopped());
        let some = ranking.enter("async", start, &report(&[failed, Status::Ok]));
        assert_eq!((some.place, some.answered()), (Some(1), 1));
        let missing = report(&[Status::NotFound, Status::NotFound]);
        assert_eq!(ranking.enter("seq", start, &missing).place, Some(2));
        assert!(!ranking.tell_what_is_wrong("http://x", false));
    }

    #[test]
    fn places_are_said_as_people_say_them() {
        let said = [1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 101, 111].map(ordinal);
        let expected = [
            "1st", "2nd", "3rd", "4th", "10th", "11th", "12th", "13th", "21st", "22nd", "101st",
            "111th",
        ];
        assert_eq!(said, expected);
    }
}
