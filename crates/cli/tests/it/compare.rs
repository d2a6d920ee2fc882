//! `flagrace compare` as users run it: small scenarios, real processes, real sockets.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output, Stdio};

use flagrace_report::data::{Outcome, Run, Sample};
use flagrace_server::Fault;

use crate::common::{
    complaint, files, flagrace, interrupt, server, shown, stderr, stdout, wait_until,
};

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

[[scenario]]
name = "open"
title = "An open loop"
flags = 40
concurrency = 5
load = [0.3, 0.6, 0.9]
warm = true
engines = ["threads-bare", "async-bare"]
rounds = 1
"#;

/// A folder with the scenarios above, in which the command runs.
struct Lab(tempfile::TempDir);

impl Lab {
    fn new() -> Self {
        let lab = Self(tempfile::tempdir().unwrap());
        lab.write("own.toml", SCENARIOS);
        lab
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.path().join(file), text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.path().join(file)).unwrap_or_default()
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = flagrace(&format!("compare {arguments}"));
        command.current_dir(self.0.path());
        command
    }

    /// Runs scenarios of the file, and writes the trials.
    fn compare(&self, arguments: &str) -> Output {
        let arguments = format!("--scenarios own.toml -o kept.jsonl {arguments}");
        self.command(&arguments).output().unwrap()
    }

    fn kept(&self) -> Run {
        Run::read(&self.0.path().join("kept.jsonl")).unwrap()
    }

    fn compared(&self, arguments: &str) -> Run {
        shown(&self.compare(arguments));
        self.kept()
    }

    fn files(&self) -> Vec<String> {
        files(self.0.path()).into_keys().collect()
    }
}

fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text}");
}

#[test]
fn each_round_has_every_engine_once_and_the_baseline_twice_in_random_order() {
    let lab = Lab::new();
    let run = lab.compared("--scenario tiny --rounds 8");
    let mut orders = BTreeSet::new();
    for round in 1..=8 {
        let trials = run.trials.iter().filter(|one| one.round == round);
        let mut all: Vec<_> = trials.map(|one| (&*one.engine, one.control)).collect();
        orders.insert(all.clone());
        all.sort_unstable();
        let engines: Vec<_> = all.iter().map(|one| one.0).collect();
        assert_eq!(engines, ["async", "seq", "seq", "threads"]);
        assert!(!all[1].1 && all[2].1, "the baseline's second trial");
    }
    assert!(orders.len() > 1, "the order was always the same");
    // Each comparison has a seed of its own.
    let other = lab.compared("--scenario tiny -n 1");
    assert_ne!(run.scenarios[0].design, other.scenarios[0].design);

    // Numbers of the process, of the system and of the server are there, and plausible.
    for trial in &run.trials {
        let get = |key| trial.sample().unwrap().get(key).unwrap();
        assert!(get("wall_s") > get("setup_s") + get("download_s"));
        let in_flight = if trial.engine == "seq" { 1.0 } else { 2.0 };
        assert!(get("peak_in_flight") <= in_flight && get("connections") >= 1.0);
        if cfg!(target_os = "linux") {
            assert!(get("listen_overflows") + get("syn_retransmitted") + get("steal_s") >= 0.0);
            assert!(get("peak_memory_bytes") > get("idle_memory_bytes"));
            let threads = if trial.engine == "threads" { 3.0 } else { 1.0 };
            assert!(get("threads") == threads || trial.engine == "async");
        }
    }
    let timelines = run.timelines.iter();
    let timelines = timelines.map(|one| (&*one.engine, one.spans.len()));
    assert!(timelines.eq([("seq", 3), ("threads", 3), ("async", 3)]));
}

#[test]
fn nothing_is_written_by_default_and_exports_parse() {
    let lab = Lab::new();
    let mut command = lab.command("--scenarios own.toml --scenario tiny -n 1");
    has(&shown(&command.output().unwrap()), "threads");
    // The folder for saved flags was removed.
    assert_eq!(lab.files(), ["own.toml"]);

    let exports = "--export-json a.json --export-csv a.csv --export-markdown a.md";
    lab.compared(&format!("--scenario tiny -n 1 --details {exports}"));
    let json: serde_json::Value = serde_json::from_str(&lab.read("a.json")).unwrap();
    assert_eq!(json["scenarios"][0]["scenario"]["name"], "tiny");
    has(&lab.read("a.csv"), "\ntiny,");
    has(&lab.read("a.md"), "| threads |");
    // An unwritable file is reported before anything is measured.
    let output = lab.compare("--export-csv nowhere/a.csv");
    has(&complaint(&output), "cannot write nowhere/a.csv");
}

