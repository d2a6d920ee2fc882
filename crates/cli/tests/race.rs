//! `flagrace race`, as a teacher runs it: in a terminal, and with its output piped.

#![allow(clippy::unwrap_used)]

mod common;

use std::process::Command;

use common::{ENGINES, OnTerminal, run, server, stderr, stdout};
use flagrace_server::{Config, Fault, Profile, Server};
use serde_json::Value;

const FOR_SHOW: &str = "They ran at the same time and took from each other: this is for show, and
`flagrace compare` is for numbers.";

/// The first word of each line that ends in the ranking's columns, in their order.
fn ranked(text: &str) -> Vec<(String, String)> {
    let (_, below) = text.split_once("downloaded\n").unwrap();
    let (rows, _) = below.split_once("They ran").unwrap();
    rows.lines()
        .map(|row| {
            let mut words = row.split_whitespace().map(str::to_owned);
            (words.next().unwrap(), words.next().unwrap())
        })
        .collect()
}

/// Each of three engines may have five requests in flight, and nothing is answered before
/// there are fifteen: one after the other they would never have so many.
#[test]
fn all_run_at_the_same_time_and_are_ranked() {
    let server = Server::start(Config {
        profile: Profile {
            gate: 15,
            ..Profile::default()
        },
        ..Config::default()
    })
    .unwrap();
    let output = run(&format!(
        "race -E threads,rayon -E async -m 5 -s {}",
        server.base_url()
    ));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    // A gate has its patience: this is what says that it was not needed.
    assert_eq!(server.stats().peak_in_flight, 15);
    let text = stdout(&output);
    assert!(!text.contains(['\u{1b}', '\r']), "{text}");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        format!(
            "3 engines, 259 flags each, 5 at a time; server: {}.",
            server.base_url()
        )
    );
    let told: Vec<_> = lines[1..4]
        .iter()
        .map(|line| {
            let (engine, rest) = line.split_once(" finished ").unwrap();
            let (place, time) = rest.split_once(" after ").unwrap();
            assert!(time.ends_with(" s"), "{line}");
            (place.to_owned(), engine.to_owned())
        })
        .collect();
    let places: Vec<_> = told.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["1st", "2nd", "3rd"]);
    assert_eq!(ranked(&text), told, "{text}");
    assert!(text.trim_end().ends_with(FOR_SHOW), "{text}");
}

#[test]
fn as_json_it_is_one_document_of_all_engines() {
    let server = server(&[("FR", Fault::Status(418))]);
    let output = run(&format!("race F --json -s {}", server.base_url()));
    assert_eq!(output.status.code(), Some(1), "a flag failed");
    assert_eq!(stderr(&output), "");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["note"].as_str().unwrap().contains("for show"));
    let ranking = document["ranking"].as_array().unwrap();
    let mut names: Vec<_> = ranking
        .iter()
        .map(|one| one["engine"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    let mut engines = ENGINES;
    engines.sort_unstable();
    assert_eq!(names, engines);
    let mut before = 0.0;
    for (index, one) in ranking.iter().enumerate() {
        assert_eq!(one["place"], index + 1);
        assert_eq!(one["done"], 26);
        assert_eq!(one["counts"]["errors"], 1);
        let time = one["elapsed_s"].as_f64().unwrap();
        assert!(time >= before, "{ranking:?}");
        before = time;
    }
}

#[test]
fn on_a_terminal_each_has_a_bar_which_ends_with_its_place() {
    let mut terminal = OnTerminal::start("race -E seq,threads,async -l 20 --delay 10ms..50ms", &[]);
    terminal.wait_for("1st");
    assert!(
        !terminal.text().contains("They ran"),
        "seq is still on its way"
    );
    assert_eq!(terminal.end(), Some(0));
    let text = terminal.text();
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    assert_eq!(lines.len(), 10, "{text}");
    for (line, name) in lines[1..4].iter().zip(["seq", "threads", "async"]) {
        assert!(
            line.starts_with(name) && line.contains("██████   20/20 "),
            "{text}"
        );
    }
    assert!(lines[1].ends_with("3rd"), "{text}");
    assert!(
        lines[2].ends_with("1st") || lines[3].ends_with("1st"),
        "{text}"
    );
    assert_eq!(ranked(&text)[2], ("3rd".to_owned(), "seq".to_owned()));
    assert!(!terminal.screen.screen().hide_cursor());
}

#[test]
fn ctrl_c_ends_it_with_a_ranking_of_those_that_are_done() {
    // seq alone would take 10 s.
    let mut terminal = OnTerminal::start("race -E seq,threads -l 20 -m 20 --delay 500ms", &[]);
    terminal.wait_for("1st");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), Some(130));
    let text = terminal.text();
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    // The two bars, each in its line: what the terminal shows of Ctrl-C breaks none.
    let raw = String::from_utf8_lossy(&terminal.raw);
    assert_eq!(lines.len(), 8, "{text}\n{raw:?}");
    assert!(
        lines[1].starts_with("seq ") && lines[1].contains("░  "),
        "{text}"
    );
    assert!(
        lines[1].contains("/20 ") && lines[1].ends_with('-'),
        "{text}"
    );
    assert!(
        lines[2].starts_with("threads ") && lines[2].contains("1st"),
        "{text}"
    );
    let ranking = [("1st", "threads"), ("-", "seq")];
    assert_eq!(
        ranked(&text),
        ranking.map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert!(lines[5].ends_with(" of 20"), "{text}");
    assert!(!terminal.screen.screen().hide_cursor());
    assert_eq!(terminal.screen.screen().cursor_position(), (8, 0), "{text}");
}

#[test]
fn colours_are_for_terminals_whose_user_wants_them() {
    let coloured = |environment: &[(&str, &str)]| {
        let mut terminal = OnTerminal::start("race -E threads,async -l 9 --delay 5ms", environment);
        assert_eq!(terminal.end(), Some(0));
        String::from_utf8_lossy(&terminal.raw).contains("\u{1b}[32m")
    };
    assert!(coloured(&[]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
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
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    let expected = "flagrace: async did not race: could not build the async runtime: ";
    assert!(
        said.starts_with(expected) && said.lines().count() == 1,
        "{said}"
    );
    assert_eq!(
        ranked(&stdout(&output)),
        [("1st".to_owned(), "seq".to_owned())]
    );
}

#[test]
fn where_nobody_answers_one_line_says_so() {
    let output = run("race BR FR -E seq,async -s http://127.0.0.1:1/flags");
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("127.0.0.1:1/flags gave no answer: "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    // Nobody wins by failing at once.
    let places: Vec<_> = ranked(&stdout(&output))
        .into_iter()
        .map(|(p, _)| p)
        .collect();
    assert_eq!(places, ["-", "-"], "{}", stdout(&output));
    assert!(stdout(&output).contains("seq failed after"));
}

#[test]
fn flags_that_failed_with_all_are_told_of_and_an_engine_named_twice_races_once() {
    let server = server(&[("FR", Fault::Status(418))]);
    let output = run(&format!(
        "race FR BR -E seq,async,seq -s {}",
        server.base_url()
    ));
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("flagrace: 1 of 2 flags failed with "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(ranked(&stdout(&output)).len(), 2);
}
