//! `flagrace spin`, as a teacher runs it: in a terminal, and with its output piped.

#![allow(clippy::unwrap_used)]

mod common;

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

#[rstest]
#[case("thread", "ThreadId(", "2 OS threads")]
#[case("task", "Task(", "1 OS thread")]
#[case("blocked-task", "Task(", "1 OS thread: the spinner stood still")]
#[case("rescued-task", "Task(", "2 OS threads")]
#[case("napping-task --work sleep", "Task(", "1 OS thread")]
#[case("blocked-task --workers 3 --blockers 2", "Task(", "4 OS threads")]
#[case(
    "blocked-task --workers 2",
    "Task(",
    "3 OS threads: the spinner stood still"
)]
fn each_variant_answers_42_and_gives_its_evidence(
    #[case] arguments: &str,
    #[case] object: &str,
    #[case] evidence: &str,
) {
    let lines = lines(&format!("spin {arguments} --seconds 0.5"));
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[0].starts_with(&format!("spinner object: {object}")),
        "{lines:?}"
    );
    assert_eq!(lines[1], "Answer: 42");
    assert!(lines[2].ends_with(evidence), "{lines:?}");
}

#[test]
fn a_blocked_task_draws_nothing_and_its_gap_is_the_whole_run() {
    let evidence = lines("spin blocked-task --seconds 0.5").remove(2);
    let told: Vec<_> = evidence.split(", ").collect();
    assert_eq!(told[1], "0 frames", "{evidence}");
    let gap = told[2].strip_prefix("longest gap ").unwrap();
    let milliseconds = |time: &str| -> u32 { time.strip_suffix(" ms").unwrap().parse().unwrap() };
    assert!(milliseconds(gap) >= 500, "{evidence}");
    assert!(
        milliseconds(told[0]) - milliseconds(gap) < 100,
        "{evidence}"
    );
}

#[rstest]
#[case("napping-task", "1 OS thread")]
#[case("thread --work prime", "2 OS threads")]
#[case("blocked-task --work prime", "1 OS thread: the spinner stood still")]
#[case("task --work prime", "1 OS thread: the spinner stood still")]
fn a_computation_answers_too(#[case] arguments: &str, #[case] evidence: &str) {
    let lines = lines(&format!("spin {arguments} --seconds 0.5"));
    assert_eq!(lines[1], "Answer: 5000111000222021 is prime");
    assert!(lines[2].ends_with(evidence), "{lines:?}");
}

/// Twenty flags are on their way at once, each of them delayed: with every engine but seq it
/// takes one delay.
#[rstest]
#[case("thread", "22 OS threads")]
#[case("thread --engine rayon", "22 OS threads")]
#[case("thread --engine async", "2 OS threads")]
#[case("task", "1 OS thread")]
#[case("rescued-task --engine async", "2 OS threads")]
#[case("blocked-task", "21 OS threads: the spinner stood still")]
fn a_download_answers_too(#[case] arguments: &str, #[case] evidence: &str) {
    let lines = lines(&format!("spin {arguments} --work download --delay 400ms"));
    assert_eq!(lines[1], "Answer: 20 flags");
    assert!(lines[2].ends_with(evidence), "{lines:?}");
}

#[test]
fn a_download_that_misses_flags_says_so_and_exits_with_1() {
    for way in ["thread", "task", "compare"] {
        let download = "--work download --server ERROR --delay 1ms --error-rate 1";
        let output = run(&format!("spin {way} {download}"));
        assert_eq!(output.status.code(), Some(1), "{way}");
        let told = "flagrace: 20 of 20 flags failed, the first: BD: HTTP 418 I'm a teapot\n";
        assert_eq!(stderr(&output), told, "{way}");
        // The evidence is there all the same.
        assert!(stdout(&output).contains("longest"), "{way}");
    }
}

#[test]
fn compare_puts_all_variants_side_by_side() {
    let lines = lines("spin compare --seconds 0.5");
    let row = |name: &str| -> Vec<String> {
        let row = lines.iter().find(|line| {
            line.trim_start().starts_with(&format!("{name}  ")) && line.contains("ms")
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
        ("rescued-task", "2", false),
        ("napping-task", "1", false),
        ("1 of 2 blocked", "3", false),
        ("2 of 2 blocked", "3", true),
    ] {
        let row = row(name);
        assert_eq!(row.len(), 7, "{name}: {row:?}");
        assert_eq!(row[2].starts_with("! "), stands_still, "{name}: {row:?}");
        assert_eq!(row[3], threads, "{name}: {row:?}");
        assert!(row[4].parse::<u32>().is_ok(), "{name}: {row:?}");
    }
    assert_eq!(row("blocked-task")[1], "0");
    let widest = lines.iter().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "too wide for a terminal: {widest:?}");
}

#[rstest]
#[case("thread")]
#[case("task")]
#[case("rescued-task")]
fn on_a_terminal_it_turns_and_leaves_no_trace(#[case] variant: &str) {
    let mut terminal = OnTerminal::start(&format!("spin {variant} --seconds 1"), &[]);
    for frame in ["| thinking!", "/ thinking!", "- thinking!", "\\ thinking!"] {
        terminal.wait_for(frame);
    }
    assert_eq!(terminal.end(), Some(0));
    let text = terminal.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("spinner object: "), "{text}");
    assert_eq!(lines[1], "Answer: 42", "{text}");
    assert_eq!(lines.len(), 3, "{text}");
    assert!(!terminal.screen.screen().hide_cursor());
}

#[rstest]
#[case("thread", "thinking!")]
#[case("task", "thinking!")]
#[case("rescued-task", "thinking!")]
#[case("napping-task", "thinking!")]
#[case("blocked-task", "spinner object")]
#[case("task --work download --delay 60s", "thinking!")]
#[case("compare", "thinking!")]
fn ctrl_c_leaves_the_line_clean_and_the_cursor_visible(#[case] variant: &str, #[case] seen: &str) {
    let seconds = if variant.contains("download") {
        ""
    } else {
        "--seconds 60"
    };
    let mut terminal = OnTerminal::start(&format!("spin {variant} {seconds}"), &[]);
    terminal.wait_for(seen);
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), Some(130), "{variant}");
    let text = terminal.text();
    assert!(!text.contains("thinking"), "{variant}: {text:?}");
    let screen = terminal.screen.screen();
    assert!(!screen.hide_cursor(), "{variant}");
    // Where the next prompt begins there is nothing but what the terminal shows of Ctrl-C.
    let (row, _) = screen.cursor_position();
    let line = screen.rows(0, 80).nth(row.into()).unwrap();
    assert!(["", "^C"].contains(&line.trim()), "{variant}: {line:?}");
}

#[test]
fn colours_are_for_terminals_whose_user_wants_them() {
    let red = |environment: &[(&str, &str)]| {
        let mut terminal = OnTerminal::start("spin blocked-task --seconds 0.4", environment);
        assert_eq!(terminal.end(), Some(0));
        assert!(terminal.text().contains("the spinner stood still"));
        String::from_utf8_lossy(&terminal.raw).contains("\u{1b}[31m")
    };
    assert!(red(&[]));
    assert!(!red(&[("NO_COLOR", "1")]));
}
