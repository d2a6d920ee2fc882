//! The variants of the spinner: what each runs, the line in which it differs, and why it turns.

use std::sync::Arc;

use clap::ValueEnum;
use flagrace_spinner::{
    Answer, Measurements, Spinner, Work, blocked_task, blocked_workers, spawn_blocking_task, task,
    thread, yielding_task,
};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// A thread turns the spinner
    Thread,
    /// A task turns the spinner
    Task,
    /// The slow function blocks inside its task: the spinner stands still
    BlockedTask,
    /// First fix: the blocking call runs on another thread
    SpawnBlockingTask,
    /// Second fix: the work yields between slices
    YieldingTask,
    /// The variants at once, each in a process of its own, on one screen
    Compare,
}

const NO_AWAIT: &str = "The slow function never awaited: no thread was left for the spinner.";

type Demo = fn(&Arc<Spinner>, Work) -> Answer;

pub struct Variant {
    pub way: Way,
    pub name: &'static str,
    pub arguments: &'static str,
    pub demo: Demo,
    source: &'static str,
    /// What the line contains that differs from the other variants.
    part: &'static str,
    /// Why its spinner turns, if it does.
    why: &'static str,
}

macro_rules! variants {
    ($($way:ident $name:literal $arguments:literal $demo:expr, $file:literal $part:literal $why:literal)*) => {
        [$(Variant {
            way: Way::$way,
            name: $name,
            arguments: $arguments,
            demo: $demo,
            source: include_str!(concat!("../../../../spinner/src/", $file)),
            part: $part,
            why: $why,
        }),*]
    };
}

/// What `compare` shows: the first four, or all.
pub const ALL: [Variant; 7] = variants! {
    Thread "thread" "thread" thread::run, "thread.rs" "sleep(time)"
        "The spinner has a thread of its own, and the kernel runs both."
    Task "task" "task" task::run, "task.rs" "sleep(time)"
        "The slow task awaits, and its thread turns the spinner meanwhile."
    BlockedTask "blocked-task" "blocked-task" blocked_task::run, "blocked_task.rs" "sleep(time)"
        "It turned: the slow function did not block."
    SpawnBlockingTask "spawn-blocking-task" "spawn-blocking-task" spawn_blocking_task::run,
        "spawn_blocking_task.rs" "spawn_blocking("
        "Another thread blocks. The task awaits it, so this one is free."
    YieldingTask "yielding-task" "yielding-task" yielding_task::run, "yielding_task.rs" "yield_now()"
        "The work yields after each slice, and the spinner gets its turn."
    BlockedTask "1 of 2 blocked" "blocked-task --workers 2 --blockers 1"
        |spinner, work| blocked_workers::run(spinner, work, 2, 1), "blocked_workers.rs" "slow(work))"
        "A worker was free to turn the spinner: the mistake stays hidden."
    BlockedTask "2 of 2 blocked" "blocked-task --workers 2 --blockers 2"
        |spinner, work| blocked_workers::run(spinner, work, 2, 2), "blocked_workers.rs" "slow(work))"
        "It turned: the slow function did not block."
};

impl Variant {
    /// The line in which it differs, as it was when this was built.
    pub fn line(&self, work: Work) -> &'static str {
        let part = match (self.part, work) {
            ("sleep(time)", Work::Prime(_)) => "check_for(time)",
            (part, _) => part,
        };
        let line = self.source.lines().find(|line| line.contains(part));
        line.unwrap_or_default().trim()
    }

    /// Why the spinner turned or stood still, in a sentence.
    pub fn why(&self, work: Work, seen: &Measurements) -> &'static str {
        let blocks = match self.way {
            Way::BlockedTask => self.name != ALL[5].name,
            way => way == Way::Task && matches!(work, Work::Prime(_)),
        };
        match seen.stood_still() {
            true if blocks => NO_AWAIT,
            true => "Nothing blocks it: the machine was busy. Run it again.",
            false => self.why,
        }
    }
}

/// A line that has changed must still be found, and fit a panel.
#[test]
fn each_variant_has_a_line_of_its_source() {
    let sleep = Work::Sleep(flagrace_spinner::PACE);
    let found = ALL.each_ref().map(|variant| variant.line(sleep));
    assert_eq!(
        found[..2].join(" "),
        "thread::sleep(time); time::sleep(time).await;"
    );
    let fits = |line: &&str| !line.is_empty() && line.len() <= 38;
    assert!(found.iter().all(fits), "{found:?}");
}
