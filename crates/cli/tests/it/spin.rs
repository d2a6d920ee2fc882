//! `flagrace spin`, as a teacher runs it: in a terminal, and with its output piped.

#![allow(clippy::unwrap_used)]

use crate::common;

use common::{OnTerminal, run, stderr, stdout};
use rstest::rstest;

/// The lines that it prints where there is no terminal.
fn lines(arguments: &str) -> Vec<String> {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments}: {}", stderr(&output));
    assert_eq!(stderr(&output), "", "{arguments}");
    let text = stdout(&output);
    assert!(!text.contains(['\u{1b}', '\r', '\u{8}']), "{text:?}");
    text.lines().map(str::to_owned).collect()
}

const PRIME: &str = "5000111000222021 is prime";
const ALONE: &str = "The slow function never awaited, so nothing else could run on its thread.";
const NONE_LEFT: &str = "Each thread of the runtime was blocked, so none was left for the spinner.";

#[rstest]
#[case("thread --seconds 0.5", "42", 2, "")]
#[case("task --seconds 0.5", "42", 1, "")]
#[case("blocked-task --seconds 0.5", "42", 1, ALONE)]
#[case("spawn-blocking-task --seconds 0.5", "42", 2, "")]
#[case("yielding-task --work sleep --seconds 0.5", "42", 1, "")]
#[case("blocked-task --workers 3 --blockers 2 --seconds 0.5", "42", 4, "")]
#[case("blocked-task --workers 2 --seconds 0.5", "42", 3, NONE_LEFT)]
#[case("yielding-task --seconds 0.5", PRIME, 1, "")]
#[case("thread --work prime --seconds 0.5", PRIME, 2, "")]
#[case("blocked-task --work prime --seconds 0.5", PRIME, 1, ALONE)]
#[case("task --work prime --seconds 0.5", PRIME, 1, ALONE)]
fn each_variant_answers_and_says_what_was_measured(
    #[case] arguments: &str,
    #[case] answer: &str,
    #[case] threads: usize,
    #[case] why: &str,
) {
    let lines = lines(&format!("spin {arguments}"));
    assert!(lines[0].starts_with("spinner object: "), "{lines:?}");
    assert_eq!(lines[1], format!("Answer: {answer}"));
    let told: Vec<_> = lines[2].split(", ").collect();
    assert!(told[3].starts_with(&format!("{threads} OS thread")));
    // How late a spinner is that turns is up to the machine.
    if !why.is_empty() {
        assert!(told[3].ends_with(": the spinner stood still"), "{lines:?}");
        assert!(why != ALONE || told[1] == "1 frame", "{lines:?}");
    }
    assert_eq!(lines[3..].join(""), why);
}

#[test]
fn compare_puts_all_variants_side_by_side() {
    let lines = lines("spin compare --seconds 0.5");
    let row = |name: &str| -> Vec<String> {
        let row = lines.iter().find(|line| {
            let cells = line.trim_start().strip_prefix(name).unwrap_or_default();
            (cells.starts_with("  ") || cells.starts_with(" !")) && cells.contains("ms")
        });
        let row = row.unwrap_or_else(|| panic!("no {name} in {lines:#?}"));
        let cells = row.trim().strip_prefix(name).unwrap().split("  ");
        cells
            .map(|cell| cell.trim().to_owned())
            .filter(|cell| !cell.is_empty())
            .collect()
    };
    // wall, frames, longest gap, threads, switches, create, cancel
    for (name, threads, stands_still) in [
        ("thread", "2", false),
        ("task", "1", false),
        ("blocked-task", "1", true),
        ("spawn-blocking-task", "2", false),
        ("yielding-task", "1", false),
        ("1 of 2 blocked", "3", false),
        ("2 of 2 blocked", "3", true),
    ] {
        let row = row(name);
        // How late a spinner is that turns is up to the machine.
        assert!(!stands_still || row[0] == "!", "{name}: {row:?}");
        let row = &row[usize::from(row[0] == "!")..];
        assert_eq!(row.len(), 7, "{name}: {row:?}");
        assert_eq!(row[3], threads, "{name}: {row:?}");
        assert!(row[4].parse::<u32>().is_ok(), "{name}: {row:?}");
    }
    assert_eq!(row("blocked-task")[2], "1");
    let widest = lines.iter().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "too wide for a terminal: {widest:?}");
}

#[rstest]
#[case("thread", 3)]
#[case("task", 3)]
#[case("spawn-blocking-task", 3)]
#[case("blocked-task", 4)]
fn on_a_terminal_it_turns_and_leaves_no_trace(#[case] variant: &str, #[case] told: usize) {
    let mut terminal = OnTerminal::start(&format!("spin {variant} --seconds 2"), &[]);
    assert_eq!(terminal.end(), Some(0));
    // In all that was written: a look at the screen may come too late for a frame.
    let raw = String::from_utf8_lossy(&terminal.raw);
    let drawn = raw
        .split(" thinking!")
        .filter_map(|before| before.chars().last());
    let mut frames: Vec<_> = drawn.filter(|frame| r"|/-\".contains(*frame)).collect();
    frames.dedup();
    match variant {
        "blocked-task" => assert_eq!(frames, ['|']),
        _ => assert!(frames.starts_with(&['|', '/', '-', '\\']), "{frames:?}"),
    }
    let text = terminal.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("spinner object: "), "{text}");
    assert_eq!(lines[1], "Answer: 42", "{text}");
    assert_eq!(lines.len(), told, "{text}");
    assert!(!terminal.screen.screen().hide_cursor());
}

#[rstest]
#[case("thread")]
#[case("task")]
#[case("spawn-blocking-task")]
#[case("yielding-task")]
#[case("blocked-task")]
#[case("compare")]
fn ctrl_c_leaves_the_line_clean_and_the_cursor_visible(#[case] variant: &str) {
    let mut terminal = OnTerminal::start(&format!("spin {variant} --seconds 60"), &[]);
    terminal.wait_for("thinking!");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), Some(130), "{variant}");
    let text = terminal.text();
    assert!(!text.contains("thinking"), "{variant}: {text:?}");
    let screen = terminal.screen.screen();
    assert!(!screen.hide_cursor(), "{variant}");
    let (row, _) = screen.cursor_position();
    let line = screen.rows(0, 80).nth(row.into()).unwrap();
    assert_eq!(line.trim(), "", "where the next prompt begins: {text:?}");
}

/// On standard output and on standard error.
#[rstest]
#[case("spin blocked-task --seconds 0.4", "\u{1b}[31m")]
#[case("race -E threads,async -l 9 --delay 5ms", "\u{1b}[32m")]
fn colours_are_for_terminals_whose_user_wants_them(#[case] arguments: &str, #[case] colour: &str) {
    let is_coloured = |environment: &[(&str, &str)]| {
        let mut terminal = OnTerminal::start(arguments, environment);
        assert_eq!(terminal.end(), Some(0));
        String::from_utf8_lossy(&terminal.raw).contains(colour)
    };
    assert!(is_coloured(&[]));
    assert!(!is_coloured(&[("NO_COLOR", "1")]));
}
