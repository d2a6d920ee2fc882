//! Three scenarios of a recorded run, whose medians, intervals and ratios an earlier program
//! computed on its own: `expected.csv` has their bits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::data::Run;
use flagrace_report::{metric, stats};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/recorded")
        .join(name)
}

#[test]
fn numbers_equal_those_of_another_program_to_the_bit() {
    let run = Run::read(&fixture("run.jsonl")).unwrap();
    let analyses = analyse(&run, Margins::default());
    let mut expected = csv::Reader::from_path(fixture("expected.csv")).unwrap();
    let mut compared = 0;
    for record in expected.records() {
        let record = record.unwrap();
        let fields: Vec<&str> = record.iter().collect();
        let [name, engine, control, key, bits @ ..] = &fields[..] else {
            panic!("{record:?}");
        };
        let analysis = analyses
            .iter()
            .find(|one| one.scenario.name == **name)
            .unwrap();
        let is_control = *control == "true";
        let summary = if *key == "ratio" {
            // Of the earlier program: over the baseline's first trial in the same round.
            let walls = |engine: &str, control: bool| -> BTreeMap<usize, f64> {
                (run.trials.iter())
                    .filter(|trial| trial.scenario == **name && trial.engine == engine)
                    .filter(|trial| trial.control == control)
                    .filter_map(|trial| Some((trial.round, trial.sample()?.get(metric::WALL)?)))
                    .collect()
            };
            let first = walls(analysis.scenario.baseline(), false);
            let ratio = |(round, wall): (&usize, &f64)| Some(wall / first.get(round)?);
            let ratios: Vec<f64> = walls(engine, is_control).iter().filter_map(ratio).collect();
            stats::summarise(&ratios).unwrap()
        } else {
            let mut rows = analysis.rows.iter();
            let row = rows.find(|row| row.engine == *engine && row.control == is_control);
            row.unwrap().estimates[*key]
        };
        let (low, high) = summary
            .interval
            .map_or((summary.min, summary.max), |i| (i.low, i.high));
        let found = [summary.median, low, high].map(|end| format!("{:016x}", end.to_bits()));
        assert_eq!(found, bits, "{record:?}");
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}
