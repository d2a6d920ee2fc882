//! Rounds: every engine once in each, in random order, and the baseline twice.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use fastrand::Rng;
use flagrace_core::{BaseUrl, Cancel, Job, Memory, Outcome, Setup};
use flagrace_report::data::{self, Design, Sample, Span, Timeline, Trial, Workload, Writer};
use flagrace_server::Profile;

use crate::trial::{self, Counts, Spec, Target, TooLong};
use crate::{Engine, Scenario, Server, scenario};

/// An engine that has failed this often does not run again in the scenario, nor at later points of
/// its series.
const FAILURES: usize = 2;

/// What is compared, and how.
pub struct Comparison {
    /// In the order of measuring.
    pub scenarios: Vec<Scenario>,
    /// Where trials download from.
    pub source: Source,
    /// The limits of every engine, but for the concurrency, which is the scenario's.
    pub setup: Setup,
    /// Decides the order within each round.
    pub seed: u64,
    /// Where trials save files, if a scenario asks for it.
    pub folder: PathBuf,
    /// Ends the comparison after the trial under way.
    pub cancel: Cancel,
}

/// Where trials download from.
pub enum Source {
    /// A server that is started for each scenario.
    Own,
    /// A flag server that runs somewhere.
    Server(BaseUrl),
    /// The URLs of a list, as text.
    Urls(String),
}

/// Called before each trial with the scenario, the round (0 is the warm-up), and the share of the
/// whole work that is done. Nothing else runs in this process while a trial is timed.
pub type Show<'a> = &'a mut dyn FnMut(&Scenario, usize, f64);

/// Runs the scenarios one after another, and writes each round as soon as it is over. Returns the
/// URLs that were not downloaded, and why.
///
/// # Errors
///
/// If a server cannot be started, a baseline cannot do the work at all, or the results cannot be
/// written.
pub fn compare(
    comparison: &Comparison,
    writer: &mut Writer,
    show: Show<'_>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut race = Race {
        comparison,
        show,
        failures: BTreeMap::new(),
        missed: BTreeMap::new(),
        done: Duration::ZERO,
    };
    let mut elsewhere = match &comparison.source {
        Source::Own => None,
        Source::Server(url) => Some(Server::at(url.clone())),
        Source::Urls(_) => Some(Server::Other(None)),
    };
    for scenario in &comparison.scenarios {
        let mut own;
        let server = match &mut elsewhere {
            Some(server) => server,
            None => {
                let profile = Profile::delayed_by(scenario.delay);
                own = Server::start(&profile).context("cannot start the flag server")?;
                &mut own
            }
        };
        writer.scenario(header(comparison, scenario, server))?;
        race.rounds(scenario, server, writer)?;
        if comparison.cancel.is_cancelled() {
            break;
        }
        if scenario.timeline {
            timelines(scenario, server, &comparison.setup, writer)?;
        }
    }
    Ok(race.missed)
}

/// A comparison under way.
struct Race<'a> {
    comparison: &'a Comparison,
    show: Show<'a>,
    /// How often an engine failed in a scenario or its series.
    failures: BTreeMap<(String, Engine), usize>,
    missed: BTreeMap<String, String>,
    /// About how long what is done takes.
    done: Duration,
}

