//! Three scenarios of a recorded run, whose medians, intervals and ratios an earlier program
//! computed independently: `expected.csv` has their bits.

use std::collections::BTreeMap;

use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::data::Run;
use flagrace_report::{metric, stats};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/recorded");

#[test]
fn numbers_equal_those_of_another_program_exactly() {
    let run = Run::read(format!("{FOLDER}/run.jsonl").as_ref()).unwrap();
    let analyses = analyse(&run, Margins::default());
    let mut expected = csv::Reader::from_path(format!("{FOLDER}/expected.csv")).unwrap();
    let records: Vec<[String; 7]> = expected.deserialize().map(Result::unwrap).collect();
    assert!(records.len() > 100);
    for record in records {
        let [name, engine, control, key, bits @ ..] = &record;
        let is_control = control == "true";
        let summary = if key == "ratio" {
            // The earlier program took ratios to the baseline's first trial in the same round.
            let walls = |engine: &str, control| -> BTreeMap<usize, f64> {
                let trials = run.trials.iter().filter(|one| one.scenario == *name);
                let trials = trials.filter(|one| one.engine == engine && one.control == control);
                trials
                    .map(|one| (one.round, one.sample().unwrap().get(metric::WALL).unwrap()))
                    .collect()
            };
            let scenario = run.scenarios.iter().find(|one| one.name == *name);
            let first = walls(scenario.unwrap().baseline(), false);
            let all = walls(engine, is_control);
            let ratios: Vec<f64> = all
                .iter()
                .map(|(round, wall)| wall / first[round])
                .collect();
            stats::summarise(&ratios).unwrap()
        } else {
            let mut rows = analyses.iter().filter(|one| one.scenario.name == *name);
            let mut rows = rows.next().unwrap().rows.iter();
            let row = rows.find(|row| row.engine == *engine && row.control == is_control);
            row.unwrap().estimates[&**key]
        };
        let interval = summary.interval.unwrap();
        let found = [summary.median, interval.low, interval.high];
        let found = found.map(|end| format!("{:016x}", end.to_bits()));
        assert_eq!(&found, bits, "{record:?}");
    }
}
