//! `flagrace race`, as a teacher runs it: in a terminal, and with its output piped.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::process::Command;

use common::{
    OnTerminal, complaint, flagrace, gated, interrupt, run, server, spawn, stderr, stdout,
    wait_until,
};
use flagrace_server::Fault;

const FOR_SHOW: &str = "They competed for the same machine: these times are not comparable.
`flagrace compare` measures one engine at a time.";

/// Each engine of the table with what it downloaded, in the table's order.
fn table(text: &str) -> Vec<(&str, &str)> {
    let (_, below) = text.split_once("downloaded\n").unwrap();
    let (rows, _) = below.split_once("They competed").unwrap();
    rows.lines()
        .map(|row| {
            let (engine, rest) = row.trim().split_once(' ').unwrap();
            (engine, rest.rsplit("  ").next().unwrap())
        })
        .collect()
}

/// Each of three engines may have five requests in flight, and nothing is answered before
/// there are fifteen: one after the other they would never have so many.
#[test]
fn all_run_at_the_same_time_and_none_is_called_the_winner() {
    let server = gated(15);
    let url = server.base_url();
    let output = run(&format!("race -E threads,rayon -E async -m 5 -s {url}"));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    // A gate has its patience: this is what says that it was not needed.
    assert_eq!(server.stats().peak_in_flight, 15);
    let text = stdout(&output);
    assert!(!text.contains(['\u{1b}', '\r']), "{text}");
    let lines: Vec<_> = text.lines().collect();
    let opening = format!("3 engines, 259 flags each, 5 at a time; server: {url}.");
    assert_eq!(lines[0], opening);
    let mut told: Vec<_> = lines[1..4]
        .iter()
        .map(|line| line.split_once(" finished after ").unwrap().0)
        .collect();
    told.sort_unstable();
    assert_eq!(told, ["async", "rayon", "threads"]);
    let all = ["threads", "rayon", "async"].map(|engine| (engine, "259 of 259"));
    assert_eq!(table(&text), all);
    assert!(text.trim_end().ends_with(FOR_SHOW), "{text}");
}

#[test]
fn four_race_unless_others_are_named() {
    let server = server(&[]);
    let output = run(&format!("race FR -s {}", server.base_url()));
    let four = ["seq", "threads", "rayon", "async"].map(|engine| (engine, "1 of 1"));
    assert_eq!(table(&stdout(&output)), four);
}

#[test]
fn engines_with_fewer_requests_at_a_time_are_named() {
    let server = gated(0);
    let url = server.base_url();
    let mut command = flagrace(&format!(
        "race -E seq,rayon-default,async -m 5 -l 5 -s {url}"
    ));
    let output = command.env("RAYON_NUM_THREADS", "3").output().unwrap();
    let fewer = "5 at a time (seq: 1, rayon-default: 3); server:";
    assert!(stdout(&output).contains(fewer), "{}", stdout(&output));
}

#[test]
fn on_a_terminal_each_has_a_bar_which_stays() {
    // seq takes at least two seconds, and the others a tenth of one.
    let mut terminal = OnTerminal::start("race -E seq,threads,async -l 20 --delay 100ms", &[]);
    assert_eq!(terminal.end(), Some(0));
    let raw = String::from_utf8_lossy(&terminal.raw);
    let (_, later) = raw.split_once("20/20").unwrap();
    let seq_goes_on = (1..20).any(|done| later.contains(&format!(" {done}/20")));
    assert!(seq_goes_on, "{raw}");
    let text = terminal.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 10, "{text}");
    for (line, name) in lines[1..4].iter().zip(["seq", "threads", "async"]) {
        assert!(
            line.starts_with(name) && line.contains("██████   20/20 "),
            "{text}"
        );
    }
    let all = ["seq", "threads", "async"].map(|engine| (engine, "20 of 20"));
    assert_eq!(table(&text), all);
    assert!(!terminal.screen.screen().hide_cursor());
}

#[test]
fn ctrl_c_ends_it_with_a_table_of_what_was_done() {
    // seq alone would take 10 s.
    let mut terminal = OnTerminal::start("race -E seq,threads -l 20 -m 20 --delay 500ms", &[]);
    terminal.wait_for("20/20");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), Some(130));
    let text = terminal.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 8, "{text}");
    assert!(
        lines[1].starts_with("seq ") && lines[1].contains("░  "),
        "{text}"
    );
    assert!(lines[2].starts_with("threads "), "{text}");
    assert!(lines[2].contains("█   20/20 "), "{text}");
    let [(seq, some), threads] = table(&text)[..] else {
        panic!("{text}")
    };
    assert!(seq == "seq" && some.ends_with(" of 20"), "{text}");
    assert_eq!(threads, ("threads", "20 of 20"));
    assert!(!terminal.screen.screen().hide_cursor());
    assert_eq!(terminal.screen.screen().cursor_position(), (8, 0), "{text}");
}

#[test]
fn what_ctrl_c_stopped_is_told_and_has_not_failed() {
    let server = server(&[("DE", Fault::Stall)]);
    let child = spawn(&format!("race BR DE FR -E seq -s {}", server.base_url()));
    wait_until("DE", || server.stats().by_code.contains_key("DE"));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(stderr(&output), "");
    let told = stdout(&output);
    assert!(told.contains("\nseq was stopped after "), "{told}");
    assert!(told.contains(", with 1 of 3 flags done\n"), "{told}");
}

/// With one open file to spare there is a socket for seq, but no event loop.
#[test]
fn who_cannot_be_built_is_told_of_and_the_others_race_on() {
    let server = server(&[]);
    let few =
        "for n in 3 4 5 6 7 8 9; do eval \"exec $n>&-\"; done; ulimit -n 5; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", few])
        .arg(assert_cmd::cargo::cargo_bin!("flagrace"))
        .args(["race", "-E", "async,seq", "-s"])
        .arg(server.base_url().as_str())
        .output()
        .unwrap();
    let said = complaint(&output);
    let expected = "flagrace: async did not race: could not build the async runtime: ";
    assert!(said.starts_with(expected), "{said}");
    assert_eq!(table(&stdout(&output)), [("seq", "259 of 259")]);
}

#[test]
fn where_nobody_answers_one_line_says_so() {
    let output = run("race BR FR -E seq,async -s http://127.0.0.1:1/flags");
    let said = complaint(&output);
    let expected = "127.0.0.1:1/flags gave no answer: ";
    assert!(said.contains(expected), "{said}");
    let none = ["seq", "async"].map(|engine| (engine, "0 of 2"));
    assert_eq!(table(&stdout(&output)), none);
    assert!(stdout(&output).contains("seq failed after"));
}

#[test]
fn flags_that_failed_with_all_are_told_of_and_an_engine_named_twice_races_once() {
    let server = server(&[("FR", Fault::Status(418))]);
    let url = server.base_url();
    let output = run(&format!("race FR BR -E seq,async,seq -s {url}"));
    let said = complaint(&output);
    let expected = "flagrace: seq: 1 of 2 flags failed, the first: FR: HTTP 418";
    assert!(said.starts_with(expected), "{said}");
    assert_eq!(table(&stdout(&output)).len(), 2);
}
