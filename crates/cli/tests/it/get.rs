//! `flagrace get`, as its user runs it.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::io::{BufRead, BufReader, Read};

use common::{
    ENGINES, OnTerminal, files, flagrace, interrupt, run, server, spawn, stderr, stdout, wait_until,
};
use flagrace_server::Fault;
use rstest::rstest;
use serde_json::Value;

#[test]
fn with_metadata_files_are_named_after_countries() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&format!(
        "get --metadata -o {} BR US XX",
        folder.path().display()
    ));
    assert!(output.status.success());
    let names = Vec::from_iter(files(folder.path()).into_keys());
    assert_eq!(names, ["Brazil-BR.gif", "United_States-US.gif"]);
}

#[test]
fn it_says_what_the_book_says() {
    let server = server(&[("FR", Fault::Status(500))]);
    let url = server.base_url();
    let output = run(&format!("get --no-save -m 2 -s {url} BR XX FR"));
    let lines: Vec<_> = stdout(&output).lines().map(str::to_owned).collect();
    let elapsed = lines.last().unwrap().strip_prefix("Elapsed time: ");
    let seconds = elapsed.and_then(|text| text.strip_suffix('s')?.parse::<f64>().ok());
    assert!(seconds.is_some(), "{lines:?}");
    assert_eq!(
        lines[..lines.len() - 1],
        [
            &format!("URL site: {url}"),
            "Searching for 3 flags: BR, FR, XX",
            "2 concurrent connections will be used.",
            "--------------------",
            "1 flag downloaded.",
            "1 not found.",
            "1 error.",
        ]
    );
    assert_eq!(output.status.code(), Some(1));
    // The book leaves it at the count: why, is said beside that.
    assert_eq!(
        stderr(&output),
        "flagrace: 1 of 3 flags failed, the first: FR: HTTP 500\n"
    );
}

#[rstest]
#[case("get --no-save", "LOCAL site: http://127.0.0.1:")]
#[case(
    "get --no-save",
    "Searching for 20 flags: from BD to VN\n20 concurrent"
)]
#[case("get --no-save -E seq", "1 concurrent connection will be used.")]
#[case(
    "get --no-save B",
    "Searching for 26 flags: from BA to BZ\n20 concurrent"
)]
#[case(
    "get --no-save -e -l 3",
    "Searching for 3 flags: AA, AB, AC\n3 concurrent"
)]
#[case("get --no-save -a -m 2000", "from AC to ZW\n259 concurrent")]
#[case(
    "get --no-save -e -m 5000 --max-concurrency 300",
    "from AA to ZZ\n300 concurrent"
)]
#[case(
    "get --no-save -a --max_req 7",
    "7 concurrent connections will be used."
)]
#[case(
    "get --no-save -s local BR",
    "Searching for 1 flag: BR\n1 concurrent connection will"
)]
fn the_opening_lines_tell_what_will_be_done(#[case] arguments: &str, #[case] told: &str) {
    let output = run(arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains(told), "{}", stdout(&output));
}

/// A pool of rayon's own size is no larger than what is asked for, and what is printed is the
/// concurrency that the engine has.
#[test]
fn the_concurrency_that_is_told_is_the_one_that_is_used() {
    for (asked, used) in [(20, 3), (2, 2)] {
        let mut command = flagrace(&format!("get --no-save --json -E rayon-default -m {asked}"));
        let output = command.env("RAYON_NUM_THREADS", "3").output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["concurrency"], used);
    }
}

#[rstest]
#[case("-m 1000", "")]
#[case(
    "-m 1001",
    "flagrace: -m 1001 is reduced to 1000; --max-concurrency raises the limit\n"
)]
#[case("-m 1001 --max-concurrency 1001", "")]
fn a_number_above_the_limit_is_not_reduced_silently(#[case] arguments: &str, #[case] told: &str) {
    let output = run(&format!("get --no-save BR {arguments}"));
    assert!(output.status.success());
    assert_eq!(stderr(&output), told);
}

/// Not found is an answer; but an address without one flag that exists is a wrong one.
#[test]
fn an_address_without_flags_is_told_with_a_hint() {
    let server = server(&[]);
    let root = format!("http://{}", server.address());
    let output = run(&format!("get --no-save -s {root} FR XX"));
    assert_eq!(output.status.code(), Some(1));
    let hint = format!("FR would be {root}/fr/fr.gif; does the address lack /flags?\n");
    let expected = format!("flagrace: 2 of 2 flags not found, the first: {hint}");
    assert_eq!(stderr(&output), expected);
    let output = run(&format!("get --no-save -s {root} XX"));
    assert_eq!((output.status.code(), &*stderr(&output)), (Some(0), ""));
}

#[test]
fn a_time_limit_is_told_in_the_same_words_by_every_engine() {
    let server = server(&[("BR", Fault::Stall)]);
    let url = server.base_url();
    for engine in ENGINES {
        let output = run(&format!(
            "get --no-save -E {engine} --timeout 50ms -s {url} BR"
        ));
        let expected = "flagrace: 1 of 1 flag failed, the first: BR: timed out\n";
        assert_eq!(stderr(&output), expected, "{engine}");
    }
}

