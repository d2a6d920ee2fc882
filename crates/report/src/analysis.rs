//! The analysis of a run: medians, ratios to the baseline, and verdicts by one rule.
//!
//! In an interleaved scenario a ratio is taken within each round, over the geometric mean of the
//! baseline's two trials, so that a slow phase of the machine cancels out; median and interval are
//! those of the ratios. `judge` has the rule, which is the same for time, processor time and memory;
//! docs/METHODOLOGY.md explains it, and `tests/it/rule.rs` simulates how often it errs.
//!
//! If the server's busiest core was busy for more than 80 % of the download, there is no verdict on
//! time: the time is the server's. In an open loop the load decides the wall time, so the verdict is
//! on the p99 latency. Where servers are compared, the load generator may be the limit of either.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::data::{Meta, Outcome, Run, Scenario, Trial};
use crate::metric::{self, BYTES, CPU, LATE, MEMORY, METRICS, Metric, P99, TIME, WALL};
use crate::stats::{self, Interval, Summary};

/// The busy share of the server's busiest core above which the server is the limit.
pub const SERVER_FULL: f64 = 0.8;

/// The share of a server's p99 latency above which the lateness of the load generator is the limit.
const TOO_LATE: f64 = 0.5;

/// The busy share of the client's only core above which its time is that core's.
pub const FULL: f64 = 0.95;

/// The share of the allowed requests below which fewer were in flight.
const FEW: f64 = 0.95;

/// The metrics that have ratios and verdicts.
pub const JUDGED: [&str; 6] = [WALL, CPU, MEMORY, TIME, BYTES, P99];

/// The share of the time above which steal disturbs a scenario.
const STOLEN: f64 = 0.01;

/// The largest difference in time that counts as equal: 0.05 is 5 %. In memory, twice as much does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Margins(pub f64);

impl Default for Margins {
    fn default() -> Self {
        Self(0.05)
    }
}

impl Margins {
    pub fn of(self, key: &str) -> f64 {
        match key {
            MEMORY | BYTES => 2.0 * self.0,
            _ => self.0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    pub scenario: Scenario,
    pub margins: Margins,
    pub rounds: usize,
    /// The baseline, its control, and the other engines in the scenario's order.
    pub rows: Vec<Row>,
    /// The correlation of the noise of adjacent rounds; `None` with fewer than 6 rounds.
    pub lag1: Option<f64>,
    /// The metrics of the system that disturbed the trials, with their sums; for steal its share of
    /// the time of all trials.
    pub disturbances: BTreeMap<&'static str, f64>,
}

/// One engine in a scenario, or the baseline's second trials.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Row {
    pub engine: String,
    pub control: bool,
    pub trials: usize,
    /// Why trials failed, and how often.
    pub failures: BTreeMap<String, usize>,
    /// Each known metric, by its key.
    pub estimates: BTreeMap<&'static str, Summary>,
    /// The ratios to the baseline, for the metrics in [`JUDGED`].
    pub ratios: BTreeMap<&'static str, Ratio>,
}

/// A number of an engine divided by the baseline's: below 1 is faster, or less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Ratio {
    pub median: f64,
    /// Its 95 % interval; `None` with fewer than 6 rounds, or if rounds are not interleaved.
    pub interval: Option<Interval>,
    pub verdict: Verdict,
    /// What the interval of at least 98.5 % says: the verdict of a sentence.
    pub strict: Verdict,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// None: for the baseline itself, or because rounds are not interleaved.
    #[default]
    None,
    /// Too few rounds for an interval.
    TooFew,
    /// Baseline against baseline differs by more than the margin.
    TooNoisy,
    /// A ratio depends on that of the round before, so rounds are not exchangeable.
    Unsteady,
    Server,
    /// The load generator is the limit, where servers are compared.
    Generator,
    /// Within the margin.
    Equal,
    /// Faster, or less.
    Less,
    /// Slower, or more.
    More,
    /// For a sentence in the README: the two newest recorded runs differ in the verdict.
    NotRepeated,
    /// None of these; about this many rounds would decide.
    Undecided(usize),
}

impl Analysis {
    /// The row of an engine, without the control.
    pub fn row(&self, engine: &str) -> Option<&Row> {
        (self.rows.iter()).find(|row| row.engine == engine && !row.control)
    }

    /// The key of the scenario's main metric: the wall time, the latency of an open loop, or
    /// criterion's time or memory.
    pub fn main_metric(&self) -> &'static str {
        let known = |key: &&str| self.rows.iter().any(|row| row.median(key).is_some());
        let keys = [clock(&self.scenario), TIME, BYTES];
        keys.into_iter().find(known).unwrap_or(WALL)
    }

    /// The smallest number of requests that an engine truly had in flight, if that is less than
    /// 95 % of what was allowed while the server waits. Not in an open loop, which allows more.
    pub fn in_flight(&self) -> Option<f64> {
        let work = &self.scenario.workload;
        (work.delay_s).filter(|delay| *delay > 0.0 && work.rate.is_none())?;
        let rows = self.rows.iter().filter(|row| row.engine != "seq");
        let peaks = rows.filter_map(|row| row.median(metric::IN_FLIGHT));
        let allowed = work.concurrency.min(work.requests) as f64;
        peaks.reduce(f64::min).filter(|peak| *peak < FEW * allowed)
    }

    /// The ratio of the baseline's second trials to its first.
    pub fn control(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.control)
    }
}

