//! Runs with planted numbers.

use std::collections::BTreeMap;

use flagrace_report::analysis::{Analysis, Margins, analyse};
use flagrace_report::data::{Design, Meta, Outcome, Point, Run, Sample, Scenario, Trial, Workload};
use flagrace_report::metric;

/// An empty run, on a machine with two cores.
pub fn empty() -> Run {
    Run::new(Meta {
        date: "2026-01-02T03:04:05Z".to_owned(),
        command: "flagrace compare --scenario all".to_owned(),
        revision: "0123456789ab".to_owned(),
        host: "vm".to_owned(),
        cores: 2,
        ..Meta::default()
    })
}

/// A scenario of 259 flags without delay, in 20 rounds.
pub fn scenario(name: &str, engines: &[&str]) -> Scenario {
    Scenario {
        name: name.to_owned(),
        title: format!("Planted as {name}"),
        design: Design::Interleaved { seed: 7 },
        point: None,
        workload: Workload {
            requests: 259,
            concurrency: 20,
            delay_s: Some(0.0),
            store: "memory".to_owned(),
            server_here: true,
            ..Workload::default()
        },
        engines: engines.iter().map(|engine| (*engine).to_owned()).collect(),
        rounds: 20,
        note: String::new(),
    }
}

pub fn point(series: &str, axis: &str, x: f64) -> Option<Point> {
    let (series, axis) = (series.to_owned(), axis.to_owned());
    Some(Point { series, axis, x })
}

/// A possible trial of this many seconds.
pub fn sample(wall_s: f64) -> BTreeMap<String, f64> {
    let numbers = [
        (metric::WALL, wall_s),
        ("download_s", wall_s * 0.8),
        ("user_s", wall_s * 0.3),
        ("system_s", wall_s * 0.2),
        ("voluntary_switches", 80.0),
        ("involuntary_switches", 2.0),
        ("server_s", wall_s * 0.1),
        ("server_busiest_s", wall_s * 0.08),
        (metric::MEMORY, 8.0 * 1024.0 * 1024.0),
        (metric::THREADS, 21.0),
    ];
    numbers.map(|(key, number)| (key.to_owned(), number)).into()
}

/// The same with one number replaced.
pub fn with(wall_s: f64, key: &str, number: f64) -> BTreeMap<String, f64> {
    let mut sample = sample(wall_s);
    sample.insert(key.to_owned(), number);
    sample
}

/// Adds a scenario whose trials depend on the round, the engine and whether it is the baseline's
/// second; `None` is a failed trial.
pub fn add(
    run: &mut Run,
    scenario: Scenario,
    mut trial: impl FnMut(usize, &str, bool) -> Option<BTreeMap<String, f64>>,
) {
    for round in 1..=scenario.rounds {
        let engines = scenario.engines.iter().map(|engine| (engine, false));
        let again = (scenario.is_interleaved()).then_some((&scenario.engines[0], true));
        for (engine, control) in engines.chain(again) {
            run.trials.push(Trial {
                scenario: scenario.name.clone(),
                round,
                engine: engine.clone(),
                control,
                outcome: match trial(round, engine, control) {
                    Some(numbers) => Outcome::Measured(Sample(numbers)),
                    None => Outcome::Failed("too many open files".to_owned()),
                },
            });
        }
    }
    run.scenarios.push(scenario);
}

/// The analysis of threads and async, whose times `wall` gives.
pub fn two_engines(wall: impl Fn(usize, &str, bool) -> f64) -> Analysis {
    let trial = |round, engine: &str, control| Some(sample(wall(round, engine, control)));
    analysed(scenario("local", &["threads", "async"]), trial)
}

pub fn analysed(
    scenario: Scenario,
    trial: impl FnMut(usize, &str, bool) -> Option<BTreeMap<String, f64>>,
) -> Analysis {
    let mut run = empty();
    add(&mut run, scenario, trial);
    analyse(&run, Margins::default()).remove(0)
}

/// Noise of up to this share on either side, without a pattern over rounds.
pub fn noise(round: usize, engine: &str, control: bool, share: f64) -> f64 {
    let seed = (round as u64) << 8 | u64::from(control) << 7 | engine.len() as u64;
    (share * (2.0 * fastrand::Rng::with_seed(seed).f64() - 1.0)).exp()
}
