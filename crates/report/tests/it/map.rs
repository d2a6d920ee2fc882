//! The law and the map, from planted calibrations.

use std::fs;
use std::path::Path;

use flagrace_report::data::{Run, Scenario};
use flagrace_report::document::Figure;
use flagrace_report::law::{Cell, ENGINES, Law, Region};
use flagrace_report::{map, metric, print};
use roxmltree::Document;
use rstest::rstest;

use crate::planted::{self, noise};

pub fn cell(requests: usize, concurrency: usize, delay_s: f64) -> Cell {
    Cell {
        requests,
        concurrency,
        delay_s,
        spread_s: 0.0,
        cpu_s: 0.0,
        cores: 1,
    }
}

fn scenario(series: &str, name: String, cell: &Cell) -> Scenario {
    let mut scenario = planted::scenario(&name, &ENGINES);
    scenario.point = planted::point(series, "cell", 1.0);
    scenario.workload.requests = cell.requests;
    scenario.workload.concurrency = cell.concurrency;
    scenario.workload.delay_s = Some(cell.delay_s);
    scenario.workload.cpu_s = cell.cpu_s;
    scenario.workload.client_cores = Some(cell.cores);
    scenario
}

/// A calibration. A request takes threads 40 us up to 10 at a time, 60 us above, and 15 us more with
/// a delay; tasks take 0.7 times that; the server takes `server_s`. A round trip takes 30 us more,
/// or 200 us with a delay. Memory is 1 MB, and 1000 bytes per connection.
pub fn calibrated(server_s: f64) -> Run {
    let mut run = planted::empty();
    let cells = [(1, 0.0), (10, 0.0), (1000, 0.0), (1, 0.01), (100, 0.01)];
    for (nth, (concurrency, delay_s)) in cells.into_iter().enumerate() {
        let name = format!("calibrate-{}", nth + 1);
        let scenario = scenario("calibration", name, &cell(2000, concurrency, delay_s));
        planted::add(&mut run, scenario, |_, engine, _| {
            let (more_s, trip_s) = match delay_s {
                0.0 => (0.0, 30e-6),
                _ => (15e-6, 200e-6),
            };
            let share = if engine == "threads-bare" { 1.0 } else { 0.7 };
            let client_s = share * if concurrency > 10 { 60e-6 } else { 40e-6 } + more_s;
            let memory = 1e6 + 1000.0 * concurrency as f64;
            let mut sample = planted::with(0.1, metric::MEMORY, memory);
            let download_s = 2000.0 / concurrency as f64 * (delay_s + trip_s + client_s);
            sample.insert("download_s".to_owned(), download_s);
            sample.insert("user_s".to_owned(), 1500.0 * client_s);
            sample.insert("system_s".to_owned(), 500.0 * client_s);
            sample.insert("server_s".to_owned(), 2000.0 * server_s);
            Some(sample)
        });
    }
    run
}

fn law(server_s: f64) -> Law {
    Law::of(&calibrated(server_s)).unwrap()
}

/// Adds a cell that costs as much as predicted and takes `all` times as long, tasks `tasks` times
/// that.
pub fn add_cell(run: &mut Run, cell: &Cell, tasks: f64, all: f64) {
    let predicted = law(20e-6).predict(cell, true);
    let name = format!("cell-{}", run.scenarios.len());
    let scenario = scenario(map::SERIES, name, cell);
    planted::add(run, scenario, |round, engine, control| {
        let nth = ENGINES.iter().position(|one| *one == engine)?;
        let factor = if nth == 1 { all * tasks } else { all };
        let noise = noise(round, engine, control, 0.01);
        let model = &predicted.models[nth];
        let mut sample = planted::with(model.time_s * factor * noise, "server_busiest_s", 0.0);
        sample.insert("user_s".to_owned(), model.cpu_s * noise);
        sample.insert("system_s".to_owned(), 0.0);
        Some(sample)
    });
}

