//! Comparisons with planted numbers, for the tests.

use std::collections::BTreeMap;

use flagrace_report::comparison::{
    Comparison, Family, Measured, Percentiles, Scenario, Span, Timeline, Trial,
};

/// SplitMix64, so that what is planted is the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Normal with mean 0 and deviation 1, as nearly as twelve dice are. No logarithm:
    /// its last bit is not the same everywhere.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Around 1, skewed upwards, with a deviation of about `spread`; one time in twenty the
    /// trial is held up by up to as long again.
    pub fn noise(&mut self, spread: f64) -> f64 {
        let deviation = spread * self.normal();
        let skewed = 1.0 + deviation + deviation * deviation / 2.0;
        let held_up = if self.unit() < 0.05 { self.unit() } else { 0.0 };
        skewed * (1.0 + held_up)
    }
}

/// A scenario of 259 flags, 20 at a time, in 20 rounds.
pub fn scenario(name: &str) -> Scenario {
    Scenario {
        name: name.to_owned(),
        title: format!("All flags, planted as {name}"),
        family: None,
        flags: 259,
        concurrency: 20,
        delay_s: None,
        store: "memory".to_owned(),
        baseline: "threads".to_owned(),
        urls: false,
        server_here: true,
        seed: 7,
        rounds: 20,
        date: "2025-01-31T12:00:00Z".to_owned(),
        command: "flagrace get --all --engine ENGINE --server URL".to_owned(),
    }
}

/// A point of a family.
pub fn member(family: &str, axis: &str, x: usize) -> Scenario {
    Scenario {
        family: Some(Family {
            name: family.to_owned(),
            axis: axis.to_owned(),
            x: x as f64,
        }),
        delay_s: Some(0.1),
        ..scenario(&format!("{family}-{x}"))
    }
}

/// What a trial of so many seconds might have taken.
pub fn measured(wall_s: f64) -> Measured {
    let of = |share: f64| Percentiles {
        p50: wall_s * share,
        p90: wall_s * share * 1.5,
        p99: wall_s * share * 2.0,
        max: wall_s * share * 2.5,
    };
    Measured {
        wall_s,
        setup_s: wall_s * 0.03,
        download_s: wall_s * 0.8,
        user_s: wall_s * 0.3,
        system_s: wall_s * 0.4,
        server_s: Some(wall_s * 0.25),
        server_busiest_s: Some(wall_s * 0.2),
        idle_memory: Some(5 << 20),
        peak_memory: Some(12 << 20),
        peak_reserved: Some(1 << 30),
        threads: Some(21),
        voluntary_switches: 300,
        involuntary_switches: 12,
        connections: Some(20),
        peak_in_flight: Some(20),
        resent: 0,
        service_s: of(0.05),
        queue_s: of(0.3),
    }
}

/// A trial that came to something.
pub fn trial(scenario: &str, round: usize, engine: &str, wall_s: f64) -> Trial {
    Trial {
        scenario: scenario.to_owned(),
        round,
        engine: engine.to_owned(),
        noise: false,
        measured: Some(measured(wall_s)),
        error: None,
    }
}

/// A trial that came to nothing.
pub fn failure(scenario: &str, round: usize, engine: &str, error: &str) -> Trial {
    Trial {
        measured: None,
        error: Some(error.to_owned()),
        ..trial(scenario, round, engine, 1.0)
    }
}

/// A comparison of these scenarios and trials.
pub fn comparison(scenarios: Vec<Scenario>, trials: Vec<Trial>) -> Comparison {
    let mut meta = super::meta();
    meta.command = "flagrace compare --scenario all".to_owned();
    Comparison {
        meta,
        scenarios,
        trials,
        timelines: Vec::new(),
    }
}

/// All rounds of a scenario: each engine takes `base_s` times its factor, with noise of its
/// own and noise that it shares with the others of its round. The baseline runs twice.
pub fn rounds(
    scenario: &Scenario,
    base_s: f64,
    factors: &[(&str, f64)],
    (own, shared): (f64, f64),
    dice: &mut Dice,
) -> Vec<Trial> {
    let factors: BTreeMap<&str, f64> = factors.iter().copied().collect();
    let mut trials = Vec::new();
    for round in 1..=scenario.rounds {
        let round_s = base_s * dice.noise(shared);
        for (engine, factor) in &factors {
            for second in [false, true] {
                if second && *engine != scenario.baseline {
                    continue;
                }
                let wall_s = round_s * factor * dice.noise(own);
                trials.push(Trial {
                    noise: second,
                    ..trial(&scenario.name, round, engine, wall_s)
                });
            }
        }
    }
    trials
}

