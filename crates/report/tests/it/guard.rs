//! The recorded runs in the new format say what the old pipelines said, to the bit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::comparison::{self, Kind};
use flagrace_report::data::{self, Design, Outcome, Point, Run, Sample, Trial, Workload};
use flagrace_report::stats::Summary;
use flagrace_report::{criterion, folder, metric, stats, table};
use serde_json::Value;

fn meta(old: &flagrace_report::Meta) -> data::Meta {
    serde_json::from_value(serde_json::to_value(old).unwrap()).unwrap()
}

fn sample(old: &comparison::Measured) -> Sample {
    let Value::Object(fields) = serde_json::to_value(old).unwrap() else {
        panic!("a map")
    };
    let mut numbers = BTreeMap::new();
    for (key, value) in fields {
        match value {
            Value::Null => {}
            Value::Object(parts) => {
                for (part, value) in parts {
                    let name = key.trim_end_matches("_s");
                    numbers.insert(format!("{name}_{part}_s"), value.as_f64().unwrap());
                }
            }
            value => {
                let bytes = ["idle_memory", "peak_memory", "peak_reserved"].contains(&&*key);
                let key = if bytes { format!("{key}_bytes") } else { key };
                numbers.insert(key, value.as_f64().unwrap());
            }
        }
    }
    Sample(numbers)
}

fn converted(old: &comparison::Comparison) -> Run {
    let mut run = Run::new(meta(&old.meta));
    for one in &old.scenarios {
        let mut engines = vec![one.baseline.clone()];
        for trial in old.trials.iter().filter(|trial| trial.scenario == one.name) {
            if !engines.contains(&trial.engine) {
                engines.push(trial.engine.clone());
            }
        }
        run.scenarios.push(data::Scenario {
            name: one.name.clone(),
            title: one.title.clone(),
            design: Design::Interleaved { seed: one.seed },
            point: one.family.clone().map(|family| Point {
                series: family.name,
                axis: family.axis,
                x: family.x,
            }),
            workload: Workload {
                requests: one.flags,
                concurrency: one.concurrency,
                delay_s: one.delay_s,
                store: one.store.clone(),
                urls: one.urls,
                server_here: one.server_here,
            },
            engines,
            rounds: one.rounds,
            date: one.date.clone(),
            note: String::new(),
        });
    }
    run.trials = (old.trials.iter())
        .map(|trial| Trial {
            scenario: trial.scenario.clone(),
            round: trial.round,
            engine: trial.engine.clone(),
            control: trial.noise,
            outcome: match (&trial.measured, &trial.error) {
                (Some(measured), _) => Outcome::Measured(sample(measured)),
                (None, error) => Outcome::Failed(error.clone().unwrap_or_default()),
            },
        })
        .collect();
    for timeline in &old.timelines {
        let new = serde_json::to_value(timeline).unwrap();
        run.timelines.push(serde_json::from_value(new).unwrap());
    }
    run
}

fn converted_bench(old: &flagrace_report::Run) -> Run {
    let mut run = Run::new(meta(&old.meta));
    for group in &old.groups {
        let table = table::build(group);
        let mut engines = table.engines.clone();
        engines.sort_by_key(|engine| Some(engine) != table.baseline.as_ref());
        let template = data::Scenario {
            name: group.name.clone(),
            title: group.title.clone(),
            design: Design::Sequential,
            point: Some(Point {
                series: group.name.clone(),
                axis: group.scenario_axis.clone(),
                x: 0.0,
            }),
            workload: Workload {
                requests: group.flags,
                concurrency: 20,
                delay_s: None,
                store: "null".to_owned(),
                urls: false,
                server_here: true,
            },
            engines,
            rounds: 0,
            date: old.meta.date.clone(),
            note: group.note.clone(),
        };
        let key = match group.quantity {
            flagrace_report::Quantity::Time => metric::TIME,
            flagrace_report::Quantity::Memory => metric::BYTES,
        };
        let cells = group.cells.iter().map(|cell| criterion::Benchmark {
            engine: cell.engine.clone(),
            value: cell.scenario.clone(),
            samples: cell.samples.clone(),
        });
        for (scenario, trials) in criterion::scenarios(&template, key, cells.collect()) {
            run.scenarios.push(scenario);
            run.trials.extend(trials);
        }
    }
    run
}

fn bits(summary: &Summary) -> [u64; 5] {
    let (low, high) = summary.spread();
    [summary.median, low, high, summary.min, summary.max].map(f64::to_bits)
}

fn recorded() -> Vec<PathBuf> {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    ["2026-11-23-vm-4", "2026-11-23-vm-5", "2026-11-26-vm"]
        .map(|run| results.join(run))
        .to_vec()
}