#[test]
fn verbose_has_a_line_for_each_flag_and_no_bar() {
    let server = server(&[("FR", Fault::Status(418)), ("DE", Fault::Reset)]);
    let output = run(&format!(
        "get --no-save -v -s {} BR XX FR DE",
        server.base_url()
    ));
    let text = stdout(&output);
    for line in [
        "BR OK\n",
        "XX not found\n",
        "*** Error for FR: HTTP 418 I'm a teapot\n",
        "*** Error for DE: no response: ",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(stderr(&output), "");
}

/// Those of `bare` end with the job. How many are left when one of them counts is not certain.
#[test]
fn the_threads_of_a_download_are_counted_while_it_runs() {
    let server = server(&[]);
    for (engine, least, most) in [
        ("threads", 6, 6),
        ("threads-bare", 2, 6),
        ("thread-per-request", 3, u64::MAX),
        ("async-bare", 1, 1),
    ] {
        let output = run(&format!(
            "get --no-save --summary -m 5 -E {engine} -s {}",
            server.base_url()
        ));
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        let threads = summary["done"]["threads"].as_u64().unwrap();
        assert!((least..=most).contains(&threads), "{engine}: {threads}");
    }
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let server = server(&[("FR", Fault::Cut)]);
    for engine in ENGINES {
        let output = run(&format!(
            "get --no-save --json --cost -E {engine} -s {} BR XX FR",
            server.base_url()
        ));
        assert_eq!(stderr(&output), "");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["engine"], engine);
        assert_eq!(
            document["counts"],
            serde_json::json!({"ok": 1, "not_found": 1, "errors": 1})
        );
        assert!(document["elapsed_s"].as_f64().unwrap() > 0.0);
        assert!(document["cost"]["done"]["user_s"].is_number());
        let outcomes = document["outcomes"].as_array().unwrap();
        let told: Vec<_> = outcomes
            .iter()
            .map(|one| {
                (
                    one["code"].as_str().unwrap(),
                    one["status"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(told, [("BR", "ok"), ("FR", "error"), ("XX", "not_found")]);
        let brazil = &outcomes[0];
        let size = flagrace_catalog::find("BR").unwrap().gif.len();
        assert_eq!(brazil["bytes"], size);
        assert!(brazil["timing"]["saved_s"].as_f64() <= brazil["timing"]["finished_s"].as_f64());
        assert_eq!(outcomes[1]["error"], "the body was cut short");
    }
}

#[test]
fn a_label_starts_a_server_with_that_profile() {
    let output = run("get --no-save --json -s error --delay 1ms -E threads -a");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let profile = flagrace_server::Profile::labelled("ERROR").unwrap();
    let refused = flagrace_catalog::all()
        .iter()
        .filter(|flag| profile.plan(flag.code.parse().unwrap()).fault.is_some());
    assert_eq!(document["counts"]["errors"], refused.count());
    assert_eq!(
        document["server"]["requests"],
        flagrace_catalog::all().len()
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_proxy_in_the_environment_is_not_asked() {
    let server = server(&[]);
    for engine in ENGINES {
        let mut command = flagrace(&format!(
            "get --no-save -E {engine} -s {} BR",
            server.base_url()
        ));
        for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
            command.env(name, "http://127.0.0.1:1");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{engine}: {}", stderr(&output));
    }
}

#[test]
fn ctrl_c_reports_what_was_done_and_exits_with_130() {
    for (engine, verbose) in ENGINES
        .iter()
        .flat_map(|engine| [(*engine, ""), (*engine, "-v")])
    {
        // BR comes, and then nothing: DE and FR never get an answer.
        let server = server(&[("DE", Fault::Stall), ("FR", Fault::Stall)]);
        let folder = tempfile::tempdir().unwrap();
        let child = spawn(&format!(
            "get {verbose} -E {engine} -m 3 -o {} -s {} BR DE FR",
            folder.path().display(),
            server.base_url()
        ));
        // seq has one slot, and so has rayon-default on one core.
        let stuck: &[&str] = match engine {
            "seq" | "rayon-default" => &["DE"],
            _ => &["DE", "FR"],
        };
        wait_until(engine, || {
            let asked = server.stats().by_code;
            folder.path().join("br.gif").exists() && stuck.iter().all(|&cc| asked.contains_key(cc))
        });
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{engine}");
        // Nothing failed by itself.
        assert_eq!(stderr(&output), "", "{engine}");
        let text = stdout(&output);
        assert!(
            text.contains("1 flag downloaded.\n2 cancelled.\n"),
            "{engine}: {text}"
        );
        // The count says it: no line for each that was cancelled.
        assert!(!text.contains("*** Error"), "{engine}: {text}");
        assert_eq!(Vec::from_iter(files(folder.path()).into_keys()), ["br.gif"]);
    }
}

#[test]
fn a_reader_who_leaves_early_meets_no_panic() {
    let mut child = spawn("get --no-save -e -v");
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut String::new()).unwrap();
    drop(reader);
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    child.wait().unwrap();
    assert_eq!(said, "");
}

/// On a real terminal there is a bar, and it leaves no trace.
#[test]
fn on_a_terminal_there_is_a_bar_and_it_leaves_no_trace() {
    let mut terminal = OnTerminal::start("get --no-save -s DELAY --delay 30ms -m 2", &[]);
    assert_eq!(terminal.end(), Some(0));
    // It is on the screen for a moment, which a look at the screen may miss.
    assert!(String::from_utf8_lossy(&terminal.raw).contains("/20 flags"));
    let text = terminal.text();
    assert!(!text.contains("/20 flags"), "{text}");
    assert!(text.contains("20 flags downloaded."), "{text}");
}
