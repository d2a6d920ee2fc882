//! What a comparison measured, and nothing that can be computed from it.

use serde::{Deserialize, Serialize};

use crate::run::Meta;

pub use crate::data::{Span, Timeline};

/// The version of the format that this crate writes and reads.
pub const FORMAT: u32 = 1;

/// Trials of engines in scenarios, on one machine at one revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// When, where and of what.
    pub meta: Meta,
    /// What was compared in what, in the order of measuring.
    pub scenarios: Vec<Scenario>,
    /// One for each process that was run, in the order of running.
    pub trials: Vec<Trial>,
    /// The course of single downloads, for the scenarios that ask for it.
    pub timelines: Vec<Timeline>,
}

/// What is downloaded from whom: the same for every engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// A short name, unique in the comparison: `local`, `concurrency-100`.
    pub name: String,
    /// A heading for readers, as plain text.
    pub title: String,
    /// The family it belongs to, where its place on an axis is what matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Family>,
    /// How many flags a trial downloads.
    pub flags: usize,
    /// Whether they are no flags, but URLs of one's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urls: bool,
    /// How many requests may be in flight at a time (`seq` has 1 whatever stands here).
    pub concurrency: usize,
    /// How long the server waits before each answer, in seconds, where it is known and the
    /// same for every flag: no engine can beat ceil(flags / concurrency) times it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_s: Option<f64>,
    /// What keeps the flags: `directory`, `memory` or `null`.
    pub store: String,
    /// The engine that the others are compared with. It runs twice in each round.
    pub baseline: String,
    /// Whether the server ran on this machine, and so shared its processor.
    pub server_here: bool,
    /// Decides the order within each round.
    pub seed: u64,
    /// How many rounds were asked for; there are fewer where it was interrupted.
    pub rounds: usize,
    /// When it began, as RFC 3339 in UTC.
    pub date: String,
    /// The command of one trial, with `ENGINE` for the engine's name and `URL` for the
    /// server's address.
    pub command: String,
}

/// Scenarios that differ in one number: points of a curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Its name: `concurrency`, `flags`.
    pub name: String,
    /// What the number counts: "requests at a time".
    pub axis: String,
    /// The number.
    pub x: f64,
}

/// One process that downloaded once. Either `measured` or `error` is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The scenario's name.
    pub scenario: String,
    /// Which round, from 1.
    pub round: usize,
    /// The engine's name.
    pub engine: String,
    /// Whether it is the baseline's second trial in this round, which stands in for an
    /// engine that differs in nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub noise: bool,
    /// What it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
    /// Why it came to nothing, in the words that a user would see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What one trial took. Times are in seconds, memory is in bytes. What this system or this
/// server does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The whole process, from before it was started until it had ended.
    pub wall_s: f64,
    /// Building the engine.
    pub setup_s: f64,
    /// Downloading: the call of `download_many`.
    pub download_s: f64,
    /// Processor time of the whole process in its own code.
    pub user_s: f64,
    /// Processor time of the whole process in the kernel.
    pub system_s: f64,
    /// Processor time of the server meanwhile.
    pub server_s: Option<f64>,
    /// Of that, the part of the thread that had most; absent in runs recorded earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_busiest_s: Option<f64>,
    /// Resident memory before the engine was built.
    pub idle_memory: Option<u64>,
    /// The most that was ever resident (`VmHWM`).
    pub peak_memory: Option<u64>,
    /// The most addresses that were ever reserved (`VmPeak`), stacks included.
    pub peak_reserved: Option<u64>,
    /// OS threads when half of the flags were done; in runs up to 2026-11-23-vm-5 at the end.
    pub threads: Option<u64>,
    /// Switches of context because a thread had to wait.
    pub voluntary_switches: u64,
    /// Switches of context because a thread's time was up.
    pub involuntary_switches: u64,
    /// Connections that the server accepted.
    pub connections: Option<u64>,
    /// The most requests that the server had under way at one moment.
    pub peak_in_flight: Option<u64>,
    /// Requests that were sent once more, because an idle connection had died.
    #[serde(default)]
    pub resent: u64,
    /// From a flag's turn to its outcome.
    pub service_s: Percentiles,
    /// From the start of the job to a flag's turn.
    pub queue_s: Percentiles,
}

