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

const COUNTS_THREADS: bool = cfg!(target_os = "linux");

const PRIME: &str = "5000111000222021 is prime";

#[rstest]
#[case("thread", "42", "2", "has a thread of its own")]
#[case("blocked-task", "42", "1", "never awaited")]
#[case("yielding-task", PRIME, "1", "yields after each slice")]
#[case("1-of-2-blocked", "42", "3", "stays hidden")]
#[case("2-of-2-blocked", "42", "3", "never awaited")]
#[case("task --work prime", PRIME, "1", "never awaited")]
fn each_variant_prints_its_answer_measurements_strip_and_reason(
    #[case] arguments: &str,
    #[case] answer: &str,
    #[case] threads: &str,
    #[case] reason: &str,
) {
    let lines = lines(&format!("spin {arguments} --time 800ms"));
    let [object, answered, seen, strip, why] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(object.starts_with("spinner object: "), "{lines:?}");
    assert_eq!(*answered, format!("Answer: {answer}"));
    let threads = if COUNTS_THREADS { threads } else { "–" };
    let counted = format!(", {threads} OS thread");
    assert!(seen.contains(&counted), "{lines:?}");
    assert!(strip.contains('▌'), "{lines:?}");
    // The longest gap of a turning spinner depends on the machine.
    if reason == "never awaited" {
        assert!(seen.ends_with(": the spinner stood still"), "{lines:?}");
        assert!(strip.contains('·'), "{lines:?}");
    } else if seen.ends_with("still") {
        return;
    }
    assert!(why.contains(reason), "{lines:?}");
}

#[test]
fn without_a_terminal_compare_prints_four_lines_for_each() {
    let lines = lines("spin compare --all --time 1s");
    let titles = lines.iter().filter(|line| line.contains(" OS thread"));
    let threads = titles.flat_map(|line| line.rsplit(' ').nth(2));
    let expected = ["–––––––", "2112133"][usize::from(COUNTS_THREADS)];
    assert_eq!(threads.collect::<String>(), expected, "{lines:#?}");
    for (row, name) in [(10, "| blocked-task !: "), (30, "2-of-2-blocked !: ")] {
        assert!(lines[row].contains(name), "{lines:#?}");
        assert!(lines[row + 1].contains('·'), "{lines:#?}");
        assert!(lines[row + 3].contains("never awaited"), "{lines:#?}");
    }
    assert_eq!(lines[12], "std::thread::sleep(time);");
}

/// On 80 x 30 the blocked panel begins in row 14. It is 40 x 14, and its spinner 16 x 8.
#[test]
fn a_blocked_panel_stands_still_in_red_beside_one_that_turns() {
    let mut terminal = OnTerminal::start("spin compare --time 20s", &[]);
    let red = |screen: &vt100::Screen, row, column, text: &str| {
        let cell = screen.cell(row, column).unwrap();
        cell.contents() == text && cell.fgcolor() == vt100::Color::Idx(1)
    };
    while !red(terminal.screen.screen(), 23, 2, "·") {
        terminal.look();
    }
    let (screen, text) = (terminal.screen.screen(), terminal.text());
    let bar = |row| (7..11).all(|column| red(screen, row, column, "█"));
    assert!((15..23).all(bar), "an upright bar: {text}");
    assert!(red(screen, 23, 1, "▌"), "a mark before the hole: {text}");
    let [left, right]: [Vec<_>; 2] = [0, 40].map(|column| screen.rows(column, 40).collect());
    for (shown, expected) in [
        (&right[0], "┌ task "),
        (&left[14], "┌ blocked-task ! ─"),
        (&left[24], "│std::thread::sleep(time);"),
        (&right[14], "┌ spawn-blocking-task "),
        (&right[24], "│Ok(task::spawn_blocking(slow).await?)"),
    ] {
        assert!(shown.starts_with(expected), "{text}");
    }
    assert!(left[16].contains(" 1 frame "), "{text}");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), Some(130));
}

#[rstest]
#[case("thread", "thinking!")]
#[case("blocked-task", "thinking!")]
#[case("compare", "Which spinner")]
#[case("compare --all", "Which spinner")]
fn ctrl_c_clears_what_turns_and_shows_the_cursor(#[case] variant: &str, #[case] turns: &str) {
    let mut terminal = OnTerminal::start(&format!("spin {variant} --time 60s"), &[]);
    terminal.wait_for(turns);
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), Some(130), "{variant}");
    let text = terminal.text();
    assert!(!text.contains(turns), "{variant}: {text:?}");
    let screen = terminal.screen.screen();
    assert!(!screen.hide_cursor(), "{variant}");
    let (row, _) = screen.cursor_position();
    let line = screen.rows(0, 80).nth(row.into()).unwrap();
    assert_eq!(line.trim(), "", "the line of the next prompt: {text:?}");
}

/// On standard output and on standard error.
#[rstest]
#[case("spin blocked-task --time 400ms", "\u{1b}[31m")]
#[case("spin compare --time 400ms", "\u{1b}[31m")]
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
