//! `flagrace compare` as its user runs it: small scenarios, real processes, real sockets.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output, Stdio};

use flagrace_report::data::{Design, Outcome, Run};
use flagrace_server::Fault;

use crate::common::{flagrace, interrupt, server, stderr, stdout, wait_until};

const SCENARIOS: &str = r#"
[[scenario]]
name = "tiny"
title = "Three flags"
flags = 3
concurrency = 2
engines = ["seq", "threads", "async"]
rounds = 3
store = "directory"
timeline = true

[[scenario]]
name = "curve"
title = "A curve"
waves = 2
series = [1, 60]
engines = ["seq", "async"]
rounds = 2
"#;

/// A folder with the scenarios above, in which the command runs.
struct Lab(tempfile::TempDir);

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("own.toml"), SCENARIOS).unwrap();
        Self(folder)
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = flagrace("compare");
        command.args(arguments.split_whitespace());
        command.current_dir(self.0.path());
        command
    }

    /// Runs scenarios of the file, and keeps the trials.
    fn compare(&self, arguments: &str) -> Output {
        let kept = "--scenarios own.toml -o kept.jsonl";
        let mut command = self.command(&format!("{kept} {arguments}"));
        command.output().unwrap()
    }

    /// The trials that were kept.
    fn run(&self) -> Run {
        Run::read(&self.0.path().join("kept.jsonl")).unwrap()
    }

    /// Runs scenarios, which must succeed.
    fn compared(&self, arguments: &str) -> Run {
        let output = self.compare(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        self.run()
    }

    fn files(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.0.path()).unwrap().map(Result::unwrap);
        entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect()
    }
}

/// Which engines ran in a round, in that order; true is the baseline's second trial.
fn order(run: &Run, round: usize) -> Vec<(&str, bool)> {
    let trials = run.trials.iter().filter(|trial| trial.round == round);
    trials
        .map(|trial| (&*trial.engine, trial.control))
        .collect()
}

#[test]
fn each_round_has_every_engine_once_and_the_baseline_twice_in_random_order() {
    let lab = Lab::new();
    let run = lab.compared("--scenario tiny --rounds 8 --seed 7");
    let mut orders = BTreeSet::new();
    for round in 1..=8 {
        let mut all = order(&run, round);
        orders.insert(all.clone());
        all.sort_unstable();
        let due = [
            ("async", false),
            ("seq", false),
            ("seq", true),
            ("threads", false),
        ];
        assert_eq!(all, due);
    }
    assert!(orders.len() > 1, "the order was always the same");

    // Numbers of the process, of the system and of the server are there, and possible.
    for trial in &run.trials {
        let get = |key| trial.sample().unwrap().get(key).unwrap();
        assert!(get("wall_s") > get("setup_s") + get("download_s"));
        let in_flight = if trial.engine == "seq" { 1.0 } else { 2.0 };
        assert!(get("peak_in_flight") <= in_flight && get("connections") >= 1.0);
        if cfg!(target_os = "linux") {
            assert!(get("peak_reserved_bytes") > get("peak_memory_bytes"));
            assert!(get("peak_memory_bytes") > get("idle_memory_bytes"));
            let threads = if trial.engine == "threads" { 3.0 } else { 1.0 };
            assert!(get("threads") == threads || trial.engine == "async");
        }
    }
    let timelines = run.timelines.iter();
    let timelines: Vec<_> = timelines.map(|t| (&*t.engine, t.spans.len())).collect();
    assert_eq!(timelines, [("seq", 3), ("threads", 3), ("async", 3)]);
    // The folder that was saved to is gone.
    let files = ["kept.jsonl", "own.toml"].map(str::to_owned);
    assert_eq!(lab.files(), files.into());

    // The seed repeats the order; without one it is fresh.
    let again = lab.compared("--scenario tiny --rounds 8 --seed 7");
    assert!((1..=8).all(|round| order(&again, round) == order(&run, round)));
    let seeds = [0; 2].map(|_| {
        lab.compared("--scenario tiny -n 1").scenarios[0]
            .design
            .clone()
    });
    assert!(
        matches!(seeds[0], Design::Interleaved { .. }) && seeds[0] != seeds[1],
        "{seeds:?}"
    );
}

