//! What the demos claim: who turns, who stands still, who stops, and what stays on the screen.
//!
//! The work takes ten frames. A spinner that turns is drawn once more in that time on any
//! machine that does not stop for nine of them; how often it is drawn is up to the machine.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use flagrace_spinner::{FRAMES, Measurements, PACE, Spinner, Variant, Work};
use indicatif::InMemoryTerm;
use similar::{ChangeTag, TextDiff};

const TIME: Duration = PACE.saturating_mul(10);
const SLEEP: Work = Work::Sleep(TIME);

const ONE_OF_TWO: Variant = Variant::BlockedWorkers {
    workers: 2,
    blockers: 1,
};
const TWO_OF_TWO: Variant = Variant::BlockedWorkers {
    workers: 2,
    blockers: 2,
};

fn spinner() -> (Arc<Spinner>, InMemoryTerm) {
    let term = InMemoryTerm::new(10, 60);
    (Arc::new(Spinner::terminal(term.clone())), term)
}

/// Looks at a running demo until it has seen what it waits for. Panics if the demo ends first.
fn watch(variant: Variant, work: Work, mut look: impl FnMut(&Spinner, &InMemoryTerm) -> bool) {
    let (spinner, term) = spinner();
    let shown = Arc::clone(&spinner);
    let demo = thread::spawn(move || variant.run(&shown, work));
    loop {
        let is_over = demo.is_finished();
        if look(&spinner, &term) {
            break;
        }
        assert!(!is_over, "{variant:?}: {}", term.contents());
        thread::sleep(Duration::from_millis(1));
    }
    demo.join().unwrap().unwrap();
}

#[test]
fn the_spinner_turns_while_another_thread_blocks_or_the_work_awaits_or_yields() {
    for (variant, work) in [
        (Variant::Thread, SLEEP),
        (Variant::Task, SLEEP),
        (Variant::SpawnBlockingTask, SLEEP),
        (Variant::YieldingTask, SLEEP),
        (Variant::YieldingTask, Work::Prime(TIME)),
        (ONE_OF_TWO, SLEEP),
    ] {
        let (spinner, _) = spinner();
        assert_eq!(variant.why_still(&work), None);
        let answer = variant.run(&spinner, work).unwrap();
        let expected = matches!(work, Work::Sleep(_)).then_some("42");
        assert_eq!(answer, expected.unwrap_or("5000111000222021 is prime"));
        let measurements = spinner.measurements().unwrap();
        assert!(measurements.frames >= 2, "{variant:?}: {measurements:?}");
        assert!(measurements.longest_gap <= measurements.wall);
    }
}

/// It is seen all the while, in the middle of its turn.
#[test]
fn the_spinner_stands_still_while_its_only_thread_blocks() {
    for (variant, work) in [
        (Variant::BlockedTask, SLEEP),
        (Variant::BlockedTask, Work::Prime(TIME)),
        (Variant::Task, Work::Prime(TIME)),
    ] {
        let (spinner, _) = spinner();
        assert!(variant.why_still(&work).unwrap().contains("never awaited"));
        variant.run(&spinner, work).unwrap();
        let measurements = spinner.measurements().unwrap();
        assert_eq!(measurements.frames, 1, "{variant:?}");
        assert!(measurements.longest_gap >= TIME, "{measurements:?}");
        assert!(measurements.stood_still(), "{measurements:?}");
        let wall = 2 * measurements.longest_gap;
        let turned = Measurements {
            wall,
            ..measurements
        };
        assert!(!turned.stood_still());
    }
    watch(Variant::BlockedTask, SLEEP, |_, term| {
        term.contents().ends_with("\n| thinking!")
    });
}

/// As many blockers as workers. The second may begin late, but then both threads are taken.
#[test]
fn the_spinner_stands_still_when_all_workers_block() {
    let (spinner, _) = spinner();
    assert!(
        TWO_OF_TWO
            .why_still(&SLEEP)
            .unwrap()
            .contains("was blocked")
    );
    TWO_OF_TWO.run(&spinner, Work::Sleep(2 * TIME)).unwrap();
    let measurements = spinner.measurements().unwrap();
    assert!(measurements.longest_gap >= TIME, "{measurements:?}");
}

#[test]
fn each_variant_draws_a_frame_before_the_work_and_is_gone_after_it() {
    for (variant, id) in [
        (Variant::Thread, "ThreadId("),
        (Variant::Task, "Task("),
        (Variant::BlockedTask, "Task("),
        (Variant::SpawnBlockingTask, "Task("),
        (Variant::YieldingTask, "Task("),
        (ONE_OF_TWO, "Task("),
        (TWO_OF_TWO, "Task("),
    ] {
        let (spinner, term) = spinner();
        let work = Work::Sleep(Duration::from_nanos(1));
        assert_eq!(variant.run(&spinner, work).unwrap(), "42");
        let measurements = spinner.measurements().unwrap();
        assert!(measurements.frames >= 1, "{variant:?}");
        assert!(measurements.is_gone, "{variant:?}");
        // It held the spinner, and holds it no more.
        assert_eq!(Arc::strong_count(&spinner), 1, "{variant:?}");
        let contents = term.contents();
        let said = format!("spinner object: {id}");
        assert!(contents.starts_with(&said), "{variant:?}: {contents:?}");
        assert_eq!(contents.lines().count(), 1, "{variant:?}: {contents:?}");
    }
}

#[test]
fn all_frames_are_drawn_on_one_line() {
    let mut seen = BTreeSet::new();
    watch(Variant::Thread, Work::Sleep(2 * TIME), |_, term| {
        let contents = term.contents();
        // Between two frames there is no line.
        seen.extend(contents.lines().nth(1).map(str::to_owned));
        assert!(contents.lines().count() <= 2);
        seen.len() == FRAMES.len()
    });
    let seen: String = seen.into_iter().collect();
    assert_eq!(seen, "- thinking!/ thinking!\\ thinking!| thinking!");
}

#[test]
fn a_closed_spinner_is_drawn_no_more() {
    let mut closed = None;
    watch(Variant::Thread, SLEEP, |spinner, term| {
        let closed_at = *closed.get_or_insert_with(|| {
            while spinner.frames() == 0 {
                thread::yield_now();
            }
            spinner.close();
            spinner.frames()
        });
        assert_eq!(spinner.frames(), closed_at);
        assert!(!term.contents().contains("thinking"), "{}", term.contents());
        spinner.measurements().is_some()
    });
}

/// The diff is the lesson: what is not the model is the same in both.
#[test]
fn the_thread_and_the_task_are_twins() {
    let (thread, task) = (
        include_str!("../src/thread.rs"),
        include_str!("../src/task.rs"),
    );
    let diff = TextDiff::from_lines(thread, task);
    let changes = diff.iter_all_changes();
    let changed = changes.filter(|change| change.tag() != ChangeTag::Equal);
    assert!(changed.count() <= 40);
}
