//! A scenario as a table: an engine a row, with what its rounds allow to be said.
//!
//! Everything is the **median over rounds**, with the interval of [`stats`](crate::stats).
//! That goes for ratios too. They are taken within a round, engine over baseline, and it is
//! these ratios whose median is reported: what slows the machine down for a while slows
//! both, and cancels. Rounds in which either came to nothing are left out.
//!
//! # The noise row, and what is called a tie
//!
//! The baseline runs twice in each round. Its second trial over its first is the noise row:
//! a ratio whose true value is 1, measured in the same rounds with the same machine. The
//! **noise interval** is that row's interval, widened to include 1.
//!
//! - An engine whose interval overlaps the noise interval is **a tie**: this comparison does
//!   not tell it from the baseline. That is not to say that they are the same.
//! - Below it, the engine is **faster**; above it, **slower**.
//! - With fewer than 6 complete rounds there is no interval, and nothing is said.
//! - Where the server's busiest core was busy for more than 80 % of the download, **the server
//!   was the limit**: that time is the server's, and nothing is said of the engine's. Beside a
//!   baseline that the server limits, only slower is said.
//!
//! The rule is stricter than a test at 5 %: to call two identical engines different, the
//! interval of one must miss 1, and must then miss the noise interval, too. A comparison
//! makes hundreds of these statements, so that it needs a rule which errs less than 1 time in
//! 20. Of 1,000 simulated comparisons each, with trials that vary by 3 % and 1 in 20 held up:
//!
//! | rounds | of equals called different | 5 % found | 10 % found | 20 % found |
//! |---:|---:|---:|---:|---:|
//! | 6 | 0 | 25 | 209 | 553 |
//! | 10 | 0 | 33 | 447 | 867 |
//! | 20 | 0 | 357 | 976 | 1,000 |
//! | 30 | 0 | 642 | 1,000 | 1,000 |
//!
//! (Whether a single interval misses 1 would have called 17 to 41 of the equals different.)
//! So a tie with few rounds says little: more rounds are what finds a small difference.
//! `tests/verdicts.rs` counts again.
//!
//! The interval itself is no bootstrap: see [`stats`](crate::stats) for why.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::metric::Metric;
use super::raw::{Comparison, Measured, Scenario, Trial};
use super::speeds::{self, TwoSpeeds};
use crate::stats::{self, Interval, Summary};
use crate::table;

/// The share of all cores from which on a row is said to fill the machine.
pub const FULL: f64 = 0.9;

/// The share of the download above which a busy core of the server was the limit.
pub const SERVER_FULL: f64 = 0.8;

/// A scenario, summarised.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// What was downloaded from whom.
    pub scenario: Scenario,
    /// How many rounds there were.
    pub rounds: usize,
    /// The baseline, the noise row, and the other engines.
    pub rows: Vec<Row>,
    /// The noise row's interval, widened to include 1; `None` with too few rounds.
    pub noise: Option<Interval>,
    /// How the baseline changed in the course of the rounds; `None` with too few.
    pub drift: Option<Drift>,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The engine that the others are compared with.
    Baseline,
    /// Its second trials.
    Noise,
    /// Any other engine.
    Engine,
}

/// An engine in a scenario, or the baseline's second trials.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The engine's name.
    pub engine: String,
    /// What the row stands for.
    pub kind: Kind,
    /// How many trials there were.
    pub trials: usize,
    /// Why some came to nothing: the most frequent reason first.
    pub failures: Vec<Failure>,
    /// Within rounds, its wall time over the baseline's. `None` for the baseline itself,
    /// and where no round has both.
    pub ratio: Option<Summary>,
    /// What may be said of that ratio.
    pub verdict: Verdict,
    /// Whether its wall times fall into two heaps.
    pub two_speeds: Option<TwoSpeeds>,
    figures: BTreeMap<Metric, Summary>,
}

/// Trials that came to nothing for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The reason, in the words that a user would see.
    pub error: String,
    /// In how many trials.
    pub trials: usize,
}

/// What a comparison allows to be said of an engine's wall time beside the baseline's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// There is nothing to say: the row is the baseline or its noise, or came to nothing.
    None,
    /// Too few rounds for an interval.
    TooFew,
    /// The server was the limit.
    Server,
    /// Not told apart from the baseline.
    Tie,
    /// Faster than the baseline.
    Faster,
    /// Slower than the baseline.
    Slower,
}

