//! Rounds: every engine once in each, in random order, and the baseline twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;
use fastrand::Rng;
use flagrace_core::Cancel;
use flagrace_report::comparison::{self, Comparison, Measured, NOT_RUN, Trial, Writer};

use super::counts::Server;
use super::progress::Progress;
use super::scenarios::Scenario;
use super::trial::{Common, Counts};
use crate::engine::Engine;

/// An engine that has failed so often in a scenario does not run in it again.
const FAILURES: usize = 2;

/// What [`TrialError::TimedOut`](flagrace_measure::TrialError) says.
const TOO_LONG: &str = "it took longer than";

/// A scenario under way.
pub struct Rounds<'a> {
    pub scenario: &'a Scenario,
    pub common: &'a Common,
    pub server: &'a mut Server,
    pub progress: &'a mut Progress,
    pub interrupted: &'a Cancel,
    /// Engines that took too long in a smaller scenario of the same family.
    pub given_up: &'a mut BTreeMap<String, String>,
    /// The URLs that were not downloaded, and why.
    pub missed: &'a mut BTreeMap<String, String>,
}

impl Rounds<'_> {
    /// Runs so many rounds, and writes each as soon as it is over. One that is interrupted
    /// is not written: what it lacks would be missing at random.
    pub fn run(mut self, rounds: usize, seed: u64, writer: &mut Writer) -> anyhow::Result<()> {
        let mut entrants = self.entrants();
        self.progress.begin(self.scenario, rounds, entrants.len());
        let mut rng = Rng::with_seed(seed);
        let expected = self.warm_up()?;
        if self.interrupted.is_cancelled() {
            return Ok(());
        }
        let mut failures: BTreeMap<String, usize> = BTreeMap::new();
        for round in 1..=rounds {
            rng.shuffle(&mut entrants);
            let mut trials = Vec::new();
            for (place, &(engine, noise)) in entrants.iter().enumerate() {
                if failures.get(&engine.name()).is_some_and(|&n| n >= FAILURES) {
                    continue;
                }
                let start = Instant::now();
                let result = self.trial(engine, expected, round, place + 1);
                if self.interrupted.is_cancelled() {
                    return Ok(());
                }
                let name = engine.name();
                let (measured, error) = match result {
                    Ok((measured, _)) => (Some(measured), None),
                    Err(error) => {
                        self.failed(&name, &error, failures.entry(name.clone()).or_default());
                        (None, Some(error))
                    }
                };
                let later = rounds - round;
                let to_come = entrants.iter().enumerate().map(|(other, (engine, _))| {
                    (engine.name(), later + usize::from(other > place))
                });
                self.progress.advance(
                    self.scenario,
                    (round, rounds),
                    &name,
                    start.elapsed(),
                    to_come,
                );
                trials.push(Trial {
                    scenario: self.scenario.name.clone(),
                    round,
                    engine: name,
                    noise,
                    measured,
                    error,
                });
            }
            writer.trials(&trials)?;
        }
        Ok(())
    }

    /// Each engine, and the baseline's second trial, which is marked.
    fn entrants(&self) -> Vec<(Engine, bool)> {
        let engines = &self.scenario.engines;
        let each = engines.iter().map(|&engine| (engine, false));
        each.chain([(engines[0], true)]).collect()
    }

    /// One trial of the baseline that does not count: the program's pages are read, the
    /// server has seen a connection, and the work can be done at all. What it came to is what
    /// all others must come to.
    ///
    /// In a family the baseline may be the one that fails, far out on the curve: the others go on.
    fn warm_up(&mut self) -> anyhow::Result<Option<Counts>> {
        let baseline = self.scenario.engines[0];
        match self.trial(baseline, None, 0, 0) {
            Ok((_, counts)) => Ok(Some(counts)),
            Err(_) if self.scenario.family.is_some() => Ok(self.scenario.expected(self.server)),
            Err(why) => bail!(
                "scenario {}, {}: {why}",
                self.scenario.name,
                baseline.name()
            ),
        }
    }

    fn trial(
        &mut self,
        engine: Engine,
        expected: Option<Counts>,
        round: usize,
        place: usize,
    ) -> Result<(Measured, Counts), String> {
        if let Some(why) = self.given_up.get(&engine.name()) {
            return Err(format!("{NOT_RUN}{why}"));
        }
        let directory = self.directory(round, place);
        self.scenario.trial(
            self.common,
            engine,
            self.server,
            &directory,
            expected,
            self.missed,
        )
    }

    fn failed(&mut self, name: &str, error: &str, failures: &mut usize) {
        *failures += 1;
        if *failures == 1 {
            let scenario = &self.scenario.name;
            self.progress.tell(&format!("{scenario}, {name}: {error}"));
        }
        // Waiting again, and for what only becomes slower, would take hours.
        if error.contains(TOO_LONG) {
            *failures = FAILURES;
            if let Some(family) = &self.scenario.family {
                let told = format!("{error} at {}", family.x);
                self.given_up.entry(name.to_owned()).or_insert(told);
            }
        }
    }

    /// A directory that nobody has saved to before.
    fn directory(&self, round: usize, place: usize) -> PathBuf {
        let name = format!("{}-{round}-{place}", self.scenario.name);
        self.common.saved.join(name)
    }
}

/// The engines of which a trial failed, for each scenario that has any. One that was not run,
/// after it took too long at a smaller number, has failed there.
pub fn failures(comparison: &Comparison) -> Vec<String> {
    let in_scenario = |scenario: &comparison::Scenario| {
        let failed = comparison.trials.iter().filter(|trial| {
            let error = trial.error.as_ref();
            trial.scenario == scenario.name && error.is_some_and(|why| !why.starts_with(NOT_RUN))
        });
        let engines: BTreeSet<_> = failed.map(|trial| trial.engine.as_str()).collect();
        let engines: Vec<_> = engines.into_iter().collect();
        (!engines.is_empty()).then(|| format!("{} in {}", engines.join(", "), scenario.name))
    };
    let scenarios = comparison.scenarios.iter();
    scenarios.filter_map(in_scenario).collect()
}

/// How many requests each engine sent once more, where any did.
pub fn resent(comparison: &Comparison) -> BTreeMap<&str, u64> {
    let mut resent = BTreeMap::new();
    for trial in &comparison.trials {
        for measured in trial.measured.iter().filter(|one| one.resent > 0) {
            *resent.entry(trial.engine.as_str()).or_default() += measured.resent;
        }
    }
    resent
}

/// A seed for each scenario, so that leaving one out does not change the order in another.
pub fn seed_of(seed: u64, scenario: &str) -> u64 {
    let letters = scenario.bytes().map(u64::from);
    // The constants are those of the 64-bit FNV-1a hash.
    letters.fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, letter| {
        (hash ^ letter).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_a_seed_of_its_own() {
        assert_ne!(seed_of(0, "local"), seed_of(0, "delay"));
        assert_ne!(seed_of(0, "local"), seed_of(1, "local"));
        assert_eq!(seed_of(7, "local"), seed_of(7, "local"));
    }
}
