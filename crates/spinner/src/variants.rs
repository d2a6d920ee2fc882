//! The variants: what each runs, the line in which it differs, and why its spinner turns.

use std::sync::Arc;

use crate::{
    Answer, Measurements, Spinner, Work, blocked_task, blocked_workers, spawn_blocking_task, task,
    thread, yielding_task,
};

/// One way to turn the spinner, or to block it.
pub struct Variant {
    /// Its name, which is also its argument.
    pub name: &'static str,
    /// Runs it on the calling thread.
    pub demo: fn(&Arc<Spinner>, Work) -> Answer,
    source: &'static str,
    /// What the line contains that differs from the other variants.
    part: &'static str,
    /// Why its spinner turns, if it does.
    why: &'static str,
}

macro_rules! variants {
    ($($name:literal $demo:expr, $file:literal $part:literal $why:literal)*) => {
        [$(Variant {
            name: $name,
            demo: $demo,
            source: include_str!($file),
            part: $part,
            why: $why,
        }),*]
    };
}

/// The first four show the point.
pub const VARIANTS: [Variant; 7] = variants! {
    "thread" thread::run, "thread.rs" "sleep(time)"
        "The spinner has a thread of its own, and the kernel runs both."
    "task" task::run, "task.rs" "sleep(time)"
        "The slow task awaits, and its thread turns the spinner meanwhile."
    "blocked-task" blocked_task::run, "blocked_task.rs" "sleep(time)"
        "It blocked for too short a time to see."
    "spawn-blocking-task" spawn_blocking_task::run,
        "spawn_blocking_task.rs" "spawn_blocking("
        "Another thread blocks. The task awaits it, so this one is free."
    "yielding-task" yielding_task::run, "yielding_task.rs" "yield_now()"
        "The work yields after each slice, and the spinner gets its turn."
    "1-of-2-blocked" blocked_workers::one_of_two, "blocked_workers.rs" "slow(work))"
        "A worker was free to turn the spinner: the mistake stays hidden."
    "2-of-2-blocked" blocked_workers::two_of_two, "blocked_workers.rs" "slow(work))"
        "It blocked for too short a time to see."
};

impl Variant {
    /// What it is: the first sentence of its file.
    pub fn about(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or_default();
        first.trim_start_matches("//! ").trim_end_matches('.')
    }

    /// The line in which it differs, as it was when this was built.
    pub fn line(&self, work: Work) -> &'static str {
        let part = match (self.part, work) {
            ("sleep(time)", Work::Prime(_)) => "check_for(time)",
            (part, _) => part,
        };
        let line = self.source.lines().find(|line| line.contains(part));
        let line = line.unwrap_or_default().trim();
        line.trim_start_matches("Work::Prime(time) => ")
    }

    /// Why the spinner turned or stood still, in a sentence.
    pub fn why(&self, work: Work, seen: &Measurements) -> &'static str {
        let blocks = match self.name {
            "blocked-task" | "2-of-2-blocked" => true,
            name => name == "task" && matches!(work, Work::Prime(_)),
        };
        match seen.stood_still() {
            true if blocks => {
                "The slow function never awaited: no thread was left for the spinner."
            }
            true => "Nothing blocks it: the machine was busy. Run it again.",
            false => self.why,
        }
    }
}

/// A line that has changed must still be found, and fit a panel.
#[test]
fn each_variant_has_a_line_of_its_source() {
    let lines = |work| VARIANTS.each_ref().map(|variant| variant.line(work));
    let [sleeps, computes] = [Work::Sleep, Work::Prime].map(|work| lines(work(crate::PACE)));
    let first = "thread::sleep(time); time::sleep(time).await;";
    assert_eq!(sleeps[..2].join(" "), first);
    let all = [sleeps, computes].concat();
    let fits = |line: &&str| !line.is_empty() && line.len() <= 38;
    assert!(all.iter().all(fits), "{all:?}");
}
