//! `flagrace spin`, on a terminal and with its output piped.

use crate::common::{OnTerminal, run, shown, stderr};
use rstest::rstest;

fn lines(arguments: &str) -> Vec<String> {
    let output = run(arguments);
    assert_eq!(stderr(&output), "", "{arguments}");
    let text = shown(&output);
    assert!(!text.contains(['\u{1b}', '\r', '\u{8}']), "{text:?}");
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let fits = |line: &String| line.chars().count() <= 80;
    assert!(lines.iter().all(fits), "{text}");
    lines
}

const PRIME: &str = "5000111000222021 is prime";

#[rstest]
#[case("thread", "42", 2, false)]
#[case("blocked-task", "42", 1, true)]
#[case("yielding-task", PRIME, 1, false)]
#[case("blocked-task --workers 3 --blockers 2", "42", 4, false)]
#[case("blocked-task --workers 2", "42", 3, true)]
#[case("task --work prime", PRIME, 1, true)]
fn each_variant_prints_its_answer_and_measurements(
    #[case] arguments: &str,
    #[case] answer: &str,
    #[case] threads: usize,
    #[case] stands_still: bool,
) {
    let lines = lines(&format!("spin {arguments} --time 500ms"));
    assert!(lines[0].starts_with("spinner object: "), "{lines:?}");
    assert_eq!(lines[1], format!("Answer: {answer}"));
    let counted = format!(", {threads} OS thread");
    assert!(lines[2].contains(&counted), "{lines:?}");
    // The longest gap of a turning spinner depends on the machine.
    if stands_still {
        assert!(lines[2].ends_with(": the spinner stood still"), "{lines:?}");
        assert!(lines[3].contains("never awaited"), "{lines:?}");
    }
    assert_eq!(lines.len(), 3 + usize::from(stands_still), "{lines:?}");
}

#[test]
fn compare_puts_all_variants_side_by_side() {
    let lines = lines("spin compare --time 500ms");
    let header = lines.iter().position(|line| line.ends_with("OS threads"));
    let rows = &lines[header.unwrap() + 1..][..7];
    let threads = rows.iter().map(|row| row.split_whitespace().last());
    let threads: Vec<_> = threads.flatten().collect();
    assert_eq!(threads, ["2", "1", "1", "2", "1", "3", "3"], "{lines:#?}");
    for (row, name) in [(2, "blocked-task !"), (6, "2 of 2 blocked !")] {
        assert!(rows[row].trim_start().starts_with(name), "{lines:#?}");
    }
}

#[rstest]
#[case("thread")]
#[case("blocked-task")]
#[case("compare")]
fn ctrl_c_clears_the_line_and_shows_the_cursor(#[case] variant: &str) {
    let mut terminal = OnTerminal::start(&format!("spin {variant} --time 60s"), &[]);
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
#[case("spin blocked-task --time 400ms", "\u{1b}[31m")]
#[case("race -E threads,async -l 9 --delay 5ms", "\u{1b}[32m")]
fn terminals_show_colours_unless_no_color(#[case] arguments: &str, #[case] colour: &str) {
    let is_coloured = |environment: &[(&str, &str)]| {
        let mut terminal = OnTerminal::start(arguments, environment);
        assert_eq!(terminal.end(), Some(0));
        String::from_utf8_lossy(&terminal.raw).contains(colour)
    };
    assert!(is_coloured(&[]));
    assert!(!is_coloured(&[("NO_COLOR", "1")]));
}