#[test]
fn without_an_output_file_nothing_is_written_and_exports_parse() {
    let lab = Lab::new();
    let before = lab.files();
    let output = lab
        .command("--scenarios own.toml --scenario tiny -n 1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("threads"), "{}", stdout(&output));
    assert_eq!(lab.files(), before);

    let exports = "--export-json a.json --export-csv a.csv --export-markdown a.md";
    lab.compared(&format!("--scenario tiny -n 1 --details {exports}"));
    let read = |name| fs::read_to_string(lab.0.path().join(name)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&read("a.json")).unwrap();
    assert_eq!(json["scenarios"][0]["scenario"]["name"], "tiny");
    assert!(read("a.csv").lines().any(|line| line.starts_with("tiny,")));
    assert!(read("a.md").contains("| threads |"));
    // What cannot be written is found before anything is measured.
    let output = lab.compare("--export-csv nowhere/a.csv");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot write nowhere/a.csv"));
}

#[test]
fn a_file_runs_all_its_scenarios_and_named_engines_replace_its_own() {
    let lab = Lab::new();
    let run = lab.compared("-n 1 -E async,seq -E async");
    let names: Vec<_> = run.scenarios.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["tiny", "curve-1", "curve-60"]);
    assert!(
        run.scenarios
            .iter()
            .all(|one| one.engines == ["async", "seq"])
    );
}

#[test]
fn a_server_elsewhere_tells_its_counts_and_has_its_own_delays_and_errors() {
    let lab = Lab::new();
    // The first flag of a trial is refused; the second finds its connection reset, and is asked
    // for once more.
    let [first, second, _] = flagrace_core::POPULAR.first_chunk().unwrap();
    let far = server(&[(first, Fault::Status(418)), (second, Fault::Reset)]);
    let output = lab.compare(&format!(
        "--scenario tiny -n 2 -E seq -s {}",
        far.base_url()
    ));
    assert!(output.status.success(), "{}", stderr(&output));
    let title = format!("3 flags, 2 at a time, from {}", far.base_url());
    assert!(stdout(&output).contains(&title), "{}", stdout(&output));
    let run = lab.run();
    let workload = &run.scenarios[0].workload;
    assert!(!workload.server_here && workload.delay_s.is_none());
    for trial in &run.trials {
        let get = |key| trial.sample().unwrap().get(key).unwrap();
        assert_eq!(
            get("resent"),
            2.0,
            "both requests that met a reset connection"
        );
        assert!(get("connections") >= 2.0 && get("server_s") >= get("server_busiest_s"));
    }
}

#[test]
fn a_list_of_urls_takes_the_place_of_the_scenarios() {
    let lab = Lab::new();
    let far = server(&[]);
    let base = far.base_url();
    let refused = "http://127.0.0.1:1/gone";
    let urls = format!("{base}/br/br.gif\n{base}/fr/fr.gif\n{base}/xx/xx.gif\n{refused}\n");
    fs::write(lab.0.path().join("mine.txt"), urls).unwrap();
    let mut command = lab.command("--urls mine.txt -n 2 -c 2 -o kept.jsonl");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    // Each that failed is named once.
    let told = stderr(&output);
    let failed: Vec<_> = told
        .lines()
        .filter(|line| line.starts_with("flagrace: "))
        .collect();
    assert_eq!(failed.len(), 2, "{told}");
    assert!(
        failed[0].starts_with(&format!("flagrace: {refused}: no response: ")),
        "{told}"
    );
    assert_eq!(
        failed[1],
        format!("flagrace: {base}/xx/xx.gif: HTTP 404 not found")
    );
    let run = lab.run();
    let workload = &run.scenarios[0].workload;
    assert_eq!(
        (workload.requests, workload.concurrency, workload.urls),
        (4, 2, true)
    );
    assert_eq!(run.trials.len(), 2 * 5);
    for trial in &run.trials {
        assert!(trial.sample().unwrap().get("connections").is_none());
    }
    // Every trial and one warm-up asked for the three that are here.
    assert_eq!(far.stats().requests, 3 * (5 * 2 + 1));
}

