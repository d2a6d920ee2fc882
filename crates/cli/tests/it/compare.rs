//! `flagrace compare` as its user runs it: small scenarios, real processes, real sockets.

#![allow(clippy::unwrap_used)]

use crate::common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;
use std::time::Duration;

use common::{OnTerminal, files, flagrace, interrupt, server, serving, stderr, stdout, wait_until};
use flagrace_report::comparison::{self, Comparison};
use flagrace_server::{Fault, Profile};

const SCENARIOS: &str = r#"
[[scenario]]
name = "tiny"
title = "A few flags, no delay"
flags = 3
concurrency = 2
engines = ["seq", "threads", "async"]
rounds = 3
timeline = true

[[scenario]]
name = "curve"
title = "A curve"
waves = 2
concurrency = [1, 60]
engines = ["seq", "async"]
rounds = 2
"#;

/// A folder with the scenarios above, and a command that runs one of them there.
struct Lab(tempfile::TempDir);

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("own.toml"), SCENARIOS).unwrap();
        Self(folder)
    }

    fn compare(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it, which must succeed, and reads what it kept.
    fn compared(&self, arguments: &str) -> Comparison {
        let output = self.compare(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        self.comparison()
    }

    fn command(&self, arguments: &str) -> std::process::Command {
        let mut command = flagrace("compare --scenarios own.toml");
        command.args(arguments.split_whitespace());
        command.current_dir(self.0.path());
        command
    }

    fn results(&self) -> std::path::PathBuf {
        self.0.path().join("results/latest")
    }

    fn comparison(&self) -> Comparison {
        comparison::read(&self.results()).unwrap()
    }
}

/// Who ran in a round, in that order.
fn order(comparison: &Comparison, round: usize) -> Vec<(&str, bool)> {
    let trials = comparison.trials.iter().filter(|one| one.round == round);
    trials.map(|one| (&*one.engine, one.noise)).collect()
}

/// Who took part in a round: each engine, and the baseline once more.
fn entrants(comparison: &Comparison, round: usize) -> BTreeSet<(&str, bool)> {
    order(comparison, round).into_iter().collect()
}

#[test]
fn each_round_has_every_engine_once_and_the_baseline_twice() {
    let lab = Lab::new();
    let comparison = lab.compared("--scenario tiny --rounds 8");
    assert_eq!(comparison.trials.len(), 8 * 4);
    let mut orders = BTreeSet::new();
    for round in 1..=8 {
        let all = [
            ("seq", false),
            ("seq", true),
            ("threads", false),
            ("async", false),
        ];
        assert_eq!(entrants(&comparison, round), all.into());
        orders.insert(order(&comparison, round));
    }
    assert!(orders.len() > 1, "the order was always the same");

    // What only the system and the server know is there, and is what it must be.
    for trial in &comparison.trials {
        let measured = trial.measured.as_ref().unwrap();
        assert!(measured.wall_s > measured.setup_s + measured.download_s);
        assert!(measured.peak_memory > measured.idle_memory);
        assert!(measured.peak_reserved > measured.peak_memory);
        let slots = if trial.engine == "seq" { 1 } else { 2 };
        assert!(measured.connections.unwrap() <= slots + u64::from(trial.engine == "async"));
        assert!(measured.peak_in_flight.unwrap() <= slots);
        let threads = if trial.engine == "threads" { 3 } else { 1 };
        assert_eq!(measured.threads, Some(threads), "{}", trial.engine);
    }
    // And so is the course of one download each.
    let timelines = comparison.timelines.iter();
    let timelines: Vec<_> = timelines.map(|t| (&*t.engine, t.spans.len())).collect();
    assert_eq!(timelines, [("seq", 3), ("threads", 3), ("async", 3)]);
    // Nothing else is left behind.
    let is_hidden = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
    let mut left = fs::read_dir(lab.results()).unwrap().map(Result::unwrap);
    assert!(!left.any(is_hidden));
}

#[test]
fn the_same_seed_is_the_same_order_and_another_one_is_not() {
    let compared = |seed| Lab::new().compared(&format!("-c tiny -n 4 --seed {seed}"));
    let [seven, again, eight] = [7, 7, 8].map(compared);
    let is_same = |other| (1..=4).all(|round| order(&seven, round) == order(other, round));
    assert!(is_same(&again) && !is_same(&eight));
}

#[test]
fn a_file_without_names_means_all_its_scenarios_and_what_was_compared_before_makes_way() {
    let lab = Lab::new();
    let names = |arguments: &str| -> Vec<String> {
        let scenarios = lab.compared(arguments).scenarios;
        scenarios.into_iter().map(|one| one.name).collect()
    };
    assert_eq!(names("-n 1 -E async"), ["tiny", "curve-1", "curve-60"]);
    assert_eq!(names("-c curve -n 1"), ["curve-1", "curve-60"]);
}

#[test]
fn a_server_elsewhere_is_asked_for_its_counts() {
    let lab = Lab::new();
    let far = server(&[]);
    let output = lab.compare(&format!("-c tiny -n 2 -s {}", far.base_url()));
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    assert!(said.contains("The server ran already"));
    // Nothing is known of its delay.
    let heading = format!("tiny: 3 flags, 2 at a time, from {}\n", far.base_url());
    assert!(said.contains(&heading), "{said}");
    assert!(!said.contains("no delay"), "{said}");
    let comparison = lab.comparison();
    assert!(
        comparison
            .scenarios
            .iter()
            .all(|s| !s.server_here && s.delay_s.is_none())
    );
    for trial in comparison.trials_of("tiny", "threads", false) {
        let measured = trial.measured.as_ref().unwrap();
        let connections = measured.connections.unwrap();
        assert!((1..=2).contains(&connections), "{connections}");
        if cfg!(target_os = "linux") {
            let (all, busiest) = (
                measured.server_s.unwrap(),
                measured.server_busiest_s.unwrap(),
            );
            assert!(0.0 < busiest && busiest < all, "{busiest} of {all}");
        }
    }
}

#[test]
fn a_server_elsewhere_has_its_own_errors() {
    let lab = Lab::new();
    let first = flagrace_catalog::all()[0].code;
    let far = server(&[(first, Fault::Status(418))]);
    let comparison = lab.compared(&format!("-c tiny -n 1 -s {}", far.base_url()));
    assert!(comparison.trials.iter().all(|trial| trial.error.is_none()));

    // And a server of one's own has those that are expected, be it that nothing comes.
    let refused = SCENARIOS.replace("flags = 3", "flags = 3\nerror_rate = 1.0");
    fs::write(lab.0.path().join("own.toml"), refused).unwrap();
    lab.compared("-c tiny -n 1");
}

/// The server ends the connection on which the second flag is asked for.
#[test]
fn requests_that_were_sent_once_more_are_told_of() {
    let lab = Lab::new();
    let told = |flag: usize| {
        let far = server(&[(flagrace_catalog::all()[flag].code, Fault::Reset)]);
        let output = lab.compare(&format!("-c tiny -n 2 -E seq -s {}", far.base_url()));
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    let line = "Requests sent once more, because an idle connection had died: seq 4.\n";
    assert!(told(1).contains(line), "{}", told(1));
    // The first flag has a connection that was never idle.
    assert!(!told(0).contains("once more"), "{}", told(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_pool_of_rayons_own_size_is_the_only_one() {
    let lab = Lab::new();
    let mut command = lab.command("-c tiny -n 1 -E rayon-default");
    let output = command.env("RAYON_NUM_THREADS", "2").output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    for trial in &lab.comparison().trials {
        // And the one that waits for them.
        assert_eq!(trial.measured.as_ref().unwrap().threads, Some(3));
    }
}

#[test]
fn a_list_of_urls_takes_the_place_of_the_scenarios() {
    let lab = Lab::new();
    let far = server(&[]);
    let base = far.base_url();
    let nobody = "http://127.0.0.1:1/gone";
    let urls =
        format!("{base}/br/br.gif\n# not this\n{base}/fr/fr.gif\n{base}/xx/xx.gif\n{nobody}\n");
    fs::write(lab.0.path().join("mine.txt"), urls).unwrap();
    let mut command = flagrace("compare --urls mine.txt -n 2 -m 2");
    let output = command.current_dir(lab.0.path()).output().unwrap();
    // Those that failed are named, each once.
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    let (_, failed) = told.split_once("flagrace: 2 URLs failed:\n").unwrap();
    let refused = format!("  {nobody}: no response: ");
    assert!(failed.starts_with(&refused), "{told}");
    let missing = format!("\n  {base}/xx/xx.gif: HTTP 404 not found\n");
    assert!(failed.ends_with(&missing), "{told}");
    assert_eq!(failed.lines().count(), 2, "{told}");
    let comparison = lab.comparison();
    let [scenario] = &comparison.scenarios[..] else {
        panic!("{:?}", comparison.scenarios)
    };
    assert_eq!((scenario.flags, scenario.concurrency), (4, 2));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("4 URLs, 2 at a time"), "{said}");
    assert!(
        scenario.command.contains("--urls FILE"),
        "{}",
        scenario.command
    );
    // Nobody counts at a stranger's server.
    let four = ["threads", "seq", "rayon", "async"].map(|engine| (engine, false));
    let all = four.into_iter().chain([("threads", true)]).collect();
    assert_eq!(entrants(&comparison, 1), all);
    assert_eq!(comparison.trials.len(), 2 * 5);
    for trial in &comparison.trials {
        let measured = trial.measured.as_ref().unwrap();
        assert!(measured.connections.is_none() && measured.server_s.is_none());
    }
    // All of them asked for the three that are here, and the baseline once before the first round.
    assert_eq!(far.stats().requests, 3 * (5 * 2 + 1));
}

#[test]
fn its_tables_fit_on_the_terminal() {
    let lab = Lab::new();
    assert!(lab.compare("-c tiny -n 1").status.success());
    let report = format!("report {}", lab.results().display());
    let mut terminal = OnTerminal::start(&report, &[]);
    assert_eq!(terminal.end(), Some(0));
    let shown = String::from_utf8(terminal.raw).unwrap();
    assert!(shown.contains("memory"), "the last column: {shown}");
    for line in shown.lines() {
        assert!(line.trim_end().chars().count() <= 80, "{line}");
    }
}

#[test]
fn ctrl_c_loses_no_round_that_is_over() {
    // It falls into another place of a round each time, whatever the clock does.
    for place in 0..4 {
        let lab = Lab::new();
        let mut command = lab.command("-c tiny -n 10000");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let rounds = || {
            let file = fs::read_to_string(lab.results().join(comparison::FILE));
            file.map_or(0, |text| text.matches("\"trial\"").count()) / 4
        };
        wait_until("two rounds", || rounds() >= 2);
        thread::sleep(Duration::from_millis(4 * place));
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        let trials = lab.comparison().trials.len();
        assert!(trials >= 8 && trials.is_multiple_of(4), "{trials}");
        // What there is, is shown.
        assert!(stdout(&output).contains("threads"), "{}", stdout(&output));
    }
}

#[test]
fn what_measures_nothing_changes_nothing() {
    let lab = Lab::new();
    assert!(lab.compare("-c tiny -n 2").status.success());
    let before = files(&lab.results());
    assert_eq!(before.len(), 1, "the trials alone are kept");

    let nobody = lab.compare("-c tiny -n 1 -s http://127.0.0.1:1/flags");
    assert_eq!(nobody.status.code(), Some(1));
    assert_eq!(stdout(&nobody), "");
    assert!(files(&lab.results()) == before, "{}", stderr(&nobody));

    // Ctrl-C while the server keeps the first trial of all waiting.
    let slow = serving(Profile::delayed_by("300ms".parse().unwrap()));
    let mut command = lab.command(&format!("-c tiny -s {}", slow.base_url()));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_until("a request", || slow.stats().requests > 0);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(stderr(&output).contains("No round was over"));
    assert_eq!(stdout(&output), "");
    assert!(files(&lab.results()) == before, "{}", stderr(&output));
}

#[test]
fn the_engines_that_are_named_take_part_and_the_first_is_the_baseline() {
    let lab = Lab::new();
    let comparison = lab.compared("-c tiny -n 1 -E async,seq -E async");
    assert_eq!(comparison.scenarios[0].baseline, "async");
    let named = [("async", false), ("async", true), ("seq", false)];
    assert_eq!(entrants(&comparison, 1), named.into());
}

#[cfg(target_os = "linux")]
#[test]
fn an_engine_that_fails_outright_is_told_with_its_error_and_the_others_go_on() {
    let lab = Lab::new();
    let far = server(&[]);
    let inner = lab.command(&format!("-c curve-60 -n 3 -s {}", far.base_url()));
    // 40 open files are plenty for one connection, and too few for sixty.
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 40 && exec \"$0\" \"$@\""]);
    limited.arg(inner.get_program()).args(inner.get_args());
    let output = limited.current_dir(lab.0.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    let failed = "\nflagrace: trials failed: async in curve-60\n";
    assert!(told.ends_with(failed), "{told}");
    let comparison = lab.comparison();
    let errors: Vec<_> = comparison.trials_of("curve-60", "async", false).collect();
    // Twice is enough.
    assert_eq!(errors.len(), 2);
    for trial in errors {
        let error = trial.error.as_ref().unwrap();
        assert!(error.contains("Too many open files"), "{error}");
        let due = "; the baseline had 120 ok, 0 not found, 0 failed";
        assert!(error.ends_with(due), "{error}");
    }
    assert_eq!(comparison.trials_of("curve-60", "seq", true).count(), 3);
    assert!(
        stdout(&output).contains("Too many open files"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_baseline_that_takes_too_long_is_told_and_ends_it() {
    let lab = Lab::new();
    let far = server(&[(flagrace_catalog::all()[0].code, Fault::Stall)]);
    let slow = r#"
[[scenario]]
name = "stalled"
title = "One flag never comes"
flags = 1
concurrency = 1
engines = ["seq", "async"]
rounds = 3
patience = "300ms"
"#;
    fs::write(lab.0.path().join("own.toml"), slow).unwrap();
    let output = lab.compare(&format!("-c stalled -s {}", far.base_url()));
    // The baseline itself cannot do it: there is nothing to compare with.
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("scenario stalled, seq: it took longer than 300ms"),
        "{said}"
    );

    // In a family the others go on; what is not run after that has not failed once more.
    let family = slow.replace("flags = 1", "flags = [1, 2]");
    fs::write(lab.0.path().join("own.toml"), family).unwrap();
    let output = lab.compare(&format!("-s {}", far.base_url()));
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.ends_with("trials failed: async, seq in stalled-1\n"),
        "{said}"
    );
}

#[test]
fn what_is_wrong_is_one_line() {
    let lab = Lab::new();
    let wrong = |arguments: &str, code: i32, told: &str| {
        let output = lab.compare(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments}");
        let error = stderr(&output);
        assert!(error.contains(told), "{arguments}: {error}");
        assert!(!Path::new(&lab.results()).exists(), "{arguments}");
    };
    wrong("-c nowhere", 2, "there is no scenario 'nowhere'");
    wrong("-c tiny -n 0", 2, "at least 1");
    wrong("-c tiny -E warp", 2, "warp");
    let scenarios = lab.0.path().join("own.toml");
    fs::write(&scenarios, "# none yet").unwrap();
    wrong("", 2, "own.toml: there is no scenario in it");
    fs::remove_file(scenarios).unwrap();
    wrong("-c tiny", 2, "cannot read the scenarios of own.toml");
    wrong(
        "--scenarios nowhere.toml",
        2,
        "cannot be used multiple times",
    );
    wrong("--urls mine.txt", 2, "cannot be used with");
}
