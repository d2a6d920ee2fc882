//! Documents and files made from planted runs.

use std::collections::BTreeSet;

use flagrace_report::analysis::{Margins, Verdict, analyse};
use flagrace_report::data::{Design, Point, Run};
use flagrace_report::{metric, print, sentence, tables};
use rstest::rstest;
use serde_json::Value;

use crate::planted::{add, analysed, empty, noise, sample, scenario, with};

/// A scenario in which each engine takes 0.8 times the time of the previous one.
fn plant(run: &mut Run, name: &str, delay_s: f64, engines: &[&str]) {
    let mut planted = scenario(name, engines);
    planted.workload.delay_s = Some(delay_s);
    add(run, planted, |round, engine, control| {
        let place = engines.iter().position(|one| *one == engine).unwrap();
        let wall = 0.01 * 0.8_f64.powi(place as i32) * noise(round, engine, control, 0.01);
        let threads = if place == 0 { 21.0 } else { 1.0 };
        Some(with(wall, metric::THREADS, threads))
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
            let (series, axis) = (series.to_owned(), "requests at a time".to_owned());
            if series == "latency" {
                scenario.design = Design::Sequential;
            }
            scenario.point = Some(Point { series, axis, x });
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
    assert!(text.contains("9 more: --details"), "{text}");
    // The table, and which scenarios come first.
    let places = ["delay", "bare", "clients"].map(|name| text.find(&format!("\n{name}: Planted")));
    assert!(places[0].is_some() && places.is_sorted(), "{text}");
}

#[test]
fn a_part_of_criterions_groups_is_shown_without_a_verdict() {
    let mut run = large();
    run.scenarios.retain(|one| one.name.starts_with("latency"));
    run.trials.retain(|one| one.scenario.starts_with("latency"));
    let text = print::terminal(&tables::short(&run, Margins::default()), 200);
    assert!(text.contains("10.0 ms") && text.contains("0.80x"), "{text}");
    assert!(!text.contains("faster"), "{text}");
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
    // Every line of a table has the same number of cells.
    for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
        let cells = table.lines().map(|line| line.matches('|').count());
        assert_eq!(BTreeSet::from_iter(cells).len(), 1, "{table}");
    }
    for width in [0, 1, 20] {
        let text = print::terminal(&blocks, width);
        assert!(text.contains("Planted"), "{width}");
    }
}

#[rstest]
#[case::bare(&["threads-bare", "async-bare"], "bare")]
#[case::clients(&["threads", "async"], "local")]
fn the_answer_has_three_numbers_and_covers_both_scenarios(
    #[case] engines: &[&str],
    #[case] name: &str,
) {
    let mut run = empty();
    plant(&mut run, "lanes", 0.02, engines);
    plant(&mut run, "delay", 0.05, engines);
    plant(&mut run, name, 0.0, engines);
    let analyses = analyse(&run, Margins::default());
    let [threads, tasks] = [engines[0], engines[1]];
    let rest = "(faster), 0.80 times the processor time (less) and 1.00 times the memory (equal \
                within 10 %)";
    let expected = format!(
        "With no delay, {tasks} took 0.80 times the time of {threads} {rest}, with 1 OS thread \
         instead of 21; where the server takes 50 ms, it took 0.80 times the time {rest}."
    );
    assert_eq!(sentence::answer(&analyses).unwrap(), expected);
}

#[test]
fn a_sentence_keeps_to_the_strict_verdict_and_a_table_does_not() {
    let mut run = empty();
    plant(&mut run, "bare", 0.0, &["threads-bare", "async-bare"]);
    let mut analysis = analyse(&run, Margins::default()).remove(0);
    let ratio = analysis.rows[2].ratios.get_mut(metric::WALL).unwrap();
    ratio.strict = Verdict::Undecided(40);
    let said = sentence::answer(std::slice::from_ref(&analysis)).unwrap();
    let part = "0.80 times the time of threads-bare (undecided)";
    assert!(said.contains(part), "{said}");
    let table = print::markdown(&tables::scenario(&analysis));
    assert!(table.contains("faster"), "{table}");
}

#[test]
fn there_is_no_answer_without_interleaved_threads_and_tasks() {
    let mut run = empty();
    plant(&mut run, "local", 0.0, &["seq", "rayon"]);
    plant(&mut run, "bare", 0.0, &["threads-bare", "async-bare"]);
    run.scenarios[1].design = Design::Sequential;
    assert_eq!(sentence::answer(&analyse(&run, Margins::default())), None);
    let text = print::terminal(&tables::short(&run, Margins::default()), 200);
    let start = "In local, rayon took 0.80 times the time of seq (faster)";
    assert!(text.starts_with(start), "{text}");
}

#[test]
fn notes_report_what_a_table_hides() {
    let mut planted = scenario("local", &["threads", "full", "slow", "odd"]);
    planted.rounds = 24;
    let mut analysis = analysed(planted, |round, engine, control| {
        let share = if engine == "threads" { 0.01 } else { 0.1 };
        let speed = if engine == "slow" && round > 14 {
            3.0
        } else {
            1.0
        };
        let wall = 0.01 * speed * noise(round, engine, control, share);
        match engine {
            // Memory of the baseline against itself differs by half.
            _ if control => Some(with(wall, metric::MEMORY, 12.0 * 1024.0 * 1024.0)),
            "full" => Some(with(wall, "server_busiest_s", 1.0)),
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
        "slow has two speeds: 10 of 24 trials took about",
        "time of odd (about ",
        "gone did not run: it had failed before.",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    assert!(sentence::caption(&analysis).contains("24 of 30 rounds"));
}

#[test]
fn untrusted_names_stay_in_their_cells() {
    let mut run = empty();
    plant(&mut run, "a|b", 0.0, &["th|reads", "<b>"]);
    run.scenarios[0].title = "one|two\nthree".to_owned();
    let text = print::markdown(&tables::full(&run, Margins::default()));
    assert!(text.contains("\n## one\\|two three\n"), "{text}");
    assert!(text.contains("| \\<b> |"), "{text}");
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