#[test]
fn compare_says_the_same() {
    for path in recorded() {
        let old = comparison::read(&path).unwrap();
        let file = tempfile::tempdir().unwrap();
        let file = std::env::var_os("KEEP").map_or_else(
            || file.path().join("x.jsonl"),
            |keep| {
                Path::new(&keep)
                    .join(path.file_name().unwrap())
                    .join("compare.jsonl")
            },
        );
        converted(&old).write(&file).unwrap();
        let run = Run::read(&file).unwrap();
        assert_eq!(run, converted(&old));
        let (analyses, findings) = (
            analyse(&run, Margins::default()),
            comparison::findings(&old),
        );
        let mut seen = [0, 0];
        for table in &findings.tables {
            let analysis = analyses
                .iter()
                .find(|one| one.scenario.name == table.scenario.name)
                .unwrap();
            assert_eq!(
                (analysis.rounds, analysis.rows.len()),
                (table.rounds, table.rows.len())
            );
            for row in &table.rows {
                let control = row.kind == Kind::Noise;
                let new = analysis
                    .rows
                    .iter()
                    .find(|one| one.engine == row.engine && one.control == control)
                    .unwrap();
                assert_eq!((new.trials, new.failed()), (row.trials, row.failed()));
                for old_metric in comparison::Metric::ALL {
                    let key = match old_metric.name() {
                        "client_s" => "cpu_s",
                        name => name,
                    };
                    let (here, there) = (new.estimates.get(key), row.figure(old_metric));
                    assert_eq!(
                        here.map(bits),
                        there.map(bits),
                        "{} {} {key}",
                        table.scenario.name,
                        row.engine
                    );
                    seen[0] += usize::from(here.is_some());
                }
                let of = |engine: &str, control| -> BTreeMap<usize, f64> {
                    let trials = run
                        .trials
                        .iter()
                        .filter(|trial| trial.scenario == table.scenario.name);
                    let trials =
                        trials.filter(|trial| trial.engine == engine && trial.control == control);
                    trials
                        .filter_map(|trial| Some((trial.round, trial.sample()?.get(metric::WALL)?)))
                        .collect()
                };
                let first = of(&table.scenario.baseline, false);
                let ratios: Vec<f64> = of(&row.engine, control)
                    .iter()
                    .filter_map(|(round, wall)| Some(wall / first.get(round)?))
                    .collect();
                let ratio = stats::summarise(&ratios).filter(|_| row.kind != Kind::Baseline);
                assert_eq!(ratio.as_ref().map(bits), row.ratio.as_ref().map(bits));
                seen[1] += usize::from(ratio.is_some());
            }
        }
        println!(
            "{}: {} estimates, {} ratios",
            path.display(),
            seen[0],
            seen[1]
        );
    }
}

#[test]
fn bench_says_the_same() {
    for path in recorded() {
        let old = folder::read(&path).unwrap();
        let run = converted_bench(&old);
        if let Some(keep) = std::env::var_os("KEEP") {
            let file = Path::new(&keep)
                .join(path.file_name().unwrap())
                .join("bench.jsonl");
            run.write(&file).unwrap();
            assert_eq!(Run::read(&file).unwrap(), run);
        }
        let analyses = analyse(&run, Margins::default());
        let mut seen = [0, 0];
        for group in &old.groups {
            let table = table::build(group);
            for (row, engine, entry) in table.entries() {
                let name = match &*row.scenario {
                    "" => group.name.clone(),
                    value => format!("{}-{value}", group.name),
                };
                let analysis = analyses
                    .iter()
                    .find(|one| one.scenario.name == name)
                    .unwrap();
                let new = analysis.row(engine).unwrap();
                let key = analysis.main_metric();
                assert_eq!(bits(&new.estimates[key]), bits(&entry.summary));
                seen[0] += 1;
                let baseline = table.baseline.as_deref().unwrap();
                if engine != baseline && analysis.scenario.baseline() == baseline {
                    let ratio = new.ratios.get(key).map(|ratio| ratio.median.to_bits());
                    assert_eq!(ratio, entry.ratio.map(f64::to_bits), "{name} {engine}");
                    seen[1] += 1;
                }
            }
        }
        println!(
            "{}: {} estimates, {} ratios",
            path.display(),
            seen[0],
            seen[1]
        );
    }
}

/// Writes the fixture: three scenarios and what the old pipeline says of them.
#[test]
fn fixture() {
    let Some(keep) = std::env::var_os("FIXTURE") else {
        return;
    };
    let old = comparison::read(&recorded()[2]).unwrap();
    let mut run = converted(&old);
    let wanted = ["delay", "flags-20", "concurrency-10000"];
    run.scenarios.retain(|one| wanted.contains(&&*one.name));
    run.trials.retain(|one| wanted.contains(&&*one.scenario));
    run.timelines.clear();
    run.write(&Path::new(&keep).join("run.jsonl")).unwrap();
    let hex = |summary: &Summary| {
        let (low, high) = summary.spread();
        [summary.median, low, high]
            .map(|end| format!("{:016x}", end.to_bits()))
            .join(",")
    };
    let mut text = "scenario,engine,control,metric,median,low,high\n".to_owned();
    for table in comparison::findings(&old).tables {
        if !wanted.contains(&&*table.scenario.name) {
            continue;
        }
        for row in &table.rows {
            let place = format!(
                "{},{},{}",
                table.scenario.name,
                row.engine,
                row.kind == Kind::Noise
            );
            for old_metric in comparison::Metric::ALL {
                let key = match old_metric.name() {
                    "client_s" => "cpu_s",
                    name => name,
                };
                if ![
                    "wall_s",
                    "cpu_s",
                    "peak_memory_bytes",
                    "machine_share",
                    "busiest_server_share",
                    "service_p99_s",
                    "voluntary_switches",
                ]
                .contains(&key)
                {
                    continue;
                }
                if let Some(figure) = row.figure(old_metric) {
                    text += &format!("{place},{key},{}\n", hex(figure));
                }
            }
            if let Some(ratio) = &row.ratio {
                text += &format!("{place},ratio,{}\n", hex(ratio));
            }
        }
    }
    std::fs::write(Path::new(&keep).join("expected.csv"), text).unwrap();
}
