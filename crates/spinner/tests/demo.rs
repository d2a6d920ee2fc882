//! What the demos claim: who turns, who stands still, who stops, and what stays on the screen.
//!
//! Nothing here depends on how fast the machine is. The work of most tests ends when the
//! spinner has been drawn so often; where it must never be drawn, the work gives up.

#![allow(clippy::unwrap_used)]

use std::io::{self, Write};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use flagrace_spinner::{Call, Failed, PACE, Stage, Variant, Work};
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

/// Work that blocks until it has seen three frames.
fn blocking(stage: &Arc<Stage>, patience: Duration) -> Work {
    let stage = Arc::clone(stage);
    Work::Call(Call::blocking(move || {
        Ok(if blocks_for_three_frames(&stage, patience) {
            "it turned".to_owned()
        } else {
            "it stood still".to_owned()
        })
    }))
}

#[test]
fn the_spinner_turns_while_another_thread_blocks() {
    for variant in [Variant::Thread, Variant::RescuedTask, ONE_OF_TWO] {
        let (stage, _) = stage();
        let answer = variant.run(&stage, blocking(&stage, PATIENCE)).unwrap();
        assert_eq!(answer, "it turned", "{variant:?}");
        let evidence = stage.evidence().unwrap();
        assert!(evidence.frames >= 3, "{variant:?}: {evidence:?}");
        assert!(evidence.longest_gap <= evidence.wall);
    }
}

#[test]
fn the_spinner_stands_still_while_its_only_thread_blocks() {
    for variant in [Variant::BlockedTask, Variant::Task, Variant::NappingTask] {
        let (stage, _) = stage();
        let answer = variant.run(&stage, blocking(&stage, TRIAL)).unwrap();
        assert_eq!(answer, "it stood still", "{variant:?}");
        let evidence = stage.evidence().unwrap();
        assert_eq!(evidence.frames, 0, "{variant:?}");
        assert!(evidence.longest_gap >= TRIAL, "{variant:?}: {evidence:?}");
    }
}

/// As many blockers as workers. Both wait for each other, so that both threads are taken,
/// and from then on nothing is drawn.
#[test]
fn the_spinner_stands_still_when_all_workers_block() {
    let (stage, _) = stage();
    let both = Arc::new(Barrier::new(2));
    let watched = Arc::clone(&stage);
    let work = Work::Call(Call::blocking(move || {
        both.wait();
        let before = watched.frames();
        thread::sleep(TRIAL);
        let drawn = watched.frames() - before;
        both.wait();
        Ok(drawn.to_string())
    }));
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
            // The runtime's time goes on by itself when all tasks wait.
            tokio::time::pause();
            tokio::time::sleep(PACE * 30 + PACE / 2).await;
            Ok(watched.frames().to_string())
        })
    }));
    // The first is drawn at once, and thirty follow.
    assert_eq!(Variant::Task.run(&stage, work).unwrap(), "31");
}

#[test]
fn work_that_naps_lets_the_spinner_turn() {
    for work in [Work::Sleep(PACE * 4), Work::Prime(PACE * 4)] {
        let (stage, _) = stage();
        Variant::NappingTask.run(&stage, work).unwrap();
        // One at once, and at least one after the first slice that ends later than PACE.
        let evidence = stage.evidence().unwrap();
        assert!(evidence.frames >= 2, "{evidence:?}");
    }
    for work in [Work::Sleep(PACE * 4), Work::Prime(PACE * 4)] {
        let (stage, _) = stage();
        Variant::BlockedTask.run(&stage, work).unwrap();
        assert_eq!(stage.frames(), 0);
    }
}

#[test]
fn each_variant_has_the_answer_and_says_who_turns() {
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
        let answer = variant.run(&stage, Work::Sleep(PACE)).unwrap();
        assert_eq!(answer, "42");
        let contents = term.contents();
        assert!(
            contents.starts_with(&format!("spinner object: {id}")),
            "{variant:?}: {contents:?}"
        );
        assert_eq!(contents.lines().count(), 1, "{variant:?}: {contents:?}");
    }
}

#[test]
fn the_frames_are_drawn_in_turn_on_one_line() {
    let (stage, term) = stage();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (watched, screen, kept) = (Arc::clone(&stage), term.clone(), Arc::clone(&seen));
    let work = Work::Call(Call::blocking(move || {
        for nth in 1..=5 {
            let start = Instant::now();
            while watched.frames() < nth {
                assert!(start.elapsed() < PATIENCE);
                thread::yield_now();
            }
            kept.lock().unwrap().push(screen.contents());
        }
        Ok(String::new())
    }));
    Variant::Thread.run(&stage, work).unwrap();
    let seen = seen.lock().unwrap();
    // A frame may be counted a moment before it is on the screen, and the thread that looks
    // may miss one: but what is there is a frame, and nothing else.
    for contents in &*seen {
        let last = contents.lines().last().unwrap();
        let frames = ["| thinking!", "/ thinking!", "- thinking!", "\\ thinking!"];
        assert!(
            frames.contains(&last) || last.starts_with("spinner object"),
            "{contents:?}"
        );
        assert!(contents.lines().count() <= 2, "{contents:?}");
    }
    let lines: std::collections::BTreeSet<_> = seen.iter().map(|c| c.lines().last()).collect();
    assert!(lines.len() >= 3, "{seen:?}");
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
        let (stage, _) = stage();
        variant.run(&stage, Work::Sleep(PACE)).unwrap();
        let evidence = stage.evidence().unwrap();
        assert!(evidence.frames > 0, "{variant:?}");
        assert!(evidence.is_gone, "{variant:?}");
        // It held the stage, and holds it no more.
        assert_eq!(Arc::strong_count(&stage), 1, "{variant:?}");
    }
}

#[test]
fn work_that_fails_stops_the_spinner_too() {
    for variant in [
        Variant::Thread,
        Variant::Task,
        Variant::RescuedTask,
        ONE_OF_TWO,
    ] {
        let (stage, term) = stage();
        let work = Work::Call(Call::blocking(|| Err(Failed::Work("no luck".to_owned()))));
        let error = variant.run(&stage, work).unwrap_err();
        assert_eq!(error.to_string(), "no luck", "{variant:?}");
        assert_eq!(Arc::strong_count(&stage), 1, "{variant:?}");
        assert_eq!(term.contents().lines().count(), 1);
    }
}

#[test]
fn a_closed_stage_is_drawn_on_no_more() {
    let (stage, term) = stage();
    let watched = Arc::clone(&stage);
    let work = Work::Call(Call::blocking(move || {
        assert!(blocks_for_three_frames(&watched, PATIENCE));
        watched.close();
        let closed_at = watched.frames();
        thread::sleep(TRIAL);
        Ok((watched.frames() - closed_at).to_string())
    }));
    assert_eq!(Variant::Thread.run(&stage, work).unwrap(), "0");
    assert!(!term.contents().contains("thinking"), "{}", term.contents());
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn without_a_terminal_there_are_plain_lines() {
    let lines = Lines::default();
    let stage = Arc::new(Stage::plain(lines.clone()));
    let answer = Variant::Thread.run(&stage, blocking(&stage, PATIENCE));
    assert_eq!(answer.unwrap(), "it turned");
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.starts_with("spinner object: ThreadId("), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.contains(['\u{1b}', '\r', '\u{8}']), "{text:?}");
}
