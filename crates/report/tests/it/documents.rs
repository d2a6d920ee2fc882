//! Documents and files made from planted runs.

use flagrace_report::analysis::{Margins, Verdict, analyse};
use flagrace_report::data::{Design, Run};
use flagrace_report::{chart, metric, page, print, sentence, tables};
use rstest::rstest;
use serde_json::Value;

use crate::planted::{add, analysed, empty, noise, point, sample, scenario, with};

/// A scenario in which each engine takes 0.8 times the time of the previous one.
pub fn plant(run: &mut Run, name: &str, delay_s: f64, engines: &[&str]) {
    let mut planted = scenario(name, engines);
    planted.workload.delay_s = Some(delay_s);
    add(run, planted, |round, engine, control| {
        let place = engines.iter().position(|one| *one == engine).unwrap();
        let wall = 0.01 * 0.8_f64.powi(place as i32) * noise(round, engine, control, 0.01);
        Some(sample(wall))
    });
}

/// Everything in `compare --scenario all`, and criterion's groups.
fn large() -> Run {
    let mut run = empty();
    let six = "threads-bare async-bare async-multi-bare threads async async-multi";
    let six: Vec<&str> = six.split(' ').collect();
    for name in ["local", "save", "delay", "bare", "clients", "waves"] {
        plant(&mut run, name, 0.0, &six);
    }
    for x in [1.0, 10.0, 100.0] {
        for series in ["concurrency", "latency"] {
            plant(&mut run, &format!("{series}-{x}"), 0.1, &six);
            let scenario = run.scenarios.last_mut().unwrap();
            if series == "latency" {
                scenario.design = Design::Sequential;
            }
            scenario.point = point(series, "requests at a time", x);
        }
    }
    run
}

#[test]
fn the_short_form_fits_a_terminal_of_80_columns_and_40_lines() {
    let text = print::terminal(&tables::short(&large(), Margins::default()), 80);
    assert!(text.lines().count() <= 40, "{text}");
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{text}");
    assert!(text.contains("All scenarios, numbers and notes: --details"));
    // The table, and which scenarios come first.
    let places = ["delay", "bare", "clients"].map(|name| text.find(&format!("\n{name}: Planted")));
    assert!(places[0].is_some() && places.is_sorted(), "{text}");
}

#[test]
fn a_part_of_criterions_groups_is_shown_without_a_verdict() {
    let mut run = large();
    run.scenarios.retain(|one| one.name.starts_with("latency"));
    let text = print::terminal(&tables::short(&run, Margins::default()), 200);
    assert!(text.contains("10.0 ms") && text.contains("0.80x"), "{text}");
    assert!(!text.contains("faster"), "{text}");
    let analysis = analyse(&run, Margins::default()).remove(0);
    let ratio = analysis.row("async-bare").unwrap().ratios[metric::WALL];
    let told = (ratio.interval, ratio.verdict, ratio.strict);
    assert_eq!(told, (None, Verdict::None, Verdict::None));
}

#[test]
fn the_full_form_has_each_scenario_and_each_series() {
    let run = large();
    let blocks = tables::full(&run, Margins::default());
    let text = print::markdown(&blocks);
    for scenario in &run.scenarios {
        // A heading, or the summary of details.
        let name = &scenario.name;
        let titles = ['\n', '<'].map(|end| text.matches(&format!("as {name}{end}")).count());
        let expected = usize::from(scenario.is_interleaved() || name == "latency-1");
        assert_eq!(titles.iter().sum::<usize>(), expected, "{name}");
    }
    // The system did not report its memory.
    assert!(text.contains("2 cores, –, "), "{text}");
}

#[rstest]
#[case::bare(&["threads-bare", "async-bare"], "bare", "tasks")]
#[case::clients(&["threads", "async"], "local", "async")]
fn the_answer_covers_both_scenarios(
    #[case] engines: &[&str],
    #[case] name: &str,
    #[case] tasks: &str,
) {
    let mut run = empty();
    plant(&mut run, "lanes", 0.02, engines);
    plant(&mut run, "delay", 0.05, engines);
    plant(&mut run, name, 0.0, engines);
    let analyses = analyse(&run, Margins::default());
    let rest = "(faster) and 0.80x the processor time (less)";
    let expected = format!(
        "With no delay, {tasks} took 0.80x the time of threads {rest}; where the server takes \
         50 ms, 0.80x the time {rest}."
    );
    assert_eq!(sentence::answer(&analyses).unwrap(), expected);
}