/// The baseline's median in the second half of the rounds, over that in the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// That ratio.
    pub ratio: f64,
    /// Whether it is more than noise: the intervals of the two halves lie apart, and the
    /// ratio lies outside the noise interval.
    pub notable: bool,
}

impl Verdict {
    /// In words; empty where there is nothing to say.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::TooFew => "too few rounds",
            Self::Server => "the server was the limit",
            Self::Tie => "a tie",
            Self::Faster => "faster",
            Self::Slower => "slower",
        }
    }
}

impl Kind {
    /// In a word, for files that other programs read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Noise => "noise",
            Self::Engine => "engine",
        }
    }
}

impl Row {
    /// What readers see in the first column: the noise row is the baseline "again".
    #[must_use]
    pub fn label(&self) -> String {
        match self.kind {
            Kind::Noise => format!("{} again", self.engine),
            Kind::Baseline | Kind::Engine => self.engine.clone(),
        }
    }

    /// The median over the trials that came to something, and its interval; `None` where
    /// none did or where the number is not told.
    #[must_use]
    pub fn figure(&self, metric: Metric) -> Option<&Summary> {
        self.figures.get(&metric)
    }

    /// How many trials came to nothing.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures.iter().map(|failure| failure.trials).sum()
    }

    /// Whether client and server together took all the processor time that there was, or
    /// nearly: then the row tells how much work there was, not how well it was waited.
    #[must_use]
    pub fn fills_the_machine(&self) -> bool {
        (self.figure(Metric::Machine)).is_some_and(|share| share.median >= FULL)
    }

    /// Whether the server's busiest core had so much to do that its time is what was measured.
    #[must_use]
    pub fn server_is_the_limit(&self) -> bool {
        (self.figure(Metric::Busiest)).is_some_and(|share| share.median > SERVER_FULL)
    }
}

/// The tables of a comparison, in the order of its scenarios.
#[must_use]
pub fn build(comparison: &Comparison) -> Vec<Table> {
    let mut trials: BTreeMap<&str, Vec<&Trial>> = BTreeMap::new();
    for trial in &comparison.trials {
        trials.entry(&trial.scenario).or_default().push(trial);
    }
    let none = Vec::new();
    (comparison.scenarios.iter())
        .map(|scenario| {
            let trials = trials.get(&*scenario.name).unwrap_or(&none);
            table(scenario, trials, comparison.meta.cores)
        })
        .collect()
}

/// The trials of one row that came to something, by round.
type Rounds<'a> = BTreeMap<usize, &'a Measured>;

fn table(scenario: &Scenario, trials: &[&Trial], cores: usize) -> Table {
    let mut kept: BTreeMap<(&str, bool), Vec<&Trial>> = BTreeMap::new();
    for trial in trials {
        let place = (trial.engine.as_str(), trial.noise);
        kept.entry(place).or_default().push(trial);
    }
    let measured: BTreeMap<(&str, bool), Rounds<'_>> = (kept.iter())
        .map(|(place, trials)| (*place, rounds_of(trials)))
        .collect();
    let baseline = measured.get(&(scenario.baseline.as_str(), false));
    let ratio_of = |rounds: &Rounds<'_>| {
        stats::summarise(&ratios(Metric::Wall, scenario, cores, rounds, baseline?))
    };
    let noise = (measured.get(&(scenario.baseline.as_str(), true)))
        .and_then(ratio_of)
        .and_then(|summary| summary.interval)
        .map(with_one);

    let mut places: Vec<(&str, bool)> = kept.keys().copied().collect();
    places.sort_by_key(|(engine, second)| {
        let first = *engine == scenario.baseline;
        (!first, table::place(engine), *engine, *second)
    });
    let rows = places.into_iter().filter_map(|place| {
        let (trials, rounds) = (kept.get(&place)?, measured.get(&place)?);
        let kind = match place {
            (_, true) => Kind::Noise,
            (engine, false) if engine == scenario.baseline => Kind::Baseline,
            _ => Kind::Engine,
        };
        let ratio = (kind != Kind::Baseline).then(|| ratio_of(rounds)).flatten();
        Some(Row {
            engine: place.0.to_owned(),
            kind,
            trials: trials.len(),
            failures: failures(trials),
            verdict: match kind {
                Kind::Engine => verdict(ratio, noise),
                Kind::Baseline | Kind::Noise => Verdict::None,
            },
            ratio,
            two_speeds: speeds::two_speeds(rounds.values().map(|measured| measured.wall_s)),
            figures: figures(scenario, cores, rounds),
        })
    });
    let mut rows: Vec<Row> = rows.collect();
    let baseline_is_limited =
        (rows.iter()).any(|row| row.kind == Kind::Baseline && row.server_is_the_limit());
    for row in rows.iter_mut().filter(|row| row.kind == Kind::Engine) {
        // What is slower than a baseline that the server limits is slower.
        let hides = baseline_is_limited && row.verdict != Verdict::Slower;
        if hides || row.server_is_the_limit() {
            row.verdict = Verdict::Server;
        }
    }
    let rounds: BTreeSet<usize> = trials.iter().map(|trial| trial.round).collect();
    Table {
        rows,
        rounds: rounds.len(),
        drift: baseline.and_then(|rounds| drift(rounds, noise)),
        noise,
        scenario: scenario.clone(),
    }
}

