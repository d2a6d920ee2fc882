//! `flagrace lesson`.

use crate::common::{OnTerminal, flagrace, row, shown};
use rstest::rstest;

/// The output of a lesson for this input, in which no line is wider than a terminal, but those of a
/// diff and of `compare`, which wraps them where there is a terminal.
fn lesson(number: &str, typed: &str) -> String {
    let command = flagrace(&format!("lesson {number}"));
    let mut command = assert_cmd::Command::from_std(command);
    let text = shown(&command.write_stdin(typed).output().unwrap());
    assert!(!text.contains(['\u{1b}', '\r']), "{text:?}");
    let wraps = |line: &&str| line.starts_with(['+', '-']) || line.starts_with("In cancel-");
    for line in text.lines().filter(|line| !wraps(line)) {
        assert!(line.chars().count() <= 80, "{line:?}");
    }
    text
}

#[test]
fn the_plan_has_ten_lessons_in_twenty_minutes() {
    let text = lesson("", "");
    let lessons = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?.parse::<u32>().ok()?, words.next()?))
    });
    let (minutes, numbers): (Vec<_>, Vec<_>) = lessons.unzip();
    assert_eq!(numbers.concat(), "1.2.3.4.5.6.7.8.9.10.", "{text}");
    assert!(minutes.is_sorted_by(|a, b| a < b) && minutes[9] < 20);
    assert!(text.lines().count() < 24, "more than a screen: {text}");
}

#[rstest]
#[case("1", [" frames as a thread, ", "/thread.rs:29  drop(stop);"])]
#[case("2", ["1 frame.\n", "_task.rs:23  std::thread::sleep(time);"])]
#[case("3", [" OS threads; with yield_now ", "spawn_blocking(slow)"])]
#[case("4", [" times: ", "  thread::spawn(|| {})"])]
#[case("10", ["; fixed ", "BlockedTask => look_up(&query),"])]
fn evidence_stands_beside_a_prediction(#[case] number: &str, #[case] parts: [&str; 2]) {
    let text = lesson(number, "many\n 30\n");
    assert!(text.starts_with(&format!("{number}. ")), "{text}");
    let again = ": 'many' is not a number, such as 30 or 0.5.\nA number, or return: \n";
    assert!(text.contains(again), "{text}");
    let (_, shown) = text.split_once("\nYou said 30. It was ").unwrap();
    let (shown, page) = shown.split_once("\nRead docs/lessons/").unwrap();
    assert!(parts.iter().all(|part| shown.contains(part)), "{text}");
    assert!(page.starts_with(&format!("{number}-")), "{text}");
}

#[test]
fn lost_saves_are_counted() {
    let text = lesson("6", "");
    // ok, then, end, lost
    assert_eq!(row(&text, "awaited call, exit"), ["59", "59", "59", "0"]);
    assert_eq!(row(&text, "forgotten call, drop")[2..], ["59", "1"]);
    for name in ["forgotten call, exit", "forgotten task, drop"] {
        let cells = row(&text, name).into_iter();
        let cells: Vec<u32> = cells.map(|cell| cell.parse().unwrap()).collect();
        assert_eq!((cells[0], cells[3]), (60, 60 - cells[2]), "{text}");
    }
}

#[test]
fn the_flags_of_a_forgotten_callback_are_listed() {
    let text = lesson("5", "");
    for (name, cells) in [
        ("await", "20 20 17 3"),
        ("callbacks", "20 20 17 3"),
        ("callbacks, one forgotten", "20 17 17 0 BR JP VN"),
    ] {
        assert_eq!(row(&text, name).join(" "), cells, "{text}");
    }
    let evidence = "\nIt was 17 flags, and 20 with await.\n";
    assert!(text.contains(evidence), "{text}");
}

/// A lane for each fifth of 60 flags. One at a time, each begins after the one before.
#[test]
fn timelines_show_a_staircase_first() {
    let text = lesson("7", "");
    let lanes = text.lines().filter(|line| line.ends_with('█'));
    let count = |lane: &str| (lane.matches('·').count(), lane.chars().count());
    let lanes: Vec<_> = lanes.map(count).collect();
    assert_eq!(lanes.len(), 3 * 12, "{text}");
    let is_step = |two: &[(usize, usize)]| two[0].1 <= two[1].0 + 1;
    let is_staircase = lanes[..12].windows(2).all(is_step);
    assert!(lanes[11].0 > 9 && is_staircase, "{text}");
}

#[test]
fn one_client_is_shown_as_a_difference_and_its_cost() {
    let text = lesson("8", "");
    let is_changed = |sign| text.contains(&format!("\n{sign}            self.read("));
    assert!(is_changed('-') && is_changed('+'), "{text}");
    assert!(text.contains("In cancel-silent-1000, async-bare took "));
    assert!(text.lines().count() < 90, "more than two screens: {text}");
    let names = "threads-bare async-bare thread-per-request task-per-request";
    for name in names.split(' ') {
        let [requests, processor, _switches]: [&str; 3] = row(&text, name).try_into().unwrap();
        let processor = processor.strip_suffix(" µs").unwrap();
        let positive = |cell: &str| cell.parse::<f64>().unwrap() > 0.0;
        assert!(positive(requests) && positive(processor), "{text}");
    }
}

#[test]
fn ctrl_c_at_the_prompt_ends_the_lesson_and_its_line() {
    let mut terminal = OnTerminal::start("lesson 1", &[]);
    terminal.wait_for("A number, or return:");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), Some(130));
    assert_eq!(terminal.screen.screen().cursor_position().1, 0);
}