#[cfg(target_os = "linux")]
#[test]
fn options_pin_compute_and_change_the_body() {
    let lab = Lab::new();
    let options = "--scenario curve-1 -n 1 --pin --cpu 1ms --body 2MiB -E async-multi-bare";
    let run = lab.compared(options);
    let workload = &run.scenarios[0].workload;
    let cores = workload.client_cores.unwrap();
    assert_eq!(cores, (run.meta.cores / 2).max(1));
    let (cpu_s, body_bytes) = (workload.cpu_s, workload.body_bytes);
    assert_eq!((cpu_s, body_bytes), (0.001, Some(2 << 20)));
    for trial in &run.trials {
        let get = |key| trial.sample().unwrap().get(key).unwrap();
        // The runtime starts a thread for each core that it may use; the first thread calls it.
        assert_eq!(get("threads") as usize, cores + 1);
        assert!(get("peak_memory_bytes") - get("idle_memory_bytes") > 2e6);
    }
}

#[test]
fn an_open_loop_sends_at_shares_of_one_capacity() {
    let run = Lab::new().compared("--scenario open");
    let rates = run.scenarios.iter().map(|one| one.workload.rate.unwrap());
    let [low, middle, high] = rates.collect::<Vec<_>>()[..] else {
        panic!("{:?}", run.scenarios);
    };
    let is = |ratio: f64, due: f64| (ratio / due - 1.0).abs() < 0.001;
    assert!(is(middle / low, 2.0) && is(high / low, 3.0), "{run:?}");
    let mut points = run.scenarios.iter().map(|one| one.point.as_ref().unwrap());
    assert!(points.all(|point| point.series == "open" && point.axis.contains("% of capacity")));
}

#[cfg(target_os = "linux")]
#[test]
fn servers_are_compared_under_one_load() {
    let lab = Lab::new();
    let listed = shown(&lab.command("--servers --list").output().unwrap());
    assert_eq!(listed.matches("\nservers-").count(), 11, "{listed}");
    // A smaller load, in one round.
    let small = flagrace_measure::scenario::SERVERS.replace("20000", "300");
    let end = small.find("[[scenario]]\nname = \"servers-99").unwrap();
    let small = small[..end].replace("series = [32, 256, 1000, 10000]", "series = [10]");
    lab.write("own.toml", &small);
    let run = lab.compared("--scenario servers-90-idle -n 1");
    let workload = &run.scenarios[0].workload;
    assert_eq!((workload.idle, workload.requests), (Some(9), 300));
    assert!(workload.rate > Some(0.0) && run.trials.len() == 4);
    for trial in &run.trials {
        let get = |key| trial.sample().unwrap().get(key).unwrap();
        assert!(get("wall_s") > 0.0 && get("latency_p999_s") > 0.0);
        // Beside those of the connections: one that waits, and one that accepts.
        let more = match &*trial.engine {
            "chars-thread" => 10,
            "chars-task" => 0,
            _ => workload.client_cores.unwrap(),
        };
        assert_eq!(get("threads") as usize, 2 + more);
    }
}

#[test]
fn a_cancelled_trial_is_measured_from_the_cancel() {
    let lab = Lab::new();
    let options = "--scenario cancel-silent-100 -n 1 -o kept.jsonl --details";
    let told = shown(&lab.command(options).output().unwrap());
    has(&told, "cancelled after 100 requests");
    for trial in lab.kept().trials {
        let Sample(sample) = trial.sample().unwrap();
        assert!(sample["peak_in_flight"] == 100.0 && sample["wall_s"] > 0.0);
        assert!(!sample.contains_key("download_s"), "it did not end");
    }
}

#[test]
fn a_server_elsewhere_reports_counts_and_keeps_its_delays_and_errors() {
    let lab = Lab::new();
    // In each trial the server refuses the first flag, and the second finds its connection reset
    // and is requested again.
    let flags = flagrace_measure::scenario::flags(2);
    let [first, second] = [0, 1].map(|place| flags[place].as_str());
    let far = server(&[(first, Fault::Status(418)), (second, Fault::RESET)]);
    let url = far.base_url();
    let text = shown(&lab.compare(&format!("--scenario tiny -n 2 -E seq -s {url}")));
    has(&text, &format!("3 flags, 2 at a time, from {url}"));
    let run = lab.kept();
    let workload = &run.scenarios[0].workload;
    assert!(!workload.server_here && workload.delay_s.is_none());
    for trial in &run.trials {
        let get = |key| trial.sample().unwrap().get(key).unwrap();
        assert!(get("resent") == 1.0 && get("connections") >= 2.0);
        assert_eq!(trial.sample().unwrap().get("server_s"), None);
    }
}