/// Scenarios for each question: cores that are full, 10,000 connections, and computing.
pub fn answering() -> Run {
    let mut run = empty();
    plant(&mut run, "bare", 0.0, &["threads-bare", "async-bare"]);
    for x in [100, 10_000] {
        let mut planted = scenario(&format!("concurrency-{x}"), &["threads-bare", "async-bare"]);
        let (x, work) = (f64::from(x), &mut planted.workload);
        (work.requests, work.concurrency) = (3 * x as usize, x as usize);
        (work.delay_s, work.store) = (Some(0.1), "null".to_owned());
        planted.point = point("concurrency", "requests at a time", x);
        add(&mut run, planted, |_, engine, _| {
            let threads = engine == "threads-bare";
            let mut sample = with(0.3, metric::THREADS, if threads { x + 1.0 } else { 1.0 });
            let grown = x * 1024.0 * if threads { 26.0 } else { 17.0 };
            sample.insert("idle_memory_bytes".to_owned(), 1e6);
            sample.insert(metric::MEMORY.to_owned(), 1e6 + grown);
            sample.insert(metric::IN_FLIGHT.to_owned(), x.min(6500.0));
            Some(sample)
        });
    }
    plant(&mut run, "computing", 0.01, &["threads", "hybrid", "async"]);
    run.scenarios[3].workload.cpu_s = 0.001;
    run
}

#[test]
fn three_questions_are_answered_in_at_most_100_words_whatever_the_verdicts() {
    use Verdict::{Equal, More, NotRepeated, TooFew};
    let mut analyses = analyse(&answering(), Margins::default());
    let said = sentence::questions(&analyses);
    let expected = [
        "“I fetch 200 URLs from a slow API”: the same time, so take either.",
        "“I hold 10,000 idle connections”: 26.0 KiB each in 10,001 threads, 17.0 KiB each in 1 as \
         tasks (10,000 allowed, 6,500 in flight).",
        "“I also resize images”: with a pool, 0.80x the time of threads (faster); on the event loop, \
         0.64x (faster).",
    ];
    assert_eq!(said, expected);
    for verdict in [Equal, More, TooFew, NotRepeated] {
        let rows = analyses.iter_mut().flat_map(|one| &mut one.rows);
        for ratio in rows.flat_map(|row| row.ratios.values_mut()) {
            ratio.strict = verdict;
        }
        let mut said = sentence::questions(&analyses);
        let never = said[2].contains("never on the event loop");
        assert_eq!(never, verdict == More);
        said.extend(sentence::answer(&analyses));
        let words = said.iter().flat_map(|one| one.split_whitespace()).count();
        assert!((70..=100).contains(&words), "{words} words: {said:?}");
    }
}

#[test]
fn what_was_not_in_flight_is_not_called_at_a_time() {
    let run = answering();
    let text = print::markdown(&tables::full(&run, Margins::default()));
    assert!(text.contains("\n| 10,000 allowed, 6,500 in flight | 300 ms | 300 ms 1.00x equal |"));
    assert!(text.contains("\n30,000 flags, 10,000 allowed, 6,500 in flight, the server waits"));
    assert!(text.contains("\n| 100 | 300 ms |") && text.contains("\n300 flags, 100 at a time,"));
    assert!(!text.contains("10,000 at a time"), "{text}");
    let analyses = analyse(&run, Margins::default());
    assert_eq!(chart::memory(&analyses[..2]), None, "it has one point");
    let memory = chart::memory(&analyses).unwrap();
    assert!(memory.svg.contains("6,500 in flight<"));
}