impl Row {
    /// The engine's name; `threads again` for the baseline's second trials.
    pub fn label(&self) -> String {
        let again = if self.control { " again" } else { "" };
        format!("{}{again}", self.engine)
    }

    pub fn median(&self, key: &str) -> Option<f64> {
        self.estimates.get(key).map(|estimate| estimate.median)
    }
}

/// The metric of a round: the time, or the latency in an open loop. Servers have both loops.
fn clock(scenario: &Scenario) -> &'static str {
    match (scenario.workload.rate, scenario.workload.idle) {
        (Some(_), None) => P99,
        _ => WALL,
    }
}

/// The values of one metric by round.
type Rounds = BTreeMap<usize, f64>;

pub fn analyse(run: &Run, margins: Margins) -> Vec<Analysis> {
    let analyse = |scenario| analyse_scenario(run, scenario, margins);
    run.scenarios.iter().map(analyse).collect()
}

fn analyse_scenario(run: &Run, scenario: &Scenario, margins: Margins) -> Analysis {
    let meta = &run.meta;
    let is_of = |trial: &&Trial| trial.scenario == scenario.name;
    let trials: Vec<&Trial> = run.trials.iter().filter(is_of).collect();
    let of = |engine: &str, control: bool| -> Vec<&Trial> {
        let is = |trial: &&Trial| trial.engine == engine && trial.control == control;
        trials.iter().copied().filter(is).collect()
    };
    let by_round = |trials: &[&Trial], key: &str| -> Rounds {
        let known = |trial: &&Trial| Some((trial.round, metric::of(key, trial, scenario, meta)?));
        trials.iter().filter_map(known).collect()
    };
    let (clock, baseline) = (clock(scenario), scenario.baseline());
    let limit = (scenario.workload.idle).map_or(Verdict::Server, |_| Verdict::Generator);
    let is_full = |engine: &str, key: &str| {
        let median = |key| Some(summarise(&by_round(&of(engine, false), key))?.median);
        match key {
            _ if key == clock => median(metric::SERVER_BUSY) > Some(SERVER_FULL),
            P99 => median(LATE) > median(P99).map(|latency| TOO_LATE * latency),
            _ => false,
        }
    };
    let (first, second) = (of(baseline, false), of(baseline, true));
    let others = scenario.engines.iter().skip(1);
    let places = [(baseline, false), (baseline, true)].into_iter();
    let mut rows = Vec::new();
    for (engine, control) in places.chain(others.map(|engine| (&**engine, false))) {
        let kept = of(engine, control);
        if kept.is_empty() {
            continue;
        }
        let mut row = Row {
            engine: engine.to_owned(),
            control,
            trials: kept.len(),
            ..Row::default()
        };
        for trial in &kept {
            if let Outcome::Failed(why) = &trial.outcome {
                *row.failures.entry(why.clone()).or_default() += 1;
            }
        }
        for &Metric { key, .. } in METRICS {
            let rounds = by_round(&kept, key);
            let Some(estimate) = summarise(&rounds) else {
                continue;
            };
            row.estimates.insert(key, estimate);
            let is_given = key == WALL && clock != key;
            if !JUDGED.contains(&key) || is_given || engine == baseline && !control {
                continue;
            }
            let [first, second] = [&first, &second].map(|trials| by_round(trials, key));
            let mut ratio = if !scenario.is_interleaved() {
                let first = summarise(&first).filter(|first| first.median > 0.0);
                first.map(|first| Ratio {
                    median: estimate.median / first.median,
                    ..Ratio::default()
                })
            } else if control {
                compare(&paired(&rounds, &[&first]), None, margins.of(key))
            } else {
                let ratios = paired(&rounds, &[&first, &second]);
                let noise = paired(&second, &[&first]);
                compare(&ratios, Some(&noise), margins.of(key))
            };
            for verdict in (ratio.iter_mut()).flat_map(|one| [&mut one.verdict, &mut one.strict]) {
                let is_limited = match *verdict {
                    Verdict::None => false,
                    // An engine slower than a baseline limited by the server is still slower.
                    Verdict::More => is_full(engine, key),
                    // A server that the load generator slows down, and that is faster, is faster.
                    Verdict::Less if limit == Verdict::Generator => is_full(baseline, key),
                    _ => is_full(baseline, key) || is_full(engine, key),
                };
                if is_limited {
                    *verdict = limit;
                }
            }
            row.ratios.extend(ratio.map(|ratio| (key, ratio)));
        }
        rows.push(row);
    }
    let [first, second] = [&first, &second].map(|trials| by_round(trials, clock));
    let noise = paired(&second, &[&first]);
    let rounds: BTreeSet<usize> = trials.iter().map(|trial| trial.round).collect();
    Analysis {
        rounds: rounds.len(),
        rows,
        lag1: lag1(&noise),
        disturbances: disturbances(meta, &trials),
        scenario: scenario.clone(),
        margins,
    }
}