#[test]
fn ctrl_c_keeps_and_shows_the_rounds_that_are_over() {
    let lab = Lab::new();
    let mut command = lab.command("--scenarios own.toml -o kept.jsonl --scenario tiny -n 10000");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_until("two rounds", || {
        let text = fs::read_to_string(lab.0.path().join("kept.jsonl")).unwrap_or_default();
        text.matches("\"trial\"").count() >= 2 * 4
    });
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let trials = lab.run().trials.len();
    assert!(trials >= 8 && trials.is_multiple_of(4), "{trials}");
    assert!(stdout(&output).contains("threads"), "{}", stdout(&output));
    let files = ["kept.jsonl", "own.toml"].map(str::to_owned);
    assert_eq!(lab.files(), files.into());
}

#[cfg(target_os = "linux")]
#[test]
fn an_engine_that_fails_is_named_and_the_others_go_on() {
    let lab = Lab::new();
    let far = server(&[]);
    let url = far.base_url();
    let inner = lab.command(&format!(
        "--scenarios own.toml -o kept.jsonl --scenario curve-60 -n 3 -s {url}"
    ));
    // 40 open files are plenty for one connection, and too few for sixty.
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 40 && exec \"$0\" \"$@\""]);
    limited.arg(inner.get_program()).args(inner.get_args());
    let output = limited.current_dir(lab.0.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    let last = told.lines().last().unwrap();
    assert!(
        last.starts_with("flagrace: scenario curve-60, async: "),
        "{told}"
    );
    assert!(last.contains("Too many open files"), "{told}");
    // It failed because its answers are not those of the baseline, and twice is enough.
    assert!(
        last.ends_with("; expected are 120 ok, 0 not found, 0 failed"),
        "{told}"
    );
    let run = lab.run();
    let count = |engine| {
        run.trials
            .iter()
            .filter(|trial| trial.engine == engine)
            .count()
    };
    assert_eq!((count("seq"), count("async")), (2 * 3, 2));
}

#[test]
fn a_trial_that_takes_too_long_is_killed() {
    let lab = Lab::new();
    let far = server(&[(flagrace_core::POPULAR[0], Fault::Stall)]);
    let stalled = SCENARIOS.replace("rounds = 2", "rounds = 3\nlimit_s = 1");
    fs::write(lab.0.path().join("own.toml"), &stalled).unwrap();
    let output = lab.compare(&format!("--scenario curve -s {}", far.base_url()));
    assert_eq!(output.status.code(), Some(1));
    // Each engine ran once in the whole series.
    let run = lab.run();
    let failed: Vec<_> = run
        .trials
        .iter()
        .map(|trial| (&*trial.scenario, &trial.outcome))
        .collect();
    let why = Outcome::Failed("it took longer than 1s, and was killed".to_owned());
    assert_eq!(failed, [("curve-1", &why); 2]);

    // Outside a series there is nothing to compare with when the baseline fails.
    fs::write(
        lab.0.path().join("own.toml"),
        stalled.replace("timeline = true", "limit_s = 1"),
    )
    .unwrap();
    let output = lab.compare(&format!("--scenario tiny -s {}", far.base_url()));
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(
        told.ends_with("scenario tiny, seq: it took longer than 1s, and was killed\n"),
        "{told}"
    );
}

#[test]
fn a_wrong_argument_is_one_line() {
    let lab = Lab::new();
    let wrong = |arguments: &str, expected: &str| {
        let output = lab.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert!(
            stderr(&output).contains(expected),
            "{arguments}: {}",
            stderr(&output)
        );
    };
    let before = lab.files();
    wrong(
        "--scenario nowhere -o kept.jsonl",
        "there is no scenario \"nowhere\"",
    );
    wrong("-n 0", "at least 1");
    wrong("-E warp", "warp");
    wrong("-c 5", "--urls");
    wrong("--margin 0", "above 0");
    wrong("--scenarios nowhere.toml", "cannot read nowhere.toml");
    wrong("--urls mine.txt --scenario tiny", "cannot be used with");
    assert_eq!(lab.files(), before);
}