#[test]
fn an_open_loop_is_judged_by_its_latency() {
    let mut planted = scenario("open-30", &["threads-bare", "async-bare"]);
    planted.point = point("open", "load, % of capacity", 30.0);
    planted.workload.rate = Some(5000.0);
    let mut run = empty();
    add(&mut run, planted, |round, engine, control| {
        let noise = noise(round, engine, control, 0.01);
        let latency = noise * if engine == "async-bare" { 0.002 } else { 0.004 };
        Some(with(1.0, metric::P99, latency))
    });
    let analysis = analyse(&run, Margins::default()).remove(0);
    let ratios = &analysis.row("async-bare").unwrap().ratios;
    assert_eq!(ratios[metric::P99].strict, Verdict::Less);
    assert!(!ratios.contains_key(metric::WALL));
    let text = print::markdown(&tables::full(&run, Margins::default()));
    for part in [
        "open loop, 5,000 requests a second",
        "capacity: latency p99 (open)\n",
        "\n| 30 | 4.00 ms | 2.00 ms 0.50x faster |\n",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn servers_are_judged_by_both_loops_and_named_as_what_they_are() {
    let mut planted = scenario("idle", &["chars-thread", "chars-task", "chars-task-multi"]);
    planted.point = point("idle", "connections, 99 % of them idle", 1000.0);
    let work = &mut planted.workload;
    (work.requests, work.concurrency, work.idle) = (500, 1000, Some(990));
    (work.rate, work.client_cores) = (Some(5000.0), Some(1));
    work.store = "null".to_owned();
    let mut run = empty();
    add(&mut run, planted, |round, engine, control| {
        let noise = noise(round, engine, control, 0.01);
        let (seconds, threads, each) = match engine {
            "chars-task" => (0.08 * noise, 2.0, 5e3),
            _ => (0.1 * noise, 1002.0, 20e3),
        };
        // The load generator is full beside threads.
        let busy = if threads > 2.0 { 0.075 } else { 0.03 };
        let mut sample = with(seconds, "server_busiest_s", busy);
        sample.insert("idle_memory_bytes".to_owned(), 1e6);
        sample.insert(metric::MEMORY.to_owned(), 1e6 + 1e3 * each);
        sample.insert(metric::THREADS.to_owned(), threads);
        sample.insert(metric::P99.to_owned(), seconds / 100.0);
        let late = if engine.ends_with("multi") { 0.6 } else { 0.4 };
        sample.insert(metric::LATE.to_owned(), seconds / 100.0 * late);
        Some(sample)
    });
    let text = print::markdown(&tables::full(&run, Margins::default()));
    for part in [
        "“I serve 1,000 connections, 990 of them idle”: 19.5 KiB of resident memory each in 1,002 \
         threads, 4.88 KiB each in 2 as tasks, which took 0.80x the time of threads (generator \
         limit) and 0.80x the processor time (less).\n",
        "## By connections, 99 % of them idle: wall time (idle)\n",
        "\n| 1,000 | 1.00 ms | 800 µs 0.80x faster | 999 µs 1.00x generator limit |\n",
        "closed loop of 500 queries over 1,000 connections, 990 of them idle; open loop, 5,000 \
         queries a second",
        "| server | wall time |",
        "; each server had 1 core, the load generator others;",
        "| queries a second | 5,",
        "\n| generator busy | 94 % |",
        "\n| server busy | 50 % |",
        "The load generator was the limit, with a core busy for more than 80 % of the closed loop: no \
         verdict on the time of chars-task and chars-task-multi.",
        "latency, so no verdict on the p99 latency of chars-task-multi.",
        "CPU is the server's processor time",
        "every engine or server runs once, in random order, as a process of its own",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("\n| lateness p99 |").count(), 1, "{text}");
    let wrong = ["the client's", "download", "busiest"];
    assert!(!wrong.iter().any(|wrong| text.contains(wrong)), "{text}");
    let page = page::page(&run, Margins::default());
    assert_eq!(page.matches("I serve 1,000").count(), 1, "{page}");
    for (few, said) in [(1, "over 1 connection;"), (255, "over 255 connections;")] {
        let work = &mut run.scenarios[0].workload;
        (work.concurrency, work.idle) = (few, Some(0));
        let text = print::markdown(&tables::full(&run, Margins::default()));
        let is_right = text.contains(said) && !text.contains("memory per ");
        assert!(is_right, "{text}");
    }
}

#[test]
fn the_map_is_not_shown_scenario_by_scenario() {
    let mut run = answering();
    for (name, series) in [("calibrate-1", "calibration"), ("cell-1", "map")] {
        plant(&mut run, name, 0.0, &["threads-bare", "async-bare"]);
        run.scenarios.last_mut().unwrap().point = point(series, "cell", 1.0);
    }
    for blocks in [tables::full, tables::short].map(|form| form(&run, Margins::default())) {
        let text = print::markdown(&blocks);
        assert!(text.contains("Planted as bare"), "{text}");
        let has_map = text.contains("calibrate") || text.contains("cell-1");
        assert!(!has_map, "{text}");
    }
    run.scenarios = run.scenarios.split_off(4);
    let only_the_map = page::page(&run, Margins::default());
    assert!(only_the_map.contains("Only the map was measured"));
}

#[test]
fn there_is_no_answer_without_interleaved_threads_and_tasks() {
    let mut run = empty();
    plant(&mut run, "local", 0.0, &["seq", "rayon"]);
    plant(&mut run, "bare", 0.0, &["threads-bare", "async-bare"]);
    run.scenarios[1].design = Design::Sequential;
    assert_eq!(sentence::answer(&analyse(&run, Margins::default())), None);
    let text = print::terminal(&tables::short(&run, Margins::default()), 200);
    // The sentence is last, where a terminal shows it.
    let end = text.rsplit("\n\n").next().unwrap();
    let start = "In local, rayon took 0.80x the time of seq (faster)";
    assert!(end.starts_with(start), "{text}");
}

#[test]
fn notes_report_what_a_table_hides() {
    let mut planted = scenario("local", &["threads", "full", "odd", "busy"]);
    planted.rounds = 24;
    planted.workload.client_cores = Some(1);
    let mut analysis = analysed(planted, |round, engine, control| {
        let share = if engine == "threads" { 0.01 } else { 0.1 };
        let wall = 0.01 * noise(round, engine, control, share);
        match engine {
            // Memory of the baseline against itself differs by half.
            _ if control => Some(with(wall, metric::MEMORY, 12.0 * 1024.0 * 1024.0)),
            "full" => Some(with(wall, "server_busiest_s", 1.0)),
            "busy" => Some(with(wall, "user_s", wall * 0.9)),
            "threads" if round < 4 => Some(with(wall, "listen_overflows", 7.0)),
            "odd" if round % 12 == 0 => None,
            _ => Some(sample(wall)),
        }
    });
    analysis.scenario.rounds = 30;
    analysis.scenario.engines.push("gone".to_owned());
    let notes = sentence::notes(&analysis).join("\n");
    for part in [
        "odd failed in 2 of 24 rounds: too many open files.",
        "Too noisy for a verdict on memory: threads against itself is from 1.500 to 1.500 times",
        "no verdict on the time of full.",
        "time of odd (about ",
        "gone did not run: it had failed before.",
        "The one core of busy was busy for more than 95 % of the time",
        "listen queue overflowed 21 times: a client waits a second.",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    assert!(sentence::caption(&analysis).contains("24 of 30 rounds"));
}

#[test]
fn csv_and_json_have_every_number_exactly() {
    let mut run = empty();
    plant(&mut run, "bare", 0.0, &["threads-bare", "async-bare"]);
    let margins = Margins::default();
    let json: Value = serde_json::from_str(&print::json(&run, margins).unwrap()).unwrap();
    let csv = print::csv(&run, margins).unwrap();
    let mut records = csv::Reader::from_reader(csv.as_bytes());
    let mut records = records.records().map(Result::unwrap);
    for (at, row) in analyse(&run, margins)[0].rows.iter().enumerate() {
        for (key, estimate) in &row.estimates {
            let told = &json["scenarios"][0]["rows"][at]["estimates"][key]["median"];
            assert_eq!(told.as_f64(), Some(estimate.median));
            let record = records.next().unwrap();
            let control = row.control.to_string();
            let place = ["bare", &*row.engine, &*control, *key, "20"];
            assert!(record.iter().take(5).eq(place), "{record:?}");
            assert_eq!(record[5].parse(), Ok(estimate.median));
            let ratio = row.ratios.get(key);
            assert_eq!(record[8].parse().ok(), ratio.map(|ratio| ratio.median));
            let verdict = ratio.map_or("", |ratio| sentence::verdict(key, ratio.verdict));
            assert_eq!(&record[11], verdict);
        }
    }
    assert!(records.next().is_none());
}
