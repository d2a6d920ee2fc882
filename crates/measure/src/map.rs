//! The scenarios of the law: those that calibrate it, and the cells of the map that check it.

use std::time::Duration;

use fastrand::Rng;
use flagrace_report::data::Point;
use flagrace_report::map;
use flagrace_server::Delay;

use crate::{Engine, Scenario};

/// The processor time of client and server for one request, as assumed before it is measured.
const ASSUMED_S: (f64, f64) = (20e-6, 45e-6);

/// How long a round of all cells may take, so that 20 take less than 20 minutes.
const ROUND_S: f64 = 54.0;

/// A scenario that compares the models on open connections, in 20 rounds. The delay varies by 10 %:
/// with a constant one all answers arrive together.
pub fn cell(requests: usize, concurrency: usize, delay: Duration, cpu: Duration) -> Scenario {
    use Engine::{AsyncBare, AsyncMultiBare, ThreadsBare};
    Scenario {
        title: format!("{concurrency} at a time, {delay:?} of delay, {cpu:?} of computing"),
        requests,
        concurrency,
        delay: Delay {
            min: delay.mul_f64(0.9),
            max: delay.mul_f64(1.1),
        },
        cpu,
        warm: true,
        pin: true,
        engines: vec![ThreadsBare, AsyncBare, AsyncMultiBare],
        rounds: 20,
        limit: Duration::from_secs(60),
        ..Scenario::default()
    }
}

/// The scenarios that calibrate the law for a client with this many cores, in about 20 seconds.
pub fn calibration(cores: usize) -> Vec<Scenario> {
    // By concurrency: an engine that fails does not run at later points.
    let cells = [
        (20, 1, 10),
        (2_000, 1, 0),
        (4_000, 10, 0),
        (600, 30, 10),
        (2_000, 100, 10),
        (4_000, 100, 0),
        (8_000, 1_000, 10),
        (10_000, 1_000, 0),
        (16_000, 2_000, 0),
    ];
    let cells = cells.map(|(requests, concurrency, ms)| {
        let delay = Duration::from_millis(ms);
        cell(requests, concurrency, delay, Duration::ZERO)
    });
    series("calibration", "calibrate", cells.into(), cores, 3)
}

/// The cells of the map, which depend on a seed alone: for each panel 3 in which a client with this
/// many cores mostly waits, 1 at the knee and 3 with its cores full, by assumed costs.
///
/// Concurrency and delay are drawn on a logarithmic scale, no delay in a fifth of the draws. Long
/// trials are excluded: two waves with over 1.5 s of computing, and sets with over 54 s a round.
pub fn cells(seed: u64, cores: usize, rounds: usize) -> Vec<Scenario> {
    let mut rng = Rng::with_seed(seed);
    loop {
        let mut cells = Vec::new();
        let mut round_s = 0.0;
        for cpu_s in [0.0, 100e-6, 1e-3] {
            let mut wanted = [3, 1, 3];
            while wanted != [0; 3] {
                let concurrency = 10_f64.powf(4.0 * rng.f64()).round();
                let delay_s = match rng.u8(0..5) {
                    0 => 0.0,
                    // In tenths of a millisecond.
                    _ => (10_f64.powf(4.0 - 3.0 * rng.f64())).round() / 1e4,
                };
                let busy_s = concurrency * (ASSUMED_S.0 + cpu_s);
                let region = region(busy_s, delay_s * cores as f64);
                // One at a time without delay is in no region: client and server take turns.
                let excluded = busy_s > 0.75 || concurrency == 1.0 && delay_s == 0.0;
                if excluded || wanted[region] == 0 {
                    continue;
                }
                wanted[region] -= 1;
                let wave_s = delay_s.max(busy_s).max(concurrency * ASSUMED_S.1);
                let waves = (0.4 / wave_s).round().max(2.0);
                // Four trials: a process, opening and closing connections, a warm-up, the waves.
                round_s += 4.0 * (0.1 + 80e-6 * concurrency + (waves + 2.0) * wave_s);
                let (requests, concurrency) = (waves * concurrency, concurrency as usize);
                let [delay, cpu] = [delay_s, cpu_s].map(Duration::from_secs_f64);
                cells.push(cell(requests as usize, concurrency, delay, cpu));
            }
        }
        if round_s <= ROUND_S {
            cells.sort_by_key(|cell| cell.concurrency);
            return series(map::SERIES, "cell", cells, cores, rounds);
        }
    }
}

/// 0 if the cores mostly wait, 1 at the knee, 2 if they are full.
fn region(busy_s: f64, delay_s: f64) -> usize {
    usize::from(busy_s > delay_s) + usize::from(busy_s >= 2.0 * delay_s)
}

fn series(
    series: &str,
    name: &str,
    scenarios: Vec<Scenario>,
    cores: usize,
    rounds: usize,
) -> Vec<Scenario> {
    let points = (1..).zip(scenarios).map(|(x, scenario)| Scenario {
        name: format!("{name}-{x}"),
        point: Some(Point {
            series: series.to_owned(),
            axis: "cell".to_owned(),
            x: f64::from(x),
        }),
        cores: Some(cores),
        rounds,
        ..scenario
    });
    points.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn cells_depend_on_the_seed_and_cover_every_region_of_every_panel() {
        let names = |seed| cells(seed, 1, 20).into_iter().map(|one| one.title);
        assert!(names(1).eq(names(1)) && !names(1).eq(names(2)));
        for seed in 0..20 {
            let mut counts = BTreeMap::new();
            for one in cells(seed, 1, 20) {
                assert!(one.concurrency <= 10_000 && one.requests >= 2 * one.concurrency);
                let busy_s = one.concurrency as f64 * (ASSUMED_S.0 + one.cpu.as_secs_f64());
                let region = region(busy_s, one.delays().0.as_secs_f64());
                *counts.entry((one.cpu, region)).or_insert(0) += 1;
            }
            assert_eq!(Vec::from_iter(counts.into_values()), [3, 1, 3].repeat(3));
        }
    }
}
