//! The law and the map, from planted calibrations.

use std::fs;
use std::path::Path;

use flagrace_report::data::{Point, Run, Scenario};
use flagrace_report::document::Block;
use flagrace_report::law::{Cell, ENGINES, Law, Region};
use flagrace_report::{map, metric};
use roxmltree::Document;
use rstest::rstest;

use crate::planted::{self, noise};

/// A client's processor time per request: more at a high concurrency, and with tasks less.
fn client_s(engine: &str, concurrency: usize) -> f64 {
    let share = if engine == "threads-bare" { 1.0 } else { 0.7 };
    share * if concurrency > 10 { 60e-6 } else { 40e-6 }
}

/// A scenario of a calibration or of the map, on one core of two.
fn scenario(series: &str, name: String, cell: &Cell) -> Scenario {
    let mut scenario = planted::scenario(&name, &ENGINES);
    scenario.point = Some(Point {
        series: series.to_owned(),
        axis: "cell".to_owned(),
        x: 1.0,
    });
    scenario.workload.requests = cell.requests;
    scenario.workload.concurrency = cell.concurrency;
    scenario.workload.delay_s = Some(cell.delay_s);
    scenario.workload.cpu_s = cell.cpu_s;
    scenario.workload.client_cores = Some(cell.cores);
    scenario.workload.warm = true;
    scenario
}

fn cell(requests: usize, concurrency: usize, delay_s: f64) -> Cell {
    Cell {
        requests,
        concurrency,
        delay_s,
        cpu_s: 0.0,
        cores: 1,
    }
}

/// A run with a calibration. A round trip takes 30 us more than the client's processor time, and
/// with a delay 200 us more; a request costs the server 10 us, and 20 us with a delay; a connection
/// has 1000 bytes.
fn calibrated() -> Run {
    let mut run = planted::empty();
    let cells = [(1, 0.0), (10, 0.0), (1000, 0.0), (1, 0.01), (100, 0.01)];
    for (nth, (concurrency, delay_s)) in cells.into_iter().enumerate() {
        let name = format!("calibrate-{}", nth + 1);
        let mut planted = scenario("calibration", name, &cell(2000, concurrency, delay_s));
        planted.rounds = 3;
        planted::add(&mut run, planted, |_, engine, _| {
            let client_s = client_s(engine, concurrency) + if delay_s > 0.0 { 15e-6 } else { 0.0 };
            let (trip_s, server_s) = if delay_s > 0.0 {
                (200e-6, 20e-6)
            } else {
                (30e-6, 10e-6)
            };
            let waves = 2000.0 / concurrency as f64;
            let memory = 1e6 + 1000.0 * concurrency as f64;
            let mut sample = planted::with(0.1, metric::MEMORY, memory);
            sample.insert(
                "download_s".to_owned(),
                waves * (delay_s + trip_s + client_s),
            );
            sample.insert("user_s".to_owned(), 1500.0 * client_s);
            sample.insert("system_s".to_owned(), 500.0 * client_s);
            sample.insert("server_s".to_owned(), 2000.0 * server_s);
            Some(sample)
        });
    }
    run
}

fn law() -> Law {
    Law::of(&calibrated()).unwrap()
}

/// Adds a held-out cell in which everything takes as long as predicted, and tasks this many times as
/// long.
fn add_cell(run: &mut Run, nth: usize, cell: &Cell, tasks: f64) {
    let predicted = law().predict(cell, true);
    planted::add(
        run,
        scenario(map::SERIES, format!("cell-{nth}"), cell),
        |round, engine, control| {
            let factor = if engine == "async-bare" { tasks } else { 1.0 };
            let time = predicted.of(engine).unwrap().time_s * factor;
            let time = time * noise(round, engine, control, 0.01);
            Some(planted::with(time, "server_busiest_s", 0.0))
        },
    );
}

/// Cells of each region, with and without computing, none of them close to a border.
fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for cpu_s in [0.0, 100e-6, 1e-3] {
        for (concurrency, delay_s) in [(1, 0.02), (5, 0.1), (30, 0.5), (3000, 0.001), (100, 0.0)] {
            let cell = cell(4 * concurrency, concurrency, delay_s);
            cells.push(Cell { cpu_s, ..cell });
        }
    }
    cells.push(cell(400, 100, 0.005));
    cells
}