impl Race<'_> {
    /// A round that is interrupted is not written: what it lacks is not missing at random.
    fn rounds(
        &mut self,
        scenario: &Scenario,
        server: &mut Server,
        writer: &mut Writer,
    ) -> anyhow::Result<()> {
        self.show(scenario, 0);
        let expected = self.warm_up(scenario, server)?;
        let series = scenario.point.as_ref().map(|point| &point.series);
        let series = series.unwrap_or(&scenario.name);
        let mut entrants = entrants(scenario);
        let mut rng = Rng::with_seed(self.comparison.seed);
        for round in 1..=scenario.rounds {
            rng.shuffle(&mut entrants);
            let mut trials = Vec::new();
            for &(engine, control) in &entrants {
                self.show(scenario, round);
                self.done += scenario.expected_time(engine);
                let key = (series.clone(), engine);
                if self.failures.get(&key).is_some_and(|n| *n >= FAILURES) {
                    continue;
                }
                let place = format!("{round}-{engine:?}-{control}");
                let result = self.trial(scenario, engine, server, expected, &place);
                if self.comparison.cancel.is_cancelled() {
                    return Ok(());
                }
                trials.push(Trial {
                    scenario: scenario.name.clone(),
                    round,
                    engine: engine.name(),
                    control,
                    outcome: match result {
                        Ok((_, sample)) => data::Outcome::Measured(sample),
                        Err(error) => {
                            // Waiting once more, or for more of the same, would take hours.
                            let failures = if error.is::<TooLong>() { FAILURES } else { 1 };
                            *self.failures.entry(key).or_default() += failures;
                            data::Outcome::Failed(format!("{error:#}"))
                        }
                    },
                });
            }
            writer.trials(trials)?;
        }
        Ok(())
    }

    fn show(&mut self, scenario: &Scenario, round: usize) {
        let all = self.comparison.scenarios.iter().map(|scenario| {
            let round = entrants(scenario).into_iter();
            let round: Duration = round
                .map(|(engine, _)| scenario.expected_time(engine))
                .sum();
            round.as_secs_f64() * scenario.rounds as f64
        });
        let all: f64 = all.sum();
        (self.show)(scenario, round, self.done.as_secs_f64() / all);
    }

    /// Runs the baseline once, untimed: the program is then in memory, and the work can be done.
    /// Returns what every trial must come to. A server that this program started has every flag;
    /// of others it is what the baseline came to.
    fn warm_up(
        &mut self,
        scenario: &Scenario,
        server: &mut Server,
    ) -> anyhow::Result<Option<Counts>> {
        let expected = server.is_here().then_some((scenario.requests, 0, 0));
        let baseline = scenario.engines[0];
        match self.trial(scenario, baseline, server, expected, "warm-up") {
            Ok((counts, _)) => Ok(Some(counts)),
            // Far out in a series the baseline may fail, and others go on.
            Err(_) if scenario.point.is_some() || self.comparison.cancel.is_cancelled() => {
                Ok(expected)
            }
            Err(why) => bail!("scenario {}, {}: {why:#}", scenario.name, baseline.name()),
        }
    }

    fn trial(
        &mut self,
        scenario: &Scenario,
        engine: Engine,
        server: &mut Server,
        expected: Option<Counts>,
        place: &str,
    ) -> anyhow::Result<(Counts, Sample)> {
        let Comparison { setup, folder, .. } = self.comparison;
        let spec = Spec {
            engine,
            target: match (&self.comparison.source, server.base_url()) {
                (Source::Urls(text), _) => Target::Urls(text.clone()),
                (_, url) => Target::Flags(
                    url.map_or_else(String::new, |url| url.to_string()),
                    scenario.requests,
                ),
            },
            setup: Setup {
                concurrency: scenario.concurrency,
                ..setup.clone()
            },
            store: scenario.store,
            // A new one each time: replacing files is other work.
            directory: folder.join(format!("{}-{place}", scenario.name)),
        };
        let limit = Duration::from_secs(scenario.limit_s.into());
        trial::run(&spec, server, limit, expected, &mut self.missed)
    }
}

/// The engines, and the baseline once more as the control.
fn entrants(scenario: &Scenario) -> Vec<(Engine, bool)> {
    let engines = scenario.engines.iter().map(|engine| (*engine, false));
    engines.chain([(scenario.engines[0], true)]).collect()
}

fn header(comparison: &Comparison, scenario: &Scenario, server: &Server) -> data::Scenario {
    let delay = scenario.delay;
    let (requests, concurrency) = (scenario.requests, scenario.concurrency);
    let is_known = server.is_here() && delay.min == delay.max;
    data::Scenario {
        name: scenario.name.clone(),
        title: match &comparison.source {
            // The scenario's own title may tell of a delay that this server does not have.
            Source::Server(url) => format!("{requests} flags, {concurrency} at a time, from {url}"),
            _ => scenario.title.clone(),
        },
        design: Design::Interleaved {
            seed: comparison.seed,
        },
        point: scenario.point.clone(),
        workload: Workload {
            requests,
            concurrency,
            delay_s: is_known.then_some(delay.min.as_secs_f64()),
            store: scenario.store.name().to_owned(),
            urls: matches!(comparison.source, Source::Urls(_)),
            server_here: server.is_here(),
        },
        engines: scenario
            .engines
            .iter()
            .map(|engine| engine.name())
            .collect(),
        rounds: scenario.rounds,
        date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        note: String::new(),
    }
}

/// Keeps the timeline of one download of each engine, in this process and untimed.
fn timelines(
    scenario: &Scenario,
    server: &Server,
    setup: &Setup,
    writer: &mut Writer,
) -> anyhow::Result<()> {
    let Some(base_url) = server.base_url() else {
        return Ok(());
    };
    let setup = Setup {
        concurrency: scenario.concurrency,
        ..setup.clone()
    };
    for engine in &scenario.engines {
        let job = Job {
            store: Arc::new(Memory::default()),
            ..Job::new(base_url.clone(), scenario::flags(scenario.requests))
        };
        let report = engine.build(&setup)?.download_many(&job)?;
        let spans = report.outcomes.iter().map(|outcome| span(&job, outcome));
        writer.timeline(Timeline {
            scenario: scenario.name.clone(),
            engine: engine.name(),
            spans: spans.collect(),
        })?;
    }
    Ok(())
}

/// The timing of one download, as results keep it.
pub fn span(job: &Job, outcome: &Outcome) -> Span {
    let timing = outcome.timing;
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    Span {
        label: job.label(outcome.item).into_owned(),
        status: outcome.status.to_string(),
        started_s: seconds(timing.started),
        first_byte_s: seconds(timing.first_byte),
        body_read_s: seconds(timing.body_read),
        saved_s: seconds(timing.saved),
        finished_s: timing.finished.as_secs_f64(),
    }
}