/// Percentiles over the flags of one trial, by the nearest rank.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Percentiles {
    /// The median.
    pub p50: f64,
    /// Nine of ten are no larger.
    pub p90: f64,
    /// 99 of 100 are no larger.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Comparison {
    /// The trials of one engine in one scenario, or of the baseline's second trials, in
    /// the order of rounds.
    pub fn trials_of<'a>(
        &'a self,
        scenario: &'a str,
        engine: &'a str,
        noise: bool,
    ) -> impl Iterator<Item = &'a Trial> {
        self.trials.iter().filter(move |trial| {
            trial.scenario == scenario && trial.engine == engine && trial.noise == noise
        })
    }

    /// Why a scenario is not whole, if it is not: each engine must have been tried in as
    /// many rounds as were asked for, unless it failed and was then left out.
    #[must_use]
    pub fn lacking(&self, scenario: &Scenario) -> Option<String> {
        use std::collections::{BTreeMap, BTreeSet};

        let mut counts: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        let mut failed: BTreeSet<&str> = BTreeSet::new();
        for trial in self
            .trials
            .iter()
            .filter(|trial| trial.scenario == scenario.name)
        {
            *counts.entry((&trial.engine, trial.noise)).or_default() += 1;
            if trial.error.is_some() {
                failed.insert(&trial.engine);
            }
        }
        let asked = scenario.rounds;
        for second in [false, true] {
            counts.entry((&scenario.baseline, second)).or_default();
        }
        (counts.iter())
            .find(|((engine, _), rounds)| **rounds < asked && !failed.contains(engine))
            .map(|((engine, second), rounds)| {
                let again = if *second { " again" } else { "" };
                format!("{engine}{again} has {rounds} of {asked} rounds")
            })
    }

    /// What contradicts itself, or `Ok`.
    ///
    /// # Errors
    ///
    /// A sentence that names the place and says what would be right.
    pub fn check(&self) -> Result<(), String> {
        use std::collections::{BTreeMap, BTreeSet};

        self.meta.check()?;
        let mut names = BTreeMap::new();
        for scenario in &self.scenarios {
            let baseline = scenario.baseline.as_str();
            if names.insert(scenario.name.as_str(), baseline).is_some() {
                return Err(format!("scenario {:?} is there twice", scenario.name));
            }
        }
        let mut seen = BTreeSet::new();
        for trial in &self.trials {
            let place = format!(
                "scenario {:?}, round {}, engine {:?}",
                trial.scenario, trial.round, trial.engine
            );
            let Some(baseline) = names.get(trial.scenario.as_str()) else {
                return Err(format!("{place}: there is no such scenario above it"));
            };
            if trial.noise && trial.engine != *baseline {
                return Err(format!(
                    "{place}: `noise` is for the second trial of the baseline, {baseline:?}"
                ));
            }
            if !seen.insert((&trial.scenario, trial.round, &trial.engine, trial.noise)) {
                return Err(format!("{place}: measured twice in one round"));
            }
            match (&trial.measured, &trial.error) {
                (Some(measured), None) => measured.check().map_err(|w| format!("{place}: {w}"))?,
                (None, Some(_)) => {}
                _ => {
                    return Err(format!(
                        "{place}: either `measured` or `error` must be there"
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Measured {
    fn check(&self) -> Result<(), String> {
        let above_zero = [("wall_s", self.wall_s), ("download_s", self.download_s)];
        for (name, time) in above_zero {
            if !(time.is_finite() && time > 0.0) {
                return Err(format!("{name} is {time}; a time is finite and above 0"));
            }
        }
        let not_below_zero = [
            ("setup_s", self.setup_s),
            ("user_s", self.user_s),
            ("system_s", self.system_s),
            ("server_s", self.server_s.unwrap_or_default()),
            (
                "server_busiest_s",
                self.server_busiest_s.unwrap_or_default(),
            ),
        ];
        for (name, time) in not_below_zero {
            if !(time.is_finite() && time >= 0.0) {
                return Err(format!(
                    "{name} is {time}; it must be finite and not below 0"
                ));
            }
        }
        Ok(())
    }

    /// Processor time of the client, in its own code and in the kernel.
    #[must_use]
    pub fn client_s(&self) -> f64 {
        self.user_s + self.system_s
    }
}
