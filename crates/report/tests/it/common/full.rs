//! A comparison of full size with every kind of thing in it, for the page.

use flagrace_report::comparison::{Comparison, Measured, Scenario, Span, Timeline, Trial};

use super::compare::{Dice, comparison, failure, measured, member, scenario, trial};

/// An engine and how it behaves: its start in seconds, its processor time for each flag, and
/// its memory for each flag in flight.
const ENGINES: [(&str, f64, f64, f64); 11] = [
    ("threads", 0.0016, 38e-6, 33e3),
    ("seq", 0.0014, 37e-6, 20e3),
    ("rayon", 0.0017, 39e-6, 36e3),
    ("async", 0.0019, 50e-6, 18e3),
    ("async-multi", 0.0022, 55e-6, 19e3),
    ("threads-reqwest", 0.0024, 62e-6, 40e3),
    ("async-ureq", 0.0020, 44e-6, 35e3),
    ("threads-agents", 0.0018, 31e-6, 39e3),
    ("rayon-default", 0.0016, 38e-6, 33e3),
    ("futures", 0.0019, 50e-6, 18e3),
    ("callbacks", 0.0019, 51e-6, 18e3),
];

const TOO_MANY: &str = "cannot start thread 8192 of 10000: Resource temporarily unavailable \
                        (os error 11): raise `ulimit -u` or lower --max-concurrency";

/// 35 scenarios, 11 engines in each, and 20 rounds.
pub fn full() -> Comparison {
    let mut dice = Dice(35);
    let mut scenarios = vec![
        one("local", "All flags, 20 at a time, no delay", 259, 20, 0.0),
        one(
            "delay",
            "20 flags, 20 at a time, from a server that takes 50 ms",
            20,
            20,
            0.05,
        ),
        Scenario {
            store: "directory".to_owned(),
            ..one(
                "save",
                "All flags, 20 at a time, no delay, saved to disk",
                259,
                20,
                0.0,
            )
        },
        one(
            "errors",
            "All flags, 20 at a time, 20 ms, a quarter refused",
            259,
            20,
            0.02,
        ),
        one(
            "metadata",
            "20 flags with their metadata, 10 ms for each answer",
            20,
            20,
            0.01,
        ),
        one(
            "controls",
            "Model and client apart: all flags, no delay",
            259,
            20,
            0.0,
        ),
        one(
            "controls-delay",
            "Model and client apart: all flags, 10 ms",
            259,
            20,
            0.01,
        ),
        one(
            "lanes",
            "60 flags, 10 at a time, 20 ms: how they come, one by one",
            60,
            10,
            0.02,
        ),
    ];
    for nth in 1..=11 {
        let title = format!("A scenario of a user's own, the {nth}th");
        scenarios.push(one(
            &format!("own-{nth}"),
            &title,
            20 * nth,
            10,
            0.001 * nth as f64,
        ));
    }
    for x in [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000] {
        scenarios.push(Scenario {
            title: format!("Three waves of 100 ms, {x} requests at a time"),
            flags: 3 * x,
            concurrency: x,
            store: "null".to_owned(),
            ..member("concurrency", "requests at a time", x)
        });
    }
    for x in [20, 60, 200, 600, 2000, 6000, 20_000] {
        scenarios.push(Scenario {
            title: format!("100 at a time, 10 ms, {x} flags"),
            flags: x,
            concurrency: 100,
            delay_s: Some(0.01),
            store: "null".to_owned(),
            ..member("flags", "flags", x)
        });
    }
    let mut trials = Vec::new();
    for scenario in &scenarios {
        trials.extend(trials_of(scenario, &mut dice));
    }
    let mut full = comparison(scenarios, trials);
    for (scenario, flags, at_a_time, wait) in [("delay", 20, 20, 0.05), ("lanes", 60, 10, 0.02)] {
        for engine in ["threads", "seq", "rayon", "async"] {
            let at_a_time = if engine == "seq" { 1 } else { at_a_time };
            full.timelines
                .push(course(scenario, engine, flags, at_a_time, wait, &mut dice));
        }
    }
    full
}