#[test]
fn a_list_of_urls_replaces_the_scenarios() {
    let lab = Lab::new();
    let far = server(&[]);
    let base = far.base_url();
    let refused = "http://127.0.0.1:1/gone";
    let list = format!("{base}/br/br.gif\n{base}/fr/fr.gif\n{base}/xx/xx.gif\n{refused}\n");
    lab.write("mine.txt", &list);
    let mut command = lab.command("--urls mine.txt -n 2 -c 2 -o kept.jsonl");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    // Each failed URL is reported once.
    let told = stderr(&output);
    has(&told, &format!("\nflagrace: {refused}: no response: "));
    has(&told, &format!("\nflagrace: {base}/xx/xx.gif: not found\n"));
    assert_eq!(told.matches("flagrace: ").count(), 2, "{told}");
    let run = lab.kept();
    let workload = &run.scenarios[0].workload;
    assert_eq!((workload.requests, workload.concurrency), (4, 2));
    assert_eq!(run.trials.len(), 2 * 5);
    let mut samples = run.trials.iter().map(|trial| trial.sample().unwrap());
    assert!(samples.all(|sample| sample.get("connections").is_none()));
    // Every trial and two warm-ups, as one URL failed, requested the three that exist.
    assert_eq!(far.stats().requests, 3 * (5 * 2 + 2));
}

#[test]
fn ctrl_c_keeps_and_shows_completed_rounds() {
    let lab = Lab::new();
    let mut command = lab.command("--scenarios own.toml -o kept.jsonl --scenario tiny -n 10000");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let trials = || lab.read("kept.jsonl").matches("\"trial\"").count();
    wait_until("two rounds", || trials() >= 2 * 4);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let trials = lab.kept().trials.len();
    assert!(trials >= 8 && trials.is_multiple_of(4), "{trials}");
    has(&stdout(&output), "threads");
    assert_eq!(lab.files(), ["kept.jsonl", "own.toml"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_failing_engine_is_reported_and_the_others_continue() {
    let lab = Lab::new();
    let far = server(&[]);
    let kept = "--scenarios own.toml -o kept.jsonl";
    let url = far.base_url();
    let inner = lab.command(&format!("{kept} --scenario curve-60 -n 3 -s {url}"));
    // 61 open files suffice for one connection, but not for sixty and what else is open.
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 61 && exec \"$0\" \"$@\""]);
    limited.arg(inner.get_program()).args(inner.get_args());
    let output = limited.current_dir(lab.0.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    has(&told, "\nflagrace: scenario curve-60, async: ");
    has(&told, "Too many open files");
    // The counts were compared with those of the baseline.
    has(&told, "; 120 must be ok\n");
    // An engine stops after two failures.
    let run = lab.kept();
    let mut engines: Vec<_> = run.trials.iter().map(|one| &*one.engine).collect();
    engines.sort_unstable();
    assert_eq!(engines, [&["async"; 2][..], &["seq"; 6]].concat());
}

#[test]
fn a_trial_that_takes_too_long_is_killed() {
    let lab = Lab::new();
    let first = flagrace_measure::scenario::flags(1)[0];
    let far = server(&[(first.as_str(), Fault::STALL)]);
    let url = far.base_url();
    let why = "it took longer than 1s, and was killed";
    let limited = SCENARIOS.replace("rounds = ", "limit = \"1s\"\nrounds = ");
    lab.write("own.toml", &limited);
    let output = lab.compare(&format!("--scenario curve -s {url}"));
    assert_eq!(output.status.code(), Some(1));
    // Each engine ran once in the whole series.
    let run = lab.kept();
    assert_eq!(run.trials.len(), 2, "{run:?}");
    for trial in run.trials {
        assert_eq!(trial.scenario, "curve-1");
        assert_eq!(trial.outcome, Outcome::Failed(why.to_owned()));
    }
    // Outside a series, the comparison fails if the baseline does.
    let output = lab.compare(&format!("--scenario tiny -s {url}"));
    assert_eq!(output.status.code(), Some(1));
    has(&stderr(&output), &format!("scenario tiny, seq: {why}\n"));
}