fn disturbances(meta: &Meta, trials: &[&Trial]) -> BTreeMap<&'static str, f64> {
    let sum = |key| {
        let numbers = trials.iter().filter_map(|trial| trial.sample()?.get(key));
        numbers.sum::<f64>()
    };
    let parts = ["setup_s", "connect_s", "download_s", "end_s"];
    // The system counts steal in ticks, which are too coarse for one trial.
    let stolen = sum("steal_s") / (parts.map(sum).iter().sum::<f64>() * meta.cores as f64);
    let mut all =
        BTreeMap::from(["listen_overflows", "syn_retransmitted"].map(|key| (key, sum(key))));
    all.retain(|_, number| *number > 0.0);
    all.extend((stolen > STOLEN).then_some(("steal_s", stolen)));
    all
}

fn summarise(rounds: &Rounds) -> Option<Summary> {
    stats::summarise(&rounds.values().copied().collect::<Vec<_>>())
}

/// For each round that has all of them, the logarithm of a number over the geometric mean of the
/// others.
fn paired(numbers: &Rounds, others: &[&Rounds]) -> Vec<f64> {
    let ratio = |(round, number): (&usize, &f64)| {
        let logs = others.iter().map(|other| Some(other.get(round)?.ln()));
        let ratio = number.ln() - logs.sum::<Option<f64>>()? / others.len() as f64;
        ratio.is_finite().then_some(ratio)
    };
    numbers.iter().filter_map(ratio).collect()
}

/// The ratio from logarithms by round, and its verdict if the noise is given.
pub fn compare(ratios: &[f64], noise: Option<&[f64]>, margin: f64) -> Option<Ratio> {
    let summary = stats::summarise(ratios)?;
    let judge = |confidence| match noise {
        Some(noise) => judge(ratios, noise, margin, confidence),
        None => Verdict::None,
    };
    let [verdict, mut strict] = [stats::CONFIDENCE, stats::STRICT].map(judge);
    if verdict == Verdict::Equal && matches!(strict, Verdict::Less | Verdict::More) {
        // The wider interval leaves the margin, but does not reach 1.
        let interval = stats::interval(ratios, stats::STRICT)?;
        strict = undecided(ratios, interval, margin.ln_1p());
    }
    Some(Ratio {
        median: summary.median.exp(),
        interval: summary.interval.map(|interval| Interval {
            low: interval.low.exp(),
            high: interval.high.exp(),
        }),
        verdict,
        strict,
    })
}

fn judge(ratios: &[f64], noise: &[f64], margin: f64, confidence: f64) -> Verdict {
    let margin = margin.ln_1p();
    let within = |interval: &Interval| -margin <= interval.low && interval.high <= margin;
    // The noise is always judged by the usual confidence.
    let noise = stats::interval(noise, stats::CONFIDENCE);
    match (stats::interval(ratios, confidence), noise) {
        (None, _) | (_, None) => Verdict::TooFew,
        (_, Some(noise)) if !within(&noise) => Verdict::TooNoisy,
        // Independent ratios exceed 2.58 standard deviations of 1 / sqrt(n) once in 200 times.
        _ if lag1(ratios) > Some(2.58 / (ratios.len() as f64).sqrt()) => Verdict::Unsteady,
        (Some(ratio), _) if within(&ratio) => Verdict::Equal,
        (Some(ratio), _) if ratio.high < 0.0 => Verdict::Less,
        (Some(ratio), _) if ratio.low > 0.0 => Verdict::More,
        (Some(ratio), _) => undecided(ratios, ratio, margin),
    }
}

/// The number of rounds that would decide: an interval shrinks with its square root.
fn undecided(ratios: &[f64], interval: Interval, margin: f64) -> Verdict {
    let median = stats::summarise(ratios).map_or(0.0, |summary| summary.median);
    let half = (interval.high - median).max(median - interval.low);
    let to_go = median.abs().max(margin - median.abs());
    let more = (half / to_go).powi(2).max(1.0);
    Verdict::Undecided((ratios.len() as f64 * more).ceil() as usize)
}

/// The correlation of each number with the next.
fn lag1(numbers: &[f64]) -> Option<f64> {
    let n = numbers.len();
    let mean = numbers.iter().sum::<f64>() / n as f64;
    let product = |a: &f64, b: &f64| (a - mean) * (b - mean);
    let all: f64 = numbers.iter().map(|number| product(number, number)).sum();
    let next = numbers.iter().zip(numbers.iter().skip(1));
    let next: f64 = next.map(|(a, b)| product(a, b)).sum();
    // Equal numbers differ by rounding.
    (n >= 6 && all > 1e-9).then(|| next / all)
}
