//! Which spinners turn, which stand still, and what remains on the screen.
//!
//! The work takes ten frames. A turning spinner draws at least twice in that time, unless the
//! machine stalls for nine of them.

#![allow(clippy::unwrap_used)]

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use flagrace_spinner::{
    Answer, Measurements, PACE, Spinner, Work, blocked_task, blocked_workers, spawn_blocking_task,
    task, thread, yielding_task,
};
use indicatif::{InMemoryTerm, ProgressDrawTarget};
use rstest::rstest;

const TIME: Duration = PACE.saturating_mul(10);
const SLEEP: Work = Work::Sleep(TIME);
const PRIME: Work = Work::Prime(TIME);

type Demo = fn(&Arc<Spinner>, Work) -> Answer;

fn spinner() -> (Arc<Spinner>, InMemoryTerm) {
    let term = InMemoryTerm::new(10, 60);
    let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
    (Arc::new(Spinner::new(target)), term)
}

/// The answer of a demo, its measurements, and the frames that it drew.
fn measure(demo: Demo, work: Work) -> (String, Measurements, String) {
    let (spinner, term) = spinner();
    let answer = demo(&spinner, work).unwrap();
    assert_eq!(Arc::strong_count(&spinner), 1, "the spinner still turns");
    let contents = term.contents();
    assert!(contents.starts_with("spinner object: T"), "{contents:?}");
    assert_eq!(contents.lines().count(), 1, "{contents:?}");
    let written = term.moves_since_last_check();
    let drawn = written.split(" thinking!");
    let mut frames: Vec<_> = drawn.filter_map(|before| before.chars().last()).collect();
    frames.pop();
    frames.dedup();
    (answer, spinner.measurements(), frames.into_iter().collect())
}

#[rstest]
#[case(thread::run, SLEEP, "42")]
#[case(task::run, SLEEP, "42")]
#[case(spawn_blocking_task::run, SLEEP, "42")]
#[case(yielding_task::run, SLEEP, "42")]
#[case(yielding_task::run, PRIME, "5000111000222021 is prime")]
#[case(blocked_workers::one_of_two, SLEEP, "42")]
fn the_spinner_turns_if_its_thread_is_not_blocked(
    #[case] demo: Demo,
    #[case] work: Work,
    #[case] expected: &str,
) {
    let (answer, seen, frames) = measure(demo, work);
    assert_eq!(answer, expected);
    assert!(seen.frames >= 2 && frames.len() >= 2, "{seen:?}, {frames}");
    let expected = r"|/-\".repeat(frames.len());
    assert!(expected.starts_with(&frames), "{frames}");
    assert!(seen.longest_gap <= seen.wall, "{seen:?}");
}

#[rstest]
#[case(blocked_task::run, SLEEP)]
#[case(blocked_task::run, PRIME)]
#[case(task::run, PRIME)]
fn the_spinner_stands_still_if_its_thread_is_blocked(#[case] demo: Demo, #[case] work: Work) {
    let (_, seen, frames) = measure(demo, work);
    assert_eq!((seen.frames, &*frames), (1, "|"));
    assert!(seen.longest_gap >= TIME && seen.stood_still(), "{seen:?}");
    let wall = 2 * seen.longest_gap;
    assert!(!Measurements { wall, ..seen }.stood_still());
}

/// The second blocker may start late, but from then on it blocks the last thread.
#[test]
fn the_spinner_stands_still_if_all_workers_are_blocked() {
    let (_, seen, frames) = measure(blocked_workers::two_of_two, Work::Sleep(2 * TIME));
    assert!(seen.longest_gap >= TIME && frames.starts_with('|'));
}

#[test]
fn a_closed_spinner_is_not_drawn_again() {
    let (spinner, term) = spinner();
    let line = spinner.line();
    assert_eq!(term.contents(), "| thinking!");
    spinner.close();
    assert_eq!(term.contents(), "");
    term.moves_since_last_check();
    line.turn();
    spinner.created("Task(1)");
    assert_eq!(term.moves_since_last_check(), "");
}

/// On a terminal it shows the same side by side: `flagrace spin compare` has the test.
#[test]
fn the_binary_runs_four_variants_and_says_why_one_stands_still() {
    let mut binary = Command::new(env!("CARGO_BIN_EXE_flagrace-spinner"));
    let output = binary.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(['\u{1b}', '\r', '\u{8}']), "{text:?}");
    let panels: Vec<_> = text.split("\n\n").collect();
    assert_eq!(panels.len(), 5, "four, and the advice: {text}");
    assert!(panels[0].contains(" thread: ") && panels[1].contains(" task: "));
    assert!(panels[2].starts_with("| blocked-task !: "), "{text}");
    assert!(panels[2].contains(", 1 frame, ") && panels[2].contains("never awaited"));
}
