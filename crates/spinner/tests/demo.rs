//! What the demos claim: who turns, who stands still, who stops, and what stays on the screen.
//!
//! Nothing here depends on how fast the machine is. The work of most tests ends when the
//! spinner has been drawn so often; where it must never be drawn, the work gives up.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use flagrace_spinner::{Call, Evidence, FRAMES, Failed, PACE, Stage, Variant, Work};
use indicatif::InMemoryTerm;

/// After this long a demo is taken to hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long work waits for a spinner that must not turn: time for three frames.
const TRIAL: Duration = PACE.saturating_mul(3);

const ONE_OF_TWO: Variant = Variant::BlockedWorkers {
    workers: 2,
    blockers: 1,
};
const TWO_OF_TWO: Variant = Variant::BlockedWorkers {
    workers: 2,
    blockers: 2,
};

fn stage() -> (Arc<Stage>, InMemoryTerm) {
    let term = InMemoryTerm::new(10, 60);
    (Arc::new(Stage::terminal(term.clone())), term)
}

/// Blocks until the spinner was drawn three times more, or the time is up.
fn blocks_for_three_frames(stage: &Stage, patience: Duration) -> bool {
    let (start, before) = (Instant::now(), stage.frames());
    while stage.frames() < before + 3 {
        if start.elapsed() > patience {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Work that blocks.
fn call(work: impl Fn() -> String + Send + Sync + 'static) -> Work {
    Work::Call(Call::blocking(move || Ok(work())))
}

#[test]
fn the_spinner_turns_while_another_thread_blocks() {
    for variant in [Variant::Thread, Variant::RescuedTask, ONE_OF_TWO] {
        let (stage, _) = stage();
        let watched = Arc::clone(&stage);
        let work = call(move || blocks_for_three_frames(&watched, PATIENCE).to_string());
        assert_eq!(variant.why_still(&work), None);
        assert_eq!(variant.run(&stage, work).unwrap(), "true", "{variant:?}");
        let evidence = stage.evidence().unwrap();
        assert!(evidence.frames >= 3, "{variant:?}: {evidence:?}");
        assert!(evidence.longest_gap <= evidence.wall);
    }
}

/// It is seen all the while, in the middle of its turn.
#[test]
fn the_spinner_stands_still_while_its_only_thread_blocks() {
    for variant in [Variant::BlockedTask, Variant::Task, Variant::NappingTask] {
        let (stage, term) = stage();
        let watched = Arc::clone(&stage);
        let work = call(move || {
            assert!(!blocks_for_three_frames(&watched, TRIAL));
            term.contents()
        });
        assert!(variant.why_still(&work).unwrap().contains("never awaited"));
        let seen = variant.run(&stage, work).unwrap();
        assert!(seen.ends_with("\n| thinking!"), "{variant:?}: {seen}");
        let evidence = stage.evidence().unwrap();
        assert_eq!(evidence.frames, 1, "{variant:?}");
        assert!(evidence.longest_gap >= TRIAL, "{variant:?}: {evidence:?}");
        assert!(evidence.stood_still(), "{variant:?}: {evidence:?}");
        let wall = 2 * evidence.longest_gap;
        assert!(!Evidence { wall, ..evidence }.stood_still());
    }
}

/// As many blockers as workers. Both wait for each other, so that both threads are taken,
/// and from then on nothing is drawn.
#[test]
fn the_spinner_stands_still_when_all_workers_block() {
    let (stage, _) = stage();
    let both = Arc::new(Barrier::new(2));
    let watched = Arc::clone(&stage);
    let work = call(move || {
        both.wait();
        let before = watched.frames();
        thread::sleep(TRIAL);
        let drawn = watched.frames() - before;
        both.wait();
        drawn.to_string()
    });
    assert!(TWO_OF_TWO.why_still(&work).unwrap().contains("was blocked"));
    assert_eq!(TWO_OF_TWO.run(&stage, work).unwrap(), "0");
    assert!(stage.evidence().unwrap().longest_gap >= TRIAL);
}

/// Two tasks on one thread: the work awaits, and the spinner turns. The clock of the runtime
/// is the test's own, so the number of frames is certain.
#[test]
fn the_spinner_turns_while_the_other_task_awaits() {
    let (stage, _) = stage();
    let watched = Arc::clone(&stage);
    let work = Work::Call(Call::awaited(move || {
        let watched = Arc::clone(&watched);
        Box::pin(async move {
            // The runtime's time goes on by itself when all tasks wait. It is taken from a frame.
            tokio::time::pause();
            while watched.frames() == 1 {
                tokio::time::sleep(PACE / 100).await;
            }
            tokio::time::sleep(PACE * 30 + PACE / 2).await;
            Ok(watched.frames().to_string())
        })
    }));
    assert_eq!(Variant::Task.why_still(&work), None);
    // The first before the work, the second from which the time is taken, and thirty more.
    assert_eq!(Variant::Task.run(&stage, work).unwrap(), "32");
}

#[test]
fn work_that_naps_lets_the_spinner_turn() {
    for work in [Work::Sleep(PACE * 10), Work::Prime(PACE * 10)] {
        let (stage, _) = stage();
        assert_eq!(Variant::NappingTask.why_still(&work), None);
        Variant::NappingTask.run(&stage, work).unwrap();
        // One before the work, and one after the first slice that ends later than PACE. Only a
        // machine that stops for the other nine would leave none after it.
        let evidence = stage.evidence().unwrap();
        assert!(evidence.frames >= 2, "{evidence:?}");
    }
}

#[test]
fn each_variant_draws_a_frame_before_the_work_and_says_who_turns() {
    for (variant, id) in [
        (Variant::Thread, "ThreadId("),
        (Variant::Task, "Task("),
        (Variant::BlockedTask, "Task("),
        (Variant::RescuedTask, "Task("),
        (Variant::NappingTask, "Task("),
        (ONE_OF_TWO, "Task("),
        (TWO_OF_TWO, "Task("),
    ] {
        let (stage, term) = stage();
        let watched = Arc::clone(&stage);
        let work = call(move || watched.frames().to_string());
        assert_ne!(variant.run(&stage, work).unwrap(), "0", "{variant:?}");
        let contents = term.contents();
        assert!(
            contents.starts_with(&format!("spinner object: {id}")),
            "{variant:?}: {contents:?}"
        );
        assert_eq!(contents.lines().count(), 1, "{variant:?}: {contents:?}");
    }
}

#[test]
fn all_frames_are_drawn_on_one_line() {
    let (stage, term) = stage();
    let work = call(move || {
        let (start, mut seen) = (Instant::now(), BTreeSet::new());
        while seen.len() < FRAMES.len() {
            assert!(start.elapsed() < PATIENCE, "{seen:?}");
            // Between two frames there is no line.
            seen.extend(term.contents().lines().nth(1).map(str::to_owned));
            assert!(term.contents().lines().count() <= 2);
        }
        seen.into_iter().collect()
    });
    let seen = Variant::Thread.run(&stage, work).unwrap();
    assert_eq!(seen, "- thinking!/ thinking!\\ thinking!| thinking!");
}

/// The thread is joined, and the cancelled task is awaited: neither is merely told to stop.
#[test]
fn the_spinner_is_gone_when_the_demo_says_so() {
    for variant in [
        Variant::Thread,
        Variant::Task,
        Variant::RescuedTask,
        Variant::NappingTask,
        ONE_OF_TWO,
    ] {
        for expected in [Ok("42".to_owned()), Err("no luck".to_owned())] {
            let (stage, term) = stage();
            let answer = expected.clone();
            let work = Call::blocking(move || answer.clone().map_err(Failed::Work));
            let answer = variant.run(&stage, Work::Call(work));
            assert_eq!(answer.map_err(|error| error.to_string()), expected);
            assert!(stage.evidence().unwrap().is_gone, "{variant:?}");
            // It held the stage, and holds it no more.
            assert_eq!(Arc::strong_count(&stage), 1, "{variant:?}");
            assert_eq!(term.contents().lines().count(), 1);
        }
    }
}

#[test]
fn a_closed_stage_is_drawn_on_no_more() {
    let (stage, term) = stage();
    let watched = Arc::clone(&stage);
    let work = call(move || {
        assert!(blocks_for_three_frames(&watched, PATIENCE));
        watched.close();
        let closed_at = watched.frames();
        thread::sleep(TRIAL);
        (watched.frames() - closed_at).to_string()
    });
    assert_eq!(Variant::Thread.run(&stage, work).unwrap(), "0");
    assert!(!term.contents().contains("thinking"), "{}", term.contents());
}