fn rounds_of<'a>(trials: &[&'a Trial]) -> Rounds<'a> {
    (trials.iter())
        .filter_map(|trial| Some((trial.round, trial.measured.as_ref()?)))
        .collect()
}

/// A metric of an engine over that of another, in each round that has both.
fn ratios(
    metric: Metric,
    scenario: &Scenario,
    cores: usize,
    engine: &Rounds<'_>,
    other: &Rounds<'_>,
) -> Vec<f64> {
    let of = |measured| metric.of(measured, scenario, cores);
    (engine.iter())
        .filter_map(|(round, measured)| stats::ratio(of(measured)?, of(other.get(round)?)?))
        .collect()
}

fn figures(scenario: &Scenario, cores: usize, rounds: &Rounds<'_>) -> BTreeMap<Metric, Summary> {
    (Metric::ALL.into_iter())
        .filter_map(|metric| {
            let of = |measured: &&Measured| metric.of(measured, scenario, cores);
            let numbers: Vec<f64> = rounds.values().filter_map(of).collect();
            Some((metric, stats::summarise(&numbers)?))
        })
        .collect()
}

fn failures(trials: &[&Trial]) -> Vec<Failure> {
    let mut failures: Vec<Failure> = Vec::new();
    for error in trials.iter().filter_map(|trial| trial.error.as_ref()) {
        match failures.iter_mut().find(|known| known.error == *error) {
            Some(known) => known.trials += 1,
            None => failures.push(Failure {
                error: error.clone(),
                trials: 1,
            }),
        }
    }
    // Stable: of two that are as frequent, the one that was first.
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.trials));
    failures
}

fn with_one(interval: Interval) -> Interval {
    Interval {
        low: interval.low.min(1.0),
        high: interval.high.max(1.0),
        ..interval
    }
}

fn verdict(ratio: Option<Summary>, noise: Option<Interval>) -> Verdict {
    let Some(ratio) = ratio else {
        return Verdict::None;
    };
    match (ratio.interval, noise) {
        (Some(ratio), Some(noise)) if ratio.overlaps(&noise) => Verdict::Tie,
        (Some(ratio), Some(noise)) if ratio.high < noise.low => Verdict::Faster,
        (Some(_), Some(_)) => Verdict::Slower,
        _ => Verdict::TooFew,
    }
}

fn drift(baseline: &Rounds<'_>, noise: Option<Interval>) -> Option<Drift> {
    let walls: Vec<f64> = baseline.values().map(|measured| measured.wall_s).collect();
    let half = walls.len() / 2;
    // Of an odd number the round in the middle belongs to neither half.
    let first = stats::summarise(&walls[..half])?;
    let second = stats::summarise(&walls[walls.len() - half..])?;
    let (before, after, noise) = (first.interval?, second.interval?, noise?);
    let ratio = stats::ratio(second.median, first.median)?;
    Some(Drift {
        ratio,
        notable: !before.overlaps(&after) && !(noise.low..=noise.high).contains(&ratio),
    })
}