#[rstest]
// Without a delay the core is full from the first answer on. s at 100 is halfway in ln C.
#[case::full(cell(10_000, 1000, 0.0), 30e-6 + 0.6, 0.6)]
#[case::between(cell(1000, 100, 0.0), 30e-6 + 0.05, 0.05)]
#[case::beyond(cell(8000, 4000, 0.0), 30e-6 + 0.48, 0.48)]
#[case::short_delay(cell(4000, 1000, 0.001), 0.0012 + 0.24, 0.24)]
// The third wave has 50 of 250 requests.
#[case::last_wave(cell(250, 100, 0.1), 0.1002 + 50.0 * 50e-6 + 2.0 * 0.100_275, 250.0 * 75e-6)]
#[case::one_wave(cell(10, 100, 0.1), 0.1002 + 10.0 * 40e-6, 10.0 * 65e-6)]
#[case::alone(cell(10, 1, 0.1), 10.0 * (0.1002 + 55e-6), 10.0 * 55e-6)]
#[case::in_turns(cell(10, 1, 0.0), 10.0 * 70e-6, 10.0 * 40e-6)]
fn the_law_predicts_by_its_formula(#[case] cell: Cell, #[case] time_s: f64, #[case] cpu_s: f64) {
    let predicted = law().predict(&cell, true);
    let threads = predicted.of("threads-bare").unwrap();
    for (found, expected) in [(threads.time_s, time_s), (threads.cpu_s, cpu_s)] {
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
    }
    let memory = 1e6 + 1000.0 * cell.concurrency.min(cell.requests) as f64;
    assert!((threads.memory_bytes - memory).abs() < 1.0);
}

#[test]
fn tasks_on_one_thread_compute_on_one_core() {
    let cell = Cell {
        cpu_s: 1e-3,
        cores: 2,
        ..cell(1000, 100, 0.0)
    };
    let predicted = law().predict(&cell, false);
    for (model, each_s) in predicted.models.iter().zip([525e-6, 1035e-6, 517.5e-6]) {
        assert!(
            (model.time_s / (30e-6 + 1000.0 * each_s) - 1.0).abs() < 1e-6,
            "{model:?}"
        );
    }
}

#[rstest]
// 100 requests take threads 5 ms and tasks 3.5 ms; a round trip takes 0.2 ms beyond the delay.
#[case(cell(1000, 100, 0.004_81), Region::Waiting)]
#[case(cell(1000, 100, 0.004_79), Region::Knee)]
#[case(cell(1000, 100, 0.001_56), Region::Knee)]
#[case(cell(1000, 100, 0.001_54), Region::Full)]
// With two waves the law does not predict the same time.
#[case(cell(200, 100, 0.004_81), Region::Knee)]
#[case(cell(1000, 100, 0.0), Region::Full)]
#[case(cell(1000, 1, 0.0), Region::Knee)]
#[case(cell(1000, 1, 0.001), Region::Waiting)]
fn a_region_ends_at_its_border(#[case] cell: Cell, #[case] region: Region) {
    let predicted = law().predict(&cell, true);
    assert_eq!(predicted.region, region);
    if cell.concurrency == 100 && cell.delay_s > 0.0 {
        assert!(
            (predicted.knee_s - 0.0048).abs() < 1e-9,
            "{}",
            predicted.knee_s
        );
    }
}

#[test]
fn a_server_that_is_full_first_gives_all_models_its_time() {
    let mut run = calibrated();
    for trial in &mut run.trials {
        if let flagrace_report::data::Outcome::Measured(sample) = &mut trial.outcome {
            *sample.0.get_mut("server_s").unwrap() *= 5.0;
        }
    }
    let law = Law::of(&run).unwrap();
    let cell = cell(4000, 1000, 0.001);
    let predicted = law.predict(&cell, true);
    assert_eq!(predicted.region, Region::Server);
    for model in &predicted.models {
        assert!((model.time_s - 0.4012).abs() < 1e-6, "{model:?}");
    }
    assert_eq!(law.predict(&cell, false).region, Region::Full);
    // On shared cores the server's work is added to the client's.
    let shared = Cell { cores: 2, ..cell };
    let threads = law.predict(&shared, true).models[0].time_s;
    assert!(
        (threads - (0.0012 + 4000.0 * 80e-6)).abs() < 1e-6,
        "{threads}"
    );
}

#[test]
fn there_is_no_law_without_all_models_with_and_without_a_delay() {
    for lacking in [
        "calibrate-4 calibrate-5",
        "calibrate-1 calibrate-2 calibrate-3",
    ] {
        let mut run = calibrated();
        run.scenarios.retain(|one| !lacking.contains(&*one.name));
        run.trials.retain(|one| !lacking.contains(&*one.scenario));
        assert_eq!(Law::of(&run), None);
        assert!(map::figure(&run).is_none() && map::checks(&run).is_empty());
    }
    let mut run = calibrated();
    run.trials.retain(|one| one.engine != "async-multi-bare");
    assert_eq!(Law::of(&run), None);
}

#[test]
fn a_run_that_the_law_made_holds_in_every_cell() {
    let mut run = calibrated();
    for (nth, cell) in cells().iter().enumerate() {
        add_cell(&mut run, nth + 1, cell, 1.0);
    }
    let checks = map::checks(&run);
    assert_eq!(checks.len(), cells().len());
    let of = |region| (checks.iter()).filter(move |one| one.prediction.region == region);
    for check in &checks {
        let claims = check.prediction.region != Region::Knee;
        assert_eq!(check.held, claims.then_some(true), "{check:?}");
    }
    assert!(of(Region::Waiting).count() >= 6 && of(Region::Full).count() >= 5);
    assert!(of(Region::Knee).count() > 0);
    let sentence = sentence(&run);
    let cells = checks.len() - of(Region::Knee).count();
    let start = format!("The region was right in {cells} of {cells} cells outside the knee; there");
    assert!(sentence.starts_with(&start), "{sentence}");
}

