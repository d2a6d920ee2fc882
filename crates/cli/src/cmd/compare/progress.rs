//! How far a comparison has come, and how long it will take.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::scenarios::Scenario;
use crate::output::aside::{can_draw, tell};
use crate::output::text::count;

/// A bar over all trials on a terminal; elsewhere a line for each scenario. It is drawn
/// between trials only: nothing but the trial runs while one is timed.
pub struct Progress {
    bar: Option<ProgressBar>,
    start: Instant,
    /// What is still to come after the scenario under way, by estimate.
    later: Vec<Duration>,
    /// What a trial of each engine took in the scenario under way.
    known: BTreeMap<String, Duration>,
}

/// In thousandths of all.
const LENGTH: u64 = 1000;

/// What a process takes that does next to nothing.
const LEAST: Duration = Duration::from_millis(20);

impl Progress {
    /// Before the first scenario. `rounds` is how many a scenario will have.
    pub fn new(scenarios: &[Scenario], rounds: impl Fn(&Scenario) -> usize) -> Self {
        let bar = can_draw().then(|| {
            let bar = ProgressBar::new(LENGTH);
            // The template is sound: a bar without it would look otherwise, no more.
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        let later = scenarios.iter().map(|scenario| {
            let trials = rounds(scenario) * (scenario.engines.len() + 1);
            estimate(scenario) * u32::try_from(trials).unwrap_or(u32::MAX)
        });
        Self {
            bar,
            start: Instant::now(),
            later: later.collect(),
            known: BTreeMap::new(),
        }
    }

    /// A scenario begins.
    pub fn begin(&mut self, scenario: &Scenario, rounds: usize, trials: usize) {
        self.known.clear();
        if !self.later.is_empty() {
            self.later.remove(0);
        }
        if self.bar.is_none() {
            let name = &scenario.name;
            let rounds = count(rounds, "round");
            tell(format_args!("{name}: {rounds} of {trials} trials"));
        }
    }

    /// A trial is over; these are still to come in this scenario.
    pub fn advance(
        &mut self,
        scenario: &Scenario,
        round: (usize, usize),
        engine: &str,
        took: Duration,
        to_come: impl Iterator<Item = (String, usize)>,
    ) {
        self.known.insert(engine.to_owned(), took);
        let Some(bar) = &self.bar else { return };
        let one = |engine: &str| {
            self.known
                .get(engine)
                .copied()
                .unwrap_or(estimate(scenario))
        };
        let here: Duration = to_come
            .map(|(engine, trials)| one(&engine) * u32::try_from(trials).unwrap_or(u32::MAX))
            .sum();
        let left = here + self.later.iter().sum::<Duration>();
        let done = self.start.elapsed().as_secs_f64();
        let share = done / (done + left.as_secs_f64()).max(1e-9);
        bar.set_position((share * LENGTH as f64) as u64);
        let seconds = Duration::from_secs(left.as_secs() + 1);
        bar.set_message(format!(
            "{}, round {} of {}, some {} left",
            scenario.name,
            round.0,
            round.1,
            humantime::format_duration(seconds),
        ));
    }

    /// Something to tell above the bar.
    pub fn tell(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| tell(line)),
            None => tell(line),
        }
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// What a trial will take at least: its waves, and a process.
fn estimate(scenario: &Scenario) -> Duration {
    let waves = scenario.flags().div_ceil(scenario.concurrency);
    scenario.profile.delay.max * u32::try_from(waves).unwrap_or(u32::MAX) + LEAST
}
