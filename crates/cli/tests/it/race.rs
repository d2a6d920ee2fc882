//! `flagrace race`.

use crate::common::{OnTerminal, complaint, gated, row, run, server, shown, stdout, wait_until};
use flagrace_server::Fault;
use rstest::rstest;

/// The server holds its responses until ten requests are in flight; each engine may have five.
#[cfg(target_os = "linux")]
#[test]
fn engines_run_at_the_same_time_with_their_own_threads() {
    let server = gated(10);
    let url = server.base_url();
    let output = run(&format!("race -E threads,async -E threads -l 5 -s {url}"));
    let text = shown(&output);
    assert_eq!(server.stats().peak_in_flight, 10);
    let opening = "2 engines, 5 flags each, 5 at a time.\n";
    assert!(text.starts_with(opening), "{text}");
    assert_eq!(row(&text, "threads")[2..4], ["5 of 5", "6"]);
    let cells = row(&text, "async");
    assert_eq!(cells[2..4], ["5 of 5", "1"]);
    let units = cells[4].ends_with(" MiB") && cells[5].ends_with(" ms");
    assert!(units, "{text}");
}

#[test]
fn four_engines_have_a_bar_and_a_row_each() {
    let mut terminal = OnTerminal::start("race -l 20 --delay 50ms", &[]);
    assert_eq!(terminal.end(), Some(0));
    let raw = String::from_utf8_lossy(&terminal.raw);
    let (_, later) = raw.split_once("20/20").unwrap();
    let seq_goes_on = (1..20).any(|done| later.contains(&format!(" {done}/20")));
    assert!(seq_goes_on, "{raw}");
    let text = terminal.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.len() < 24, "{text}");
    for (index, engine) in ["seq", "threads", "rayon", "async"].iter().enumerate() {
        let (bar, cells) = (lines[1 + index], row(lines[6 + index], engine));
        assert!(bar.starts_with(engine) && bar.contains(" 20/20 "), "{text}");
        let is_beside = cells[3..].iter().all(|cost| bar.contains(cost));
        assert!(is_beside && ("1"..="4").contains(&cells[0]), "{text}");
    }
    assert!(!terminal.screen.screen().hide_cursor());
}

/// DE gets no response. On 80 columns, two thirds of the bar are columns 8 to 24.
#[cfg(target_os = "linux")]
#[test]
fn a_bar_shows_what_its_engine_uses_and_ctrl_c_prints_a_table_of_what_was_done() {
    let server = server(&[("DE", Fault::STALL)]);
    let command = format!("race BR DE FR -E threads -s {}", server.base_url());
    let mut terminal = OnTerminal::start(&command, &[]);
    terminal.wait_for(" 2/3 ");
    terminal.wait_for(" threads   4 ");
    let text = terminal.text();
    assert!(text.contains(" MiB  CPU ") && !text.ends_with(" 0 ms"));
    let cell = |column| terminal.screen.screen().cell(1, column).unwrap();
    let cells = [8, 24, 25, 33, 34].map(cell);
    assert_eq!(cells.map(vt100::Cell::contents).concat(), "██░░ ");
    assert_eq!(cells[1].fgcolor(), vt100::Color::Idx(2));
    wait_until("DE", || server.stats().by_code.contains_key("DE"));
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), Some(130));
    let text = terminal.text();
    let cells = row(&text, "threads");
    assert_eq!([cells[0], cells[2], cells[3]], ["–", "2 of 3", "4"]);
}

#[rstest]
#[case::one_flag("-s URL", "seq: 1 of 2 flags failed, the first: ", "1 of 2")]
#[case::all_flags("-s http://127.0.0.1:1", "seq: 2 of 2 flags failed, ", "0 of 2")]
#[case::limits("-s URL --max-body 1", "seq: 2 of 2 flags failed, ", "0 of 2")]
#[case::no_result("-s URL --ca none", "seq: --ca is for https", "–")]
fn a_failure_is_one_line_and_the_others_continue(
    #[case] arguments: &str,
    #[case] expected: &str,
    #[case] done: &str,
) {
    let server = server(&[("FR", Fault::Status(418))]);
    let arguments = arguments.replace("URL", server.base_url().as_str());
    let output = run(&format!("race FR BR -E seq,async {arguments}"));
    let said = complaint(&output);
    assert!(said.starts_with(&format!("flagrace: {expected}")), "{said}");
    let text = stdout(&output);
    for engine in ["seq", "async"] {
        let cells = row(&text, engine);
        assert_eq!([cells[0], cells[2]], ["–", done], "{text}");
    }
}
