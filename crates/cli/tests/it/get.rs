//! `flagrace get` with flags.

use std::fs;
use std::io::{BufRead, BufReader};

use crate::common::{
    ENGINES, OnTerminal, complaint, files, flagrace, interrupt, run, send, server, shown, spawn,
    stderr, stdout, wait_until, within,
};
use flagrace_server::{Fault, Profile, Server};
use nix::sys::signal::Signal;
use rstest::rstest;
use serde_json::Value;

fn json(arguments: &str) -> Value {
    let mut command = flagrace(&format!("get --no-save --json {arguments}"));
    for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env(name, "http://127.0.0.1:1");
    }
    serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
}

#[test]
fn text_is_as_in_the_book() {
    let server = server(&[("FR", Fault::Status(500))]);
    let url = server.base_url();
    let output = run(&format!("get --no-save -m 2 -v -E seq -s {url} BR XX FR"));
    let text = stdout(&output);
    let (lines, seconds) = text.split_once("Elapsed time: ").unwrap();
    assert!(seconds.ends_with("s\n"), "{seconds}");
    let expected = format!(
        "URL site: {url}\n\
         Searching for 3 flags: BR, FR, XX\n\
         1 concurrent connection will be used.\n\
         BR OK\n\
         *** Error for FR: HTTP 500\n\
         XX not found\n\
         --------------------\n\
         1 flag downloaded.\n1 not found.\n1 error.\n"
    );
    assert_eq!(lines, expected);
    let why = format!("flagrace: 1 of 3 flags failed, the first: {url}/fr/fr.gif: HTTP 500; ");
    assert_eq!(complaint(&output), why + "only the server can mend it\n");
}

#[rstest]
#[case("", "LOCAL site: http://127.0.0.1:")]
#[case("", "Searching for 20 flags: from BD to VN\n20 concurrent")]
#[case("b BR br AO", "Searching for 27 flags: from AO to BZ\n20 concurrent")]
#[case("-e -l 3", "Searching for 3 flags: AA, AB, AC\n3 concurrent")]
#[case("-a -c 2000", "from AC to ZW\n259 concurrent")]
#[case("-a --max_req 7", "7 concurrent connections will be used.")]
#[case("-s local BR", "for 1 flag: BR\n1 concurrent connection will")]
#[case("--repeat 3 BR", "3 flags downloaded.")]
fn options_select_flags(#[case] arguments: &str, #[case] told: &str) {
    let text = shown(&run(&format!("get --no-save {arguments}")));
    assert!(text.contains(told), "{text}");
}

/// Not found is an answer, unless no requested flag exists.
#[test]
fn a_server_without_flags_is_a_failure_with_a_hint() {
    let server = server(&[]);
    let root = format!("http://{}", server.address());
    let said = complaint(&run(&format!("get --no-save -s {root} FR XX")));
    let expected = format!(
        "flagrace: 2 of 2 flags failed, the first: {root}/fr/fr.gif: not found; \
         does the address lack /flags?\n"
    );
    assert_eq!(said, expected);
    let output = run(&format!("get --no-save -s {root} XX"));
    assert_eq!((output.status.code(), &*stderr(&output)), (Some(0), ""));
}

#[test]
fn json_is_one_document_with_every_outcome_and_proxies_are_ignored() {
    let server = server(&[("FR", Fault::CUT)]);
    let size = flagrace_catalog::find("BR").unwrap().gif.len();
    for engine in ENGINES {
        let document = json(&format!("-E {engine} -s {} BR XX FR", server.base_url()));
        assert_eq!(document["engine"], engine);
        let kinds = ["ok", "not_found", "errors", "cancelled"];
        assert_eq!(kinds.map(|kind| &document["counts"][kind]), [1, 1, 1, 0]);
        assert!(document["elapsed_s"].as_f64().unwrap() > 0.0);
        assert!(document["done"]["user_s"].is_number());
        let outcomes = document["outcomes"].as_array().unwrap();
        assert_eq!(outcomes[0]["bytes"], size);
        let told = outcomes.iter().map(|one| [&one["label"], &one["status"]]);
        let cut = "the body was cut short";
        let expected = [["BR", "ok"], ["FR", cut], ["XX", "not found"]];
        assert_eq!(Vec::from_iter(told), expected);
    }
}

