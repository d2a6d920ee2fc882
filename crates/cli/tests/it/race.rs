//! `flagrace race`.

#![allow(clippy::unwrap_used)]

use crate::common;

use common::{
    OnTerminal, complaint, gated, interrupt, run, server, spawn, stderr, stdout, wait_until,
};
use flagrace_server::Fault;
use rstest::rstest;

/// The rows of the table, each with its cells.
fn table(text: &str) -> Vec<Vec<&str>> {
    let (_, rows) = text.split_once("processor time\n").unwrap();
    let mut table = Vec::new();
    for row in rows.lines() {
        let cells = row.split("  ").map(str::trim);
        table.push(cells.filter(|cell| !cell.is_empty()).collect());
    }
    table
}

/// Each of three engines may have five requests in flight, and the server answers none before
/// there are fifteen: one after another they would never reach that.
#[test]
fn engines_run_at_the_same_time_and_each_has_its_own_threads() {
    let server = gated(15);
    let url = server.base_url();
    let output = run(&format!(
        "race -E threads,async -E async-multi,async -s {url}"
    ));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(server.stats().peak_in_flight, 15);
    let text = stdout(&output);
    assert!(
        text.starts_with("3 engines, 259 flags each, 5 at a time.\n"),
        "{text}"
    );
    assert!(!text.contains(['\u{1b}', '\r']), "{text}");
    let rows = table(&text);
    let threads: Vec<_> = rows.iter().map(|row| [row[0], row[2], row[3]]).collect();
    assert_eq!(
        threads[..2],
        [["threads", "259 of 259", "6"], ["async", "259 of 259", "1"]]
    );
    assert_eq!(threads.len(), 3);
    for row in &rows {
        assert!(
            row[4].ends_with(" MiB") && row[5].ends_with(" ms"),
            "{row:?}"
        );
    }
}

#[test]
fn a_terminal_shows_a_bar_for_each_engine_and_all_of_it_fits_80_by_24() {
    let mut terminal = OnTerminal::start("race -l 20 --delay 50ms", &[]);
    assert_eq!(terminal.end(), Some(0));
    let raw = String::from_utf8_lossy(&terminal.raw);
    let (_, later) = raw.split_once("20/20").unwrap();
    let seq_goes_on = (1..20).any(|done| later.contains(&format!(" {done}/20")));
    assert!(seq_goes_on, "{raw}");
    let text = terminal.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 10, "{text}");
    for (index, engine) in ["seq", "threads", "rayon", "async"].iter().enumerate() {
        let bar = lines[1 + index];
        assert!(bar.starts_with(engine) && bar.contains(" 20/20 "), "{text}");
        assert_eq!(
            lines[6 + index].split_whitespace().next(),
            Some(*engine),
            "{text}"
        );
    }
    assert!(!terminal.screen.screen().hide_cursor());
}

/// BR is done and DE gets no answer when Ctrl-C comes, from a terminal or as a signal.
#[rstest]
fn ctrl_c_ends_it_with_a_table_of_what_was_done(#[values(true, false)] on_terminal: bool) {
    let server = server(&[("DE", Fault::Stall)]);
    let command = format!("race BR DE FR -E seq -s {}", server.base_url());
    let asked = || server.stats().by_code.contains_key("DE");
    let (code, text) = if on_terminal {
        let mut terminal = OnTerminal::start(&command, &[]);
        wait_until("DE", asked);
        terminal.wait_for("1/3");
        terminal.press("\u{3}");
        (terminal.end(), terminal.text())
    } else {
        let child = spawn(&command);
        wait_until("DE", asked);
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        assert_eq!(stderr(&output), "");
        (output.status.code(), stdout(&output))
    };
    assert_eq!(code, Some(130), "{text}");
    assert_eq!(table(&text), [["seq", "–", "1 of 3", "–", "–", "–"]]);
}

#[rstest]
#[case::some_flags("", "seq: 1 of 2 flags failed, the first: ", "1 of 2")]
#[case::all_flags("-s http://127.0.0.1:1/flags", "seq: 2 of 2 flags failed, ", "0 of 2")]
#[case::no_result("--ca none", "seq: --ca is for https", "0 of 2")]
fn a_failure_is_one_line_and_the_others_go_on(
    #[case] arguments: &str,
    #[case] expected: &str,
    #[case] done: &str,
) {
    let server = server(&[("FR", Fault::Status(418))]);
    let mut command = format!("race FR BR -E seq,async {arguments}");
    if !arguments.contains("-s") {
        command += &format!(" -s {}", server.base_url());
    }
    let output = run(&command);
    let said = complaint(&output);
    assert!(said.starts_with(&format!("flagrace: {expected}")), "{said}");
    let text = stdout(&output);
    let rows: Vec<_> = table(&text).iter().map(|row| [row[0], row[2]]).collect();
    assert_eq!(rows, [["seq", done], ["async", done]]);
}