/// A whole comparison, much as a real one looks: what a recorded run must have, an engine
/// that fails outright and one that fails at times.
pub fn whole() -> Comparison {
    let mut dice = Dice(2025);
    let mut scenarios = Vec::new();
    let mut trials = Vec::new();
    let mut add = |mut one: Scenario, rounds_of: usize, base_s: f64, factors: &[(&str, f64)]| {
        one.rounds = rounds_of;
        let mut these = rounds(&one, base_s, factors, (0.02, 0.05), &mut dice);
        match one.name.as_str() {
            "save" => {
                for trial in these.iter_mut().filter(|t| t.engine == "rayon") {
                    if trial.round % 5 == 0 {
                        *trial = failure("save", trial.round, "rayon", "No space left | on device");
                    }
                }
                let full = |trial: &mut Trial| {
                    if let Some(measured) = &mut trial.measured {
                        measured.system_s = measured.wall_s * 1.4;
                    }
                };
                these.iter_mut().for_each(full);
            }
            "concurrency-10000" => {
                for trial in these.iter_mut().filter(|t| t.engine == "threads-bare") {
                    let error = "cannot start a thread: Resource temporarily unavailable";
                    *trial = failure(&one.name, trial.round, &trial.engine, error);
                }
            }
            _ => {}
        }
        if ["bare", "concurrency-10000"].contains(&one.name.as_str()) {
            let served = these.iter_mut().filter(|trial| trial.engine == "async");
            for measured in served.filter_map(|trial| trial.measured.as_mut()) {
                measured.server_busiest_s = Some(measured.download_s * 0.9);
            }
        }
        trials.extend(these);
        scenarios.push(one);
    };
    add(
        scenario("local"),
        10,
        0.0107,
        &[
            ("threads", 1.0),
            ("seq", 2.5),
            ("rayon", 1.0),
            ("async", 0.75),
        ],
    );
    let delay = Scenario {
        flags: 20,
        delay_s: Some(0.05),
        title: "20 flags, 20 at a time, from a server that takes 50 ms".to_owned(),
        ..scenario("delay")
    };
    add(
        delay,
        10,
        0.054,
        &[("threads", 1.0), ("seq", 18.6), ("async", 1.0)],
    );
    let save = Scenario {
        store: "directory".to_owned(),
        ..scenario("save")
    };
    add(
        save,
        10,
        0.02,
        &[("threads", 1.0), ("rayon", 1.0), ("async", 1.2)],
    );
    let corners = [
        ("threads", 1.0),
        ("threads-bare", 1.25),
        ("async-bare", 1.04),
        ("async", 1.3),
    ];
    add(scenario("bare"), 10, 0.011, &corners);
    for (at_once, factor) in [(10, 1.0), (100, 1.1), (10_000, 4.0)] {
        let mut one = member("concurrency", "requests at a time", at_once);
        (one.flags, one.concurrency) = (3 * at_once, at_once);
        let four = [
            ("threads", factor * factor),
            ("async", factor),
            ("threads-bare", factor),
        ];
        add(one, 6, 0.31, &four);
    }
    for (flags, waves) in [(20, 1.0), (2_000, 20.0)] {
        let mut one = member("flags", "flags", flags);
        (one.flags, one.concurrency) = (flags, 100);
        let (threads, base) = (("threads", 1.0), 0.002 + 0.104 * waves);
        add(one, 4, base, &[threads, ("async", 1.0)]);
    }
    let mut whole = comparison(scenarios, trials);
    whole.timelines.push(timeline());
    whole
}

fn timeline() -> Timeline {
    let span = Span {
        label: "BR".to_owned(),
        status: "ok".to_owned(),
        started_s: Some(0.001),
        first_byte_s: Some(0.051),
        body_read_s: Some(0.052),
        saved_s: None,
        finished_s: 0.053,
    };
    Timeline {
        scenario: "delay".to_owned(),
        engine: "threads".to_owned(),
        spans: vec![span.clone(), span],
    }
}