#[rstest]
// Without a delay the core is full from the first answer on. At 100 the cost is halfway in ln C.
#[case::full(cell(10_000, 1000, 0.0), 30e-6 + 0.6, 0.6)]
#[case::between(cell(1000, 100, 0.0), 30e-6 + 0.05, 0.05)]
#[case::beyond(cell(8000, 4000, 0.0), 30e-6 + 0.48, 0.48)]
#[case::short_delay(cell(4000, 1000, 0.001), 0.0012 + 0.24, 0.24)]
// The third wave has 50 of 250 requests. 1 ms between two answers is halfway in the logarithm.
#[case::last_wave(cell(250, 100, 0.1), 0.1002 + 50.0 * 50e-6 + 2.0 * 0.100_265, 250.0 * 65e-6)]
// 10 ms between two answers, as with one request at a time in the calibration.
#[case::one_wave(cell(10, 100, 0.1), 0.1002 + 10.0 * 40e-6, 10.0 * 55e-6)]
#[case::alone(cell(10, 1, 0.1), 10.0 * (0.1002 + 55e-6), 10.0 * 55e-6)]
#[case::in_turns(cell(10, 1, 0.0), 10.0 * 70e-6, 10.0 * 40e-6)]
fn the_law_predicts_by_its_formula(#[case] cell: Cell, #[case] time_s: f64, #[case] cpu_s: f64) {
    let threads = &law(20e-6).predict(&cell, true).models[0];
    let memory = 1e6 + 1000.0 * cell.concurrency.min(cell.requests) as f64;
    let found = [threads.time_s, threads.cpu_s, threads.memory_bytes];
    for (found, expected) in found.into_iter().zip([time_s, cpu_s, memory]) {
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn cores_and_the_server_limit_a_model() {
    let times = |server_s, cpu_s, cores, here, delay_s| {
        let cell = Cell {
            cpu_s,
            cores,
            ..cell(4000, 1000, delay_s)
        };
        let predicted = law(server_s).predict(&cell, here);
        let times = predicted.models.iter();
        let times = times.map(|one| (one.time_s * 1e4).round() / 1e4);
        (predicted.region, times.collect::<Vec<_>>())
    };
    // Tasks on one thread compute on one core.
    let computing = times(20e-6, 1e-3, 2, false, 0.0);
    assert_eq!(computing, (Region::Full, vec![2.12, 4.168, 2.084]));
    let slow_server = times(100e-6, 0.0, 1, true, 0.001);
    assert_eq!(slow_server, (Region::Server, vec![0.4012; 3]));
    assert_eq!(times(100e-6, 0.0, 1, false, 0.001).0, Region::Full);
    // On shared cores the server's work is added to the client's.
    let shared = times(20e-6, 0.0, 2, true, 0.001);
    assert_eq!(shared, (Region::Full, vec![0.1612, 0.1692, 0.1252]));
}

#[rstest]
// 100 requests take threads 5 ms and tasks 3.5 ms; a round trip takes 0.2 ms beyond the delay.
#[case(cell(1000, 100, 0.004_81), Region::Waiting)]
#[case(cell(1000, 100, 0.004_79), Region::Knee)]
#[case(cell(1000, 100, 0.001_56), Region::Knee)]
#[case(cell(1000, 100, 0.001_54), Region::Full)]
// In two waves the first counts, and tasks end it earlier.
#[case(cell(200, 100, 0.004_81), Region::Knee)]
#[case(cell(1000, 100, 0.0), Region::Full)]
#[case(cell(1000, 1, 0.0), Region::Knee)]
#[case(cell(1000, 1, 0.001), Region::Waiting)]
fn a_region_ends_at_its_border(#[case] cell: Cell, #[case] region: Region) {
    assert_eq!(law(20e-6).predict(&cell, true).region, region);
}

#[rstest]
#[case(|name: &str, _: &str| name != "calibrate-4" && name != "calibrate-5")]
#[case(|name: &str, _: &str| name == "calibrate-4" || name == "calibrate-5")]
#[case(|_: &str, engine: &str| engine != "async-multi-bare")]
fn there_is_no_law_without_every_model_and_both_delays(#[case] keep: fn(&str, &str) -> bool) {
    let mut run = calibrated(20e-6);
    add_cell(&mut run, &cell(90, 30, 0.5), 1.0, 1.0);
    run.trials
        .retain(|one| one.scenario == "cell-5" || keep(&one.scenario, &one.engine));
    assert_eq!(Law::of(&run), None);
    assert!(map::figure(&run).is_none() && map::table(&run).is_empty());
}

#[rstest]
#[case::waiting(cell(90, 30, 0.5), 0.7, 1.0, Some(false), "–")]
#[case::waiting_equal(cell(90, 30, 0.5), 0.97, 1.0, Some(true), "–")]
#[case::waiting_not(cell(90, 30, 0.5), 1.0, 0.001, Some(false), "–")]
#[case::full(cell(4000, 1000, 0.0), 1.3, 1.0, Some(false), "30 %")]
#[case::full_nearly(cell(4000, 1000, 0.0), 1.05, 1.0, Some(true), "5.1 %")]
#[case::full_not(cell(4000, 1000, 0.0), 1.0, 1.3, Some(false), "0.1 %")]
#[case::knee(cell(400, 100, 0.003), 0.7, 1.0, None, "–")]
fn a_cell_holds_by_the_rule_of_its_region(
    #[case] cell: Cell,
    #[case] tasks: f64,
    #[case] all: f64,
    #[case] held: Option<bool>,
    #[case] off: &str,
) {
    let mut run = calibrated(20e-6);
    add_cell(&mut run, &cell, tasks, all);
    assert_eq!(map::checks(&run)[0].held, held);
    let said = print::markdown(&map::table(&run));
    let expected = format!("the ratio, with cores full, {off}; time");
    assert!(said.contains(&expected), "{said}");
}

#[test]
fn the_map_has_every_cell_of_a_run_that_the_law_made_and_all_hold() {
    let mut run = calibrated(20e-6);
    for (concurrency, delay_s) in [(1, 0.02), (5, 0.1), (30, 0.5), (3000, 0.001), (100, 0.0)] {
        for cpu_s in [0.0, 100e-6, 1e-3] {
            let cell = cell(4 * concurrency, concurrency, delay_s);
            add_cell(&mut run, &Cell { cpu_s, ..cell }, 1.0, 1.0);
        }
    }
    add_cell(&mut run, &cell(400, 100, 0.005), 1.0, 1.0);
    add_cell(&mut run, &cell(4000, 1000, 0.0), 1.3, 1.0);
    let table = print::markdown(&map::table(&run));
    let expected = "The region was right in 15 of 16 cells outside the knee; to call all of them \
                    equal would have been right in ";
    assert!(table.starts_with(expected), "{table}");
    let of = |result: &str| table.matches(&format!(" {result} |\n")).count();
    let results = [of("held") - of("not held"), of("not held"), of("no claim")];
    assert_eq!(results, [15, 1, 1]);
    let Figure { svg, alt, .. } = map::figure(&run).unwrap();
    let said = &alt[alt.find("The region").unwrap()..];
    assert!(table.starts_with(said), "{alt}");
    assert!(Document::parse(&svg).is_ok());
    let count = |part: &str| svg.matches(part).count();
    // One of each kind is in the legend.
    let marks = ["r=\"4.5\"", "class=\"cross\"", "class=\"ring\""];
    assert_eq!(marks.map(count), [16, 2, 2]);
    for words in "waiting, same time, knee, cores full, less work wins".split(", ") {
        assert!(count(&format!(">{words}<")) >= 3);
    }
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
            let (low, high) = check.prediction.region.band();
            let models = check.measured.iter().zip(&check.prediction.models);
            models.filter_map(move |(measured, model)| {
                Some((low..=high).contains(&(measured[0]? / model.time_s)))
            })
        });
        let within: Vec<bool> = within.collect();
        let right = within.iter().filter(|right| **right).count();
        let enough = right as f64 >= 0.9 * within.len() as f64;
        assert!(enough, "{}: {right} of {}", path.display(), within.len());
    }
}
