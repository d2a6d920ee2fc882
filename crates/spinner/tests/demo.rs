//! Which spinners turn, which stand still, and what is left on the screen.
//!
//! The work takes ten frames. A spinner that turns is drawn at least twice in that time on any
//! machine that does not stall for nine of them.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::thread as threads;
use std::time::Duration;

use flagrace_spinner::{
    Answer, FRAMES, Measurements, PACE, Spinner, Work, blocked_task, blocked_workers,
    spawn_blocking_task, task, thread, yielding_task,
};
use indicatif::{InMemoryTerm, ProgressDrawTarget};
use rstest::rstest;
use similar::{ChangeTag, TextDiff};

const TIME: Duration = PACE.saturating_mul(10);
const SLEEP: Work = Work::Sleep(TIME);
const PRIME: Work = Work::Prime(TIME);

type Demo = fn(&Arc<Spinner>, Work) -> Answer;

const ONE_OF_TWO: Demo = |spinner, work| blocked_workers::run(spinner, work, 2, 1);
const TWO_OF_TWO: Demo = |spinner, work| blocked_workers::run(spinner, work, 2, 2);

fn spinner() -> (Arc<Spinner>, InMemoryTerm) {
    let term = InMemoryTerm::new(10, 60);
    let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
    (Arc::new(Spinner::new(target, || None)), term)
}

fn measure(demo: Demo, work: Work) -> (String, Measurements) {
    let (spinner, _) = spinner();
    let answer = demo(&spinner, work).unwrap();
    (answer, spinner.measurements().unwrap())
}

/// Runs a demo until `look` has seen what it looks for. Panics if the demo ends first.
fn watch(demo: Demo, work: Work, mut look: impl FnMut(&Spinner, &str) -> bool) {
    let (spinner, term) = spinner();
    let shown = Arc::clone(&spinner);
    let running = threads::spawn(move || demo(&shown, work));
    loop {
        let is_over = running.is_finished();
        let contents = term.contents();
        if look(&spinner, &contents) {
            break;
        }
        assert!(!is_over, "{contents}");
        threads::sleep(Duration::from_millis(1));
    }
    running.join().unwrap().unwrap();
}

#[rstest]
#[case(thread::run, SLEEP, "42")]
#[case(task::run, SLEEP, "42")]
#[case(spawn_blocking_task::run, SLEEP, "42")]
#[case(yielding_task::run, SLEEP, "42")]
#[case(yielding_task::run, PRIME, "5000111000222021 is prime")]
#[case(ONE_OF_TWO, SLEEP, "42")]
fn the_spinner_turns_if_its_thread_is_not_blocked(
    #[case] demo: Demo,
    #[case] work: Work,
    #[case] expected: &str,
) {
    let (answer, seen) = measure(demo, work);
    assert_eq!(answer, expected);
    assert!(seen.frames >= 2, "{seen:?}");
    assert!(seen.longest_gap <= seen.wall, "{seen:?}");
}

#[rstest]
#[case(blocked_task::run, SLEEP)]
#[case(blocked_task::run, PRIME)]
#[case(task::run, PRIME)]
fn the_spinner_stands_still_if_its_thread_is_blocked(#[case] demo: Demo, #[case] work: Work) {
    let (_, seen) = measure(demo, work);
    assert_eq!(seen.frames, 1);
    assert!(seen.longest_gap >= TIME && seen.stood_still(), "{seen:?}");
    let wall = 2 * seen.longest_gap;
    assert!(!Measurements { wall, ..seen }.stood_still());
}

/// The second blocker may start late, but from then on both threads are blocked.
#[test]
fn the_spinner_stands_still_if_all_workers_are_blocked() {
    let (_, seen) = measure(TWO_OF_TWO, Work::Sleep(2 * TIME));
    assert!(seen.longest_gap >= TIME, "{seen:?}");
}

#[test]
fn a_spinner_that_stands_still_stays_visible() {
    watch(blocked_task::run, SLEEP, |_, contents| {
        contents.ends_with("\n| thinking!")
    });
}

#[rstest]
#[case(thread::run, "ThreadId(")]
#[case(task::run, "Task(")]
#[case(blocked_task::run, "Task(")]
#[case(spawn_blocking_task::run, "Task(")]
#[case(yielding_task::run, "Task(")]
#[case(ONE_OF_TWO, "Task(")]
#[case(TWO_OF_TWO, "Task(")]
fn a_frame_is_drawn_before_the_work_and_cleared_after_it(#[case] demo: Demo, #[case] id: &str) {
    let (spinner, term) = spinner();
    demo(&spinner, Work::Sleep(Duration::from_nanos(1))).unwrap();
    assert!(spinner.measurements().unwrap().frames >= 1);
    assert_eq!(Arc::strong_count(&spinner), 1, "the spinner still turns");
    let contents = term.contents();
    let said = format!("spinner object: {id}");
    assert!(contents.starts_with(&said), "{contents:?}");
    assert_eq!(contents.lines().count(), 1, "{contents:?}");
}

#[test]
fn all_frames_are_drawn_on_one_line() {
    let mut seen = BTreeSet::new();
    watch(thread::run, Work::Sleep(2 * TIME), |_, contents| {
        assert!(contents.lines().count() <= 2, "{contents}");
        let line = contents.lines().nth(1).unwrap_or_default();
        seen.extend(line.strip_suffix(" thinking!").map(str::to_owned));
        seen.len() == FRAMES.len()
    });
    assert_eq!(seen, FRAMES.map(String::from).into());
}

#[test]
fn a_closed_spinner_is_not_drawn_again() {
    let mut closed = None;
    watch(thread::run, SLEEP, |spinner, contents| {
        if let Some(frames) = closed {
            assert_eq!(spinner.frames(), frames);
            assert!(!contents.contains("thinking"), "{contents}");
        } else if spinner.frames() > 0 {
            spinner.close();
            closed = Some(spinner.frames());
        }
        spinner.measurements().is_some()
    });
}

#[test]
fn thread_and_task_differ_in_at_most_40_lines() {
    let thread = include_str!("../src/thread.rs");
    let diff = TextDiff::from_lines(thread, include_str!("../src/task.rs"));
    let changes = diff.iter_all_changes();
    let changed = changes.filter(|change| change.tag() != ChangeTag::Equal);
    assert!(changed.count() <= 40);
}

/// The output that a class sees where there is no terminal.
#[test]
fn the_binary_prints_a_result_for_each_demo_and_the_reason() {
    let output = Command::new(env!("CARGO_BIN_EXE_flagrace-spinner")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(['\u{1b}', '\r', '\u{8}']), "{text:?}");
    let (_, results) = text.split_once("\n\n").unwrap();
    let [thread, task, blocked, reason] = results.lines().collect::<Vec<_>>()[..] else {
        panic!("{results}");
    };
    for (name, line, frames) in [
        ("thread: ", thread, " frames, longest gap "),
        ("task: ", task, " frames, longest gap "),
        ("blocked task: ", blocked, ", 1 frame, longest gap "),
    ] {
        assert!(line.starts_with(name) && line.contains(frames), "{results}");
    }
    assert!(reason.contains("without `await`"), "{results}");
}