#[test]
fn a_label_and_options_configure_the_server_to_start() {
    let document = json("-s error --delay 1ms --error-rate 0.5 --seed 7 -a");
    let mut profile = Profile::labelled("ERROR").unwrap();
    (profile.error_rate, profile.seed) = (0.5, 7);
    let outcomes = document["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 259);
    for outcome in outcomes {
        let code = outcome["label"].as_str().unwrap().parse().unwrap();
        let refused = profile.plan(code).fault.is_some();
        assert_eq!(outcome["status"] != "ok", refused, "{outcome}");
    }
}

/// SIGTERM and SIGHUP count as Ctrl-C.
#[test]
fn ctrl_c_reports_and_draws_what_was_done() {
    let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
    for (engine, signal) in ENGINES.into_iter().zip(signals.into_iter().cycle()) {
        // BR is sent, then nothing: DE and FR never get a response.
        let server = server(&[("DE", Fault::STALL), ("FR", Fault::STALL)]);
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // The picture replaces a longer file.
        fs::write(path("a.svg"), "x".repeat(100_000)).unwrap();
        let get = format!("get -v -E {engine} -c 3 -s {} BR DE FR", server.base_url());
        let get = within(&folder, &format!("{get} -o DIR --timeline DIR/a.svg"));
        let child = spawn(&get);
        let stuck: &[&str] = match engine {
            "seq" => &["DE"],
            _ => &["DE", "FR"],
        };
        wait_until(engine, || {
            let asked = server.stats().by_code;
            path("br.gif").exists() && stuck.iter().all(|&cc| asked.contains_key(cc))
        });
        send(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{engine}");
        assert_eq!(stderr(&output), "", "{engine}");
        // Cancelled flags are counted, without a line each.
        let (text, line) = (stdout(&output), "-".repeat(20));
        let expected = format!("used.\nBR OK\n{line}\n1 flag downloaded.\n2 cancelled.\n");
        assert!(text.contains(&expected), "{engine}: {text}");
        let names = files(folder.path()).into_keys();
        assert_eq!(Vec::from_iter(names), ["a.svg", "br.gif"]);
        let picture = fs::read_to_string(path("a.svg")).unwrap();
        let drawn = picture.contains("2 failed") && !picture.contains("xxx");
        assert!(drawn, "{engine}: {picture}");
    }
}

/// The first cancels the download, but its result does not fit into the pipe.
#[test]
fn a_second_ctrl_c_ends_the_program_at_once() {
    let server = server(&[("BR", Fault::STALL)]);
    let url = server.base_url();
    let mut child = spawn(&format!("get --json --no-save -a --repeat 8 -s {url}"));
    wait_until("asked", || server.stats().by_code.contains_key("BR"));
    interrupt(&child);
    // Another signal: the system would merge two of the same.
    send(&child, Signal::SIGTERM);
    wait_until("the end", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_no_flag() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&within(&folder, "get BR FR -o DIR --timeline /dev/full"));
    assert!(stdout(&output).contains("2 flags downloaded."));
    assert!(folder.path().join("fr.gif").exists());
    let said = complaint(&output);
    let expected = "flagrace: cannot write /dev/full: ";
    assert!(said.starts_with(expected), "{said}");
}

/// Two runs save different bodies as one file; two more are killed at a random request.
#[test]
fn a_file_is_whole_while_two_runs_replace_it_and_after_they_are_killed() {
    let large = Profile {
        body: Some(300_000),
        ..Profile::default()
    };
    let servers = [server(&[]), Server::start(large.into()).unwrap()];
    let requests = || servers.iter().map(|one| one.stats().requests).sum::<u64>();
    let folder = tempfile::tempdir().unwrap();
    let file = || fs::read(folder.path().join("br.gif")).unwrap();
    let get = |server: &Server, engine: &str| {
        let url = server.base_url();
        let get = format!("get BR --repeat 40 -E {engine} -o DIR -s {url}");
        spawn(&within(&folder, &get))
    };
    let bodies = servers.each_ref().map(|server| {
        get(server, "seq").wait().unwrap();
        file()
    });
    for engine in ENGINES.repeat(2) {
        let start = || servers.each_ref().map(|server| get(server, engine));
        for run in start() {
            shown(&run.wait_with_output().unwrap());
        }
        let moment = requests() + fastrand::u64(1..80);
        let mut runs = start();
        wait_until("that many requests", || {
            assert!(bodies.contains(&file()));
            requests() >= moment
        });
        for run in &mut runs {
            run.kill().unwrap();
            run.wait().unwrap();
        }
        assert!(bodies.contains(&file()));
    }
}

#[test]
fn a_closed_reader_is_not_an_error() {
    let mut child = spawn("get --no-save -e -v");
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut String::new()).unwrap();
    drop(reader);
    assert_eq!(stderr(&child.wait_with_output().unwrap()), "");
}

#[test]
fn a_terminal_shows_a_bar_and_clears_it() {
    let mut terminal = OnTerminal::start("get --no-save -s DELAY --delay 30ms -c 2", &[]);
    assert_eq!(terminal.end(), Some(0));
    assert!(String::from_utf8_lossy(&terminal.raw).contains("/20 flags"));
    let text = terminal.text();
    assert!(!text.contains("/20 flags"), "{text}");
    assert!(text.contains("20 flags downloaded."), "{text}");
}