fn one(name: &str, title: &str, flags: usize, concurrency: usize, delay_s: f64) -> Scenario {
    Scenario {
        title: title.to_owned(),
        flags,
        concurrency,
        delay_s: (delay_s > 0.0).then_some(delay_s),
        ..scenario(name)
    }
}

fn trials_of(scenario: &Scenario, dice: &mut Dice) -> Vec<Trial> {
    let mut trials = Vec::new();
    for round in 1..=scenario.rounds {
        let shared = dice.noise(0.02);
        for (engine, start, each, memory) in ENGINES {
            for second in [false, true] {
                if second && engine != scenario.baseline {
                    continue;
                }
                let (name, in_flight) = (&scenario.name, in_flight(scenario, engine));
                let failed = match (scenario.concurrency, engine) {
                    (3000.., "threads-reqwest" | "rayon") => Some(TOO_MANY),
                    (10_000.., "threads" | "threads-agents") => Some(TOO_MANY),
                    _ if name == "save" && engine == "callbacks" && round % 7 == 0 => {
                        Some("cannot save BR.gif: No space left on device (os error 28)")
                    }
                    _ => None,
                };
                let planted = match failed {
                    Some(error) => failure(name, round, engine, error),
                    None => {
                        // Two speeds, as `async` has without a delay.
                        let slow = name == "local" && engine == "async" && dice.unit() < 0.4;
                        let cpu = each * scenario.flags as f64 * if slow { 1.5 } else { 1.0 };
                        let waits = scenario.flags.div_ceil(in_flight) as f64
                            * scenario.delay_s.unwrap_or_default();
                        // Making a thread costs more the more there are.
                        let crowd = in_flight as f64 * 12e-6;
                        let wall_s = (start + waits + cpu + crowd) * shared * dice.noise(0.015);
                        let mut planted = trial(name, round, engine, wall_s);
                        planted.measured = Some(Measured {
                            user_s: cpu * 0.4 * dice.noise(0.02),
                            system_s: (cpu * 0.6 + crowd) * dice.noise(0.02),
                            server_s: Some(scenario.flags as f64 * 15e-6),
                            peak_memory: Some((6 << 20) + (memory * in_flight as f64) as u64),
                            threads: Some(in_flight as u64 + 1),
                            ..measured(wall_s)
                        });
                        planted
                    }
                };
                trials.push(Trial {
                    noise: second,
                    ..planted
                });
            }
        }
    }
    trials
}

fn in_flight(scenario: &Scenario, engine: &str) -> usize {
    match engine {
        "seq" => 1,
        "rayon-default" => 2,
        _ => scenario.concurrency.min(scenario.flags),
    }
}

fn course(
    scenario: &str,
    engine: &str,
    flags: usize,
    at_a_time: usize,
    wait: f64,
    dice: &mut Dice,
) -> Timeline {
    let mut free = vec![0.0004; at_a_time];
    let spans = (0..flags).map(|nth| {
        let place = nth % at_a_time;
        let started = free[place];
        let first = started + wait * (1.0 + 0.02 * dice.unit());
        let read = first + 0.0004;
        free[place] = read + 0.0001;
        let failed = nth == 17;
        Span {
            label: format!(
                "{}{}",
                (b'A' + nth as u8 % 26) as char,
                (b'A' + nth as u8 / 26) as char
            ),
            status: if failed {
                "HTTP 418 I'm a teapot"
            } else {
                "ok"
            }
            .to_owned(),
            started_s: Some(started),
            first_byte_s: Some(first),
            body_read_s: (!failed).then_some(read),
            saved_s: (!failed).then_some(free[place]),
            finished_s: free[place],
        }
    });
    Timeline {
        scenario: scenario.to_owned(),
        engine: engine.to_owned(),
        spans: spans.collect(),
    }
}
