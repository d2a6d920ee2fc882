//! `flagrace lesson`, as a teacher runs it.

#![allow(clippy::unwrap_used)]

use crate::common;

use common::{run, stderr, stdout};

/// What a lesson shows.
fn shown(arguments: &str) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// The numbers in the row that begins with a name.
fn row(text: &str, name: &str) -> Vec<f64> {
    let mut lines = text.lines().map(str::trim_start);
    let line = lines.find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no {name:?} in {text}"));
    let words = line.split_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn lost_saves_shows_what_is_lost_and_what_is_not() {
    let text = shown("lesson lost-saves --flags 30 --disk 50ms");
    assert!(!text.contains(['\u{1b}', '\r']), "{text:?}");
    let row = |name| -> [f64; 4] { row(&text, name).try_into().unwrap() };
    // ok, then, end, lost
    let [ok, then, end, lost] = row("a call, not awaited, and the program exits");
    assert_eq!((ok, end, lost), (30.0, then, 30.0 - then), "{text}");
    // How many, before a gate: `crates/lessons/tests/lost_saves.rs`.
    let [ok, _, end, lost] = row("a call, not awaited; the runtime is dropped");
    assert_eq!((ok, end, lost), (30.0, 29.0, 1.0), "{text}");
    let [ok, _, end, lost] = row("a task, not awaited; the runtime is dropped");
    assert_eq!((ok, lost), (30.0, 30.0 - end), "{text}");
    assert_eq!(
        row("awaited, and the program exits"),
        [29.0, 29.0, 29.0, 0.0],
        "{text}"
    );
    assert!(
        text.contains("awaited, and the program exits: no storage space"),
        "{text}"
    );
    assert_eq!(text.matches(": ok\n").count(), 3, "{text}");
}

#[test]
fn callbacks_shows_which_flags_a_forgotten_call_swallows() {
    let text = shown("lesson callbacks");
    for (name, rest) in [
        ("await", "20 20 17 3"),
        ("callbacks", "20 20 17 3"),
        ("callbacks, one call forgotten", "20 17 17 0 BR JP VN"),
    ] {
        let rows = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let row = format!("{name} {rest}");
        assert!(
            rows.into_iter().any(|line| line == row),
            "{row:?} is not in {text}"
        );
    }
}

#[test]
fn bare_shows_what_differs_and_what_it_costs() {
    let text = shown("lesson bare");
    for line in [
        "-            self.read(begun)?;",
        "+            self.read(begun).await?;",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line:?}: {text}");
    }
    assert!(text.lines().count() < 90, "more than two screens: {text}");
    for name in [
        "threads-bare",
        "async-bare",
        "thread-per-request",
        "task-per-request",
    ] {
        let numbers = row(&text, name);
        // Requests/s, processor time, switches; a thread may never have had to wait.
        assert!(
            numbers.len() == 3 && numbers[0] > 0.0 && numbers[1] > 0.0,
            "{text}"
        );
    }
}
