//! `flagrace spin`, on a terminal and with its output piped.

#![allow(clippy::unwrap_used)]

use crate::common;

use common::{OnTerminal, run, stderr, stdout};
use rstest::rstest;

/// The lines it prints where there is no terminal.
fn lines(arguments: &str) -> Vec<String> {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments}: {}", stderr(&output));
    assert_eq!(stderr(&output), "", "{arguments}");
    let text = stdout(&output);
    assert!(!text.contains(['\u{1b}', '\r', '\u{8}']), "{text:?}");
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    lines
}

const PRIME: &str = "5000111000222021 is prime";
const NO_AWAIT: &str = "The slow function never awaited, so no other task could use its thread.";
const NO_WORKER_LEFT: &str = "All worker threads were blocked: none was left for the spinner.";

#[rstest]
#[case("thread", "42", 2, "")]
#[case("task", "42", 1, "")]
#[case("blocked-task", "42", 1, NO_AWAIT)]
#[case("spawn-blocking-task", "42", 2, "")]
#[case("yielding-task", PRIME, 1, "")]
#[case("blocked-task --workers 3 --blockers 2", "42", 4, "")]
#[case("blocked-task --workers 2", "42", 3, NO_WORKER_LEFT)]
#[case("task --work prime", PRIME, 1, NO_AWAIT)]
fn each_variant_prints_its_answer_and_measurements(
    #[case] arguments: &str,
    #[case] answer: &str,
    #[case] threads: usize,
    #[case] why: &str,
) {
    let lines = lines(&format!("spin {arguments} --seconds 0.5"));
    assert!(lines[0].starts_with("spinner object: "), "{lines:?}");
    assert_eq!(lines[1], format!("Answer: {answer}"));
    let counted = format!(", {threads} OS thread");
    assert!(lines[2].contains(&counted), "{lines:?}");
    // The longest gap of a spinner that turns is up to the machine.
    if !why.is_empty() {
        assert!(lines[2].ends_with(": the spinner stood still"), "{lines:?}");
        assert!(
            why != NO_AWAIT || lines[2].contains(", 1 frame,"),
            "{lines:?}"
        );
    }
    assert_eq!(lines[3..].join(""), why);
}

#[test]
fn compare_puts_all_variants_side_by_side() {
    let lines = lines("spin compare --seconds 0.5");
    for (name, threads, stands_still) in [
        ("thread", "2", false),
        ("task", "1", false),
        ("blocked-task", "1", true),
        ("spawn-blocking-task", "2", false),
        ("yielding-task", "1", false),
        ("1 of 2 blocked", "3", false),
        ("2 of 2 blocked", "3", true),
    ] {
        let mut rows = lines
            .iter()
            .filter_map(|line| line.trim_start().strip_prefix(name));
        let row = rows.find(|row| row.starts_with(' ')).unwrap();
        let is_marked = row.starts_with(" !");
        assert!(is_marked || !stands_still, "{name}: {row:?}");
        let row = row.trim_start_matches(" !");
        let cells: Vec<_> = row.split_whitespace().collect();
        let [_wall, frames, _gap, counted, switches] = cells[..] else {
            panic!("{name}: {row:?}");
        };
        assert!(name != "blocked-task" || frames == "1", "{row:?}");
        assert_eq!(counted, threads, "{name}: {row:?}");
        assert!(switches.parse::<u32>().is_ok(), "{name}: {row:?}");
    }
}

#[rstest]
#[case("thread", 3)]
#[case("task", 3)]
#[case("blocked-task", 4)]
fn on_a_terminal_it_turns_and_clears_its_line(#[case] variant: &str, #[case] left: usize) {
    let mut terminal = OnTerminal::start(&format!("spin {variant} --seconds 2"), &[]);
    assert_eq!(terminal.end(), Some(0));
    // In all that was written: a look at the screen may come too late for a frame.
    let raw = String::from_utf8_lossy(&terminal.raw);
    let drawn = raw.split(" thinking!");
    let drawn = drawn.filter_map(|before| before.chars().last());
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
    assert_eq!(lines.len(), left, "{text}");
    assert!(!terminal.screen.screen().hide_cursor());
}

#[rstest]
#[case("thread")]
#[case("task")]
#[case("blocked-task")]
#[case("compare")]
fn ctrl_c_clears_the_line_and_shows_the_cursor(#[case] variant: &str) {
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
    assert_eq!(line.trim(), "", "the line of the next prompt: {text:?}");
}

/// On standard output and on standard error.
#[rstest]
#[case("spin blocked-task --seconds 0.4", "\u{1b}[31m")]
#[case("race -E threads,async -l 9 --delay 5ms", "\u{1b}[32m")]
fn colours_appear_on_terminals_unless_no_color_is_set(
    #[case] arguments: &str,
    #[case] colour: &str,
) {
    let is_coloured = |environment: &[(&str, &str)]| {
        let mut terminal = OnTerminal::start(arguments, environment);
        assert_eq!(terminal.end(), Some(0));
        String::from_utf8_lossy(&terminal.raw).contains(colour)
    };
    assert!(is_coloured(&[]));
    assert!(!is_coloured(&[("NO_COLOR", "1")]));
}