fn sentence(run: &Run) -> String {
    match map::table(run).remove(0) {
        Block::Text(sentence) => sentence,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::waiting(cell(90, 30, 0.5), 0.7, Some(false))]
#[case::waiting_equal(cell(90, 30, 0.5), 0.97, Some(true))]
#[case::full(cell(4000, 1000, 0.0), 1.3, Some(false))]
#[case::full_nearly(cell(4000, 1000, 0.0), 1.05, Some(true))]
#[case::knee(cell(400, 100, 0.003), 0.7, None)]
fn a_cell_holds_by_the_rule_of_its_region(
    #[case] cell: Cell,
    #[case] tasks: f64,
    #[case] held: Option<bool>,
) {
    let mut run = calibrated();
    add_cell(&mut run, 1, &cell, tasks);
    let checks = map::checks(&run);
    assert_eq!((checks.len(), checks[0].held), (1, held), "{checks:?}");
    if held == Some(false) {
        assert!(sentence(&run).starts_with("The region was right in 0 of 1 cells"));
    }
}

/// The left and right end of a text at this width of the picture, and its baseline. A letter is
/// about 7 pixels wide.
fn extent(text: roxmltree::Node<'_, '_>, width: f64) -> (f64, f64, f64) {
    let number = |name| {
        let value = text.attribute(name).unwrap_or("0");
        match value.strip_suffix('%') {
            Some(share) => share.parse::<f64>().unwrap() / 100.0 * width,
            None => value.parse().unwrap(),
        }
    };
    let long = 7.0 * text.text().unwrap().chars().count() as f64;
    let class = text.attribute("class").unwrap_or("");
    let anchor = text.attribute("text-anchor").unwrap_or(class);
    let x = number("x") + number("dx");
    let left = match anchor {
        _ if anchor.ends_with("end") => x - long,
        _ if anchor.ends_with("middle") => x - long / 2.0,
        _ => x,
    };
    (left, left + long, number("y"))
}

#[test]
fn the_map_has_a_mark_for_each_cell_and_names_its_regions() {
    let mut run = calibrated();
    for (nth, cell) in cells().iter().enumerate() {
        add_cell(&mut run, nth + 1, cell, if nth == 3 { 1.3 } else { 1.0 });
    }
    let Some(Block::Figure { svg, alt, .. }) = map::figure(&run) else {
        panic!("no figure");
    };
    assert!(alt.contains(&sentence(&run)), "{alt}");
    let document = Document::parse(&svg).unwrap();
    let texts = || {
        document
            .descendants()
            .filter(|node| node.has_tag_name("text"))
    };
    let marks = |class| {
        let is = move |node: &roxmltree::Node<'_, '_>| node.attribute("class") == Some(class);
        document.descendants().filter(is).count()
    };
    // One of each kind is in the legend.
    assert_eq!(marks("mark"), cells().len() + 3);
    let kinds = [marks("cross"), marks("ring")];
    assert_eq!(kinds, [2, 2]);
    for words in [
        "waiting",
        "same time",
        "knee",
        "cores full",
        "less work wins",
    ] {
        let named = texts().filter(|text| text.text() == Some(words)).count();
        assert!(named >= 3, "{words} {named}");
    }
    for width in [700.0, 900.0] {
        let all: Vec<_> = texts().map(|text| extent(text, width)).collect();
        for (nth, one) in all.iter().enumerate() {
            assert!(one.0 >= 0.0 && one.1 <= width, "{one:?}");
            for other in &all[nth + 1..] {
                let apart = one.1 < other.0 || other.1 < one.0 || (one.2 - other.2).abs() > 12.0;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }
}

#[test]
fn the_table_has_a_row_for_each_cell() {
    let mut run = calibrated();
    add_cell(&mut run, 1, &cell(90, 30, 0.5), 1.0);
    add_cell(&mut run, 2, &cell(4000, 1000, 0.0), 1.3);
    let text = flagrace_report::print::markdown(&map::table(&run));
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| cell-"))
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0].contains("| 500 ms | 0 ms | waiting: same time |"),
        "{text}"
    );
    assert!(lines[1].ends_with("| 0.70x | 0.91x | not held |"), "{text}");
}

#[test]
fn recorded_maps_are_within_the_bands() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    for folder in fs::read_dir(results).unwrap() {
        let path = folder.unwrap().path().join("map.jsonl");
        if !path.exists() {
            continue;
        }
        let checks = map::checks(&Run::read(&path).unwrap());
        let within = checks.iter().flat_map(|check| {
            let models = check.times_s.iter().zip(&check.prediction.models);
            models.filter_map(|(time, model)| {
                let (low, high) = model.band;
                Some((low..=high).contains(&((*time)? / model.time_s)))
            })
        });
        let within: Vec<bool> = within.collect();
        let right = within.iter().filter(|right| **right).count();
        let share = right as f64 / within.len() as f64;
        assert!(
            share >= 0.9,
            "{}: {right} of {}",
            path.display(),
            within.len()
        );
    }
}
