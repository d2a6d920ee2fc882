//! Rounds: every engine runs once in each, in random order, and the baseline twice.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use fastrand::Rng;
use flagrace_core::{Cancel, Compute, Job, Memory, Outcome, Setup};
use flagrace_report::data::{self, Design, Sample, Span, Timeline, Trial, Workload, Writer};
use flagrace_server::ServerProcess;

use crate::system::{Cores, on_cores};
use crate::trial::{self, Counts, Spec, TooLong};
use crate::{Engine, Scenario, Server, serving};

/// An engine that failed this often does not run again in the scenario, nor at later points of its
/// series.
const FAILURES: usize = 2;

/// A comparison to run.
#[derive(Default)]
pub struct Comparison {
    /// In the order of execution.
    pub scenarios: Vec<Scenario>,
    /// The limits of every engine, except the concurrency, which the scenario sets.
    pub setup: Setup,
    /// Decides the order within each round.
    pub seed: u64,
    /// Where trials save files, for scenarios that save to disk.
    pub folder: PathBuf,
    /// Stops the comparison; the current trial is discarded.
    pub cancel: Cancel,
}

/// Called before each trial with the scenario and the round; 0 is the warm-up. This process does
/// nothing else while a trial is timed.
pub type Show<'a> = &'a mut dyn FnMut(&Scenario, usize);

/// Runs the scenarios one after another, and writes each round when it ends. Without a server,
/// starts one for each scenario. Returns the URLs that were not downloaded, and why.
pub fn compare(
    comparison: &Comparison,
    mut server: Option<Server>,
    writer: &mut Writer,
    show: Show<'_>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut race = Race {
        comparison,
        writer,
        show,
        trials: 0,
        failures: BTreeMap::new(),
        capacities: BTreeMap::new(),
        missed: BTreeMap::new(),
    };
    for scenario in &comparison.scenarios {
        let mut own;
        let server = match &mut server {
            Some(server) if scenario.idle.is_none() => server,
            _ if scenario.idle.is_some() => {
                own = Server::Compared;
                &mut own
            }
            _ => {
                let start = || ServerProcess::start(&scenario.profile());
                let process = on_cores(&cores(scenario)?.server, start)?;
                own = Server::Own(Box::new(process.context("cannot start the flag server")?));
                &mut own
            }
        };
        let mut scenario = scenario.clone();
        if let [load] = *scenario.load {
            let capacity = race.capacity(&scenario, server);
            if comparison.cancel.is_cancelled() {
                break;
            }
            let rate = load * capacity.with_context(|| format!("scenario {}", scenario.name))?;
            let interval = Duration::from_secs_f64(1.0 / rate);
            // Where every server fails, there is no rate.
            scenario.interval = (!interval.is_zero()).then_some(interval);
        }
        let scenario = &scenario;
        let header = header(comparison.seed, scenario, server);
        race.writer.scenario(header)?;
        race.rounds(scenario, server)?;
        if comparison.cancel.is_cancelled() {
            break;
        }
        if scenario.timeline {
            race.timelines(scenario, server)?;
        }
    }
    Ok(race.missed)
}

/// A comparison in progress.
struct Race<'a> {
    comparison: &'a Comparison,
    writer: &'a mut Writer,
    show: Show<'a>,
    /// How many have begun.
    trials: usize,
    /// How often an engine failed, by scenario or series.
    failures: BTreeMap<(String, Engine), usize>,
    /// The requests a second that an open loop can send, by series.
    capacities: BTreeMap<String, f64>,
    missed: BTreeMap<String, String>,
}

impl Race<'_> {
    /// An interrupted round is not written: what it lacks is not missing at random.
    fn rounds(&mut self, scenario: &Scenario, server: &mut Server) -> anyhow::Result<()> {
        (self.show)(scenario, 0);
        let expected = Some(self.warm_up(scenario, server)?);
        let mut calls = BTreeMap::new();
        for engine in scenario.engines.iter().filter(|_| scenario.count) {
            let spec = self.spec(scenario, *engine, server)?;
            calls.insert(*engine, trial::calls(&spec, server, scenario.limit));
        }
        let series = scenario.series_name();
        // The baseline runs again as the control.
        let engines = scenario.engines.iter().map(|engine| (*engine, false));
        let mut entrants: Vec<_> = engines.chain([(scenario.engines[0], true)]).collect();
        let mut rng = Rng::with_seed(self.comparison.seed);
        for round in 1..=scenario.rounds {
            rng.shuffle(&mut entrants);
            let mut trials = Vec::new();
            for &(engine, control) in &entrants {
                (self.show)(scenario, round);
                let key = (series.to_owned(), engine);
                if self.failures.get(&key).is_some_and(|n| *n >= FAILURES) {
                    continue;
                }
                let result = self.trial(scenario, engine, server, expected);
                if self.comparison.cancel.is_cancelled() {
                    return Ok(());
                }
                trials.push(Trial {
                    scenario: scenario.name.clone(),
                    round,
                    engine: engine.name(),
                    control,
                    outcome: match result {
                        Ok((_, mut sample)) => {
                            if !control && let Some(Some(calls)) = calls.remove(&engine) {
                                sample.0.extend(calls.0);
                            }
                            data::Outcome::Measured(sample)
                        }
                        Err(error) => {
                            // Running it again, or with a higher concurrency, would take hours.
                            let failures = if error.is::<TooLong>() { FAILURES } else { 1 };
                            *self.failures.entry(key).or_default() += failures;
                            data::Outcome::Failed(format!("{error:#}"))
                        }
                    },
                });
            }
            self.writer.trials(trials)?;
        }
        Ok(())
    }

    /// Runs the baseline once, untimed: this loads the program into memory and shows that the work
    /// can be done. Returns the expected counts: every flag from a server that this program
    /// started, otherwise the counts of this trial.
    fn warm_up(&mut self, scenario: &Scenario, server: &mut Server) -> anyhow::Result<Counts> {
        let expected = server.is_here().then_some((scenario.requests, 0, 0));
        let baseline = scenario.engines[0];
        let cancelled = || self.comparison.cancel.is_cancelled();
        let mut tried = self.trial(scenario, baseline, server, expected);
        if matches!(tried, Ok(((.., failed), _)) if failed > 0) {
            // What failed by chance must not be what is expected.
            tried = self.trial(scenario, baseline, server, expected);
        }
        match tried {
            Ok((counts, _)) => Ok(counts),
            // Far out in a series the baseline may fail, and others go on.
            Err(_) if scenario.point.is_some() || cancelled() => Ok((scenario.requests, 0, 0)),
            Err(why) => bail!("scenario {}, {}: {why:#}", scenario.name, baseline.name()),
        }
    }

    /// The requests a second that the slowest engine can send in an open loop. A closed loop gives
    /// the interval, and sending at this interval what dispatching leaves of the rate. Of servers,
    /// what the slowest answers in its best closed loop: the load generator only sends.
    fn capacity(&mut self, scenario: &Scenario, server: &mut Server) -> anyhow::Result<f64> {
        let (series, loops, trials, chosen) = match scenario.idle {
            Some(_) => (&*scenario.name, 1, 3, 0),
            None => (scenario.series_name(), 2, 5, 2),
        };
        if let Some(rate) = self.capacities.get(series) {
            return Ok(*rate);
        }
        let expected = server.is_here().then_some((scenario.requests, 0, 0));
        let mut slowest = f64::INFINITY;
        'engines: for engine in &scenario.engines {
            let mut scenario = scenario.clone();
            for _ in 0..loops {
                let mut times = Vec::new();
                for _ in 0..trials {
                    match self.trial(&scenario, *engine, server, expected) {
                        Ok((_, sample)) => times.extend(sample.get("download_s")),
                        // Others may go on, and its trials say why it fails.
                        Err(_) if scenario.idle.is_some() => continue 'engines,
                        Err(why) => return Err(why),
                    }
                }
                times.sort_by(f64::total_cmp);
                let interval = times.get(chosen).unwrap_or(&0.0) / scenario.requests as f64;
                scenario.interval = Some(Duration::from_secs_f64(interval));
            }
            slowest = slowest.min(scenario.rate().unwrap_or(slowest));
        }
        self.capacities.insert(series.to_owned(), slowest);
        Ok(slowest)
    }

    fn trial(
        &mut self,
        scenario: &Scenario,
        engine: Engine,
        server: &mut Server,
        expected: Option<Counts>,
    ) -> anyhow::Result<(Counts, Sample)> {
        let (counts, mut sample) = if scenario.idle.is_some() {
            let sample = serving::trial(engine, scenario, &cores(scenario)?)?;
            ((scenario.requests, 0, 0), sample)
        } else {
            let spec = self.spec(scenario, engine, server)?;
            trial::run(&spec, server, scenario.limit, expected, &mut self.missed)?
        };
        for number in sample.0.values_mut() {
            // To a microsecond: what is beyond is noise, and would fill the file.
            *number = (*number * 1e6).round() / 1e6;
        }
        Ok((counts, sample))
    }

    fn spec(
        &mut self,
        scenario: &Scenario,
        engine: Engine,
        server: &Server,
    ) -> anyhow::Result<Spec> {
        self.trials += 1;
        // A new directory each time: replacing files is different work.
        let directory = self.trials.to_string();
        let bytes = Compute::lasting(scenario.cpu).bytes;
        Ok(Spec {
            engine,
            target: server.target(scenario.requests),
            setup: self.setup(scenario),
            store: scenario.store,
            directory: self.comparison.folder.join(directory),
            warm: scenario.warm,
            compute: (bytes, scenario.cpu_of.clone()),
            interval: scenario.interval,
            cancel_after: scenario.cancel_after(),
            server: server.process(),
            cores: cores(scenario)?.client,
        })
    }

    fn setup(&self, scenario: &Scenario) -> Setup {
        let mut setup = self.comparison.setup.clone();
        let body = scenario.body.map_or(0, |size| size.as_u64());
        setup.concurrency = scenario.concurrency;
        setup.max_body = setup.max_body.max(body);
        setup
    }

    /// Records the timeline of one download of each engine, in this process and untimed.
    fn timelines(&mut self, scenario: &Scenario, server: &Server) -> anyhow::Result<()> {
        for engine in &scenario.engines {
            let job = Job {
                cancel: self.comparison.cancel.clone(),
                store: Arc::new(Memory::default()),
                ..server.target(scenario.requests).job()?
            };
            let report = engine.build(&self.setup(scenario))?.download_many(&job)?;
            // Its trials say why it failed.
            if server.is_here() && report.tally().ok < scenario.requests {
                continue;
            }
            let spans = report.outcomes.iter().map(|outcome| span(&job, outcome));
            self.writer.timeline(Timeline {
                scenario: scenario.name.clone(),
                engine: engine.name(),
                spans: spans.collect(),
            })?;
        }
        Ok(())
    }
}

fn cores(scenario: &Scenario) -> anyhow::Result<Cores> {
    match scenario.pin {
        true => Cores::split(scenario.cores),
        false => Ok(Cores::default()),
    }
}

fn header(seed: u64, scenario: &Scenario, server: &Server) -> data::Scenario {
    let (requests, concurrency) = (scenario.requests, scenario.concurrency);
    let body = scenario.body.filter(|_| server.is_here());
    let cores = cores(scenario).ok().filter(|_| scenario.pin);
    let (mean, ideal) = scenario.delays();
    data::Scenario {
        name: scenario.name.clone(),
        title: match server {
            // The scenario's title may mention a delay that this server does not have.
            Server::Somewhere(url, _) => {
                format!("{requests} flags, {concurrency} at a time, from {url}")
            }
            _ => scenario.title.clone(),
        },
        design: Design::Interleaved { seed },
        point: scenario.point.clone(),
        workload: Workload {
            requests,
            concurrency,
            delay_s: server.is_here().then_some(mean.as_secs_f64()),
            ideal_s: server.is_here().then_some(ideal.as_secs_f64()),
            store: format!("{:?}", scenario.store).to_lowercase(),
            client_cores: cores.map(|cores| cores.client.len()),
            warm: scenario.warm,
            cpu_s: scenario.cpu.as_secs_f64(),
            cpu_of: scenario.cpu_of.clone(),
            body_bytes: body.map(|size| size.as_u64()),
            rate: scenario.rate(),
            cancel_after: scenario.cancel_after(),
            idle: scenario.idle_connections(),
            urls: matches!(server, Server::Urls(_)),
            server_here: server.is_here(),
        },
        engines: scenario.engines.iter().map(|one| one.name()).collect(),
        rounds: scenario.rounds,
        note: String::new(),
    }
}

/// The timing of one download, in the format of results.
pub fn span(job: &Job, outcome: &Outcome) -> Span {
    let timing = outcome.timing;
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    Span {
        label: job.origin.label(outcome.item),
        status: outcome.status.to_string(),
        started_s: seconds(timing.started),
        first_byte_s: seconds(timing.first_byte),
        body_read_s: seconds(timing.body_read),
        saved_s: seconds(timing.saved),
        finished_s: timing.finished.as_secs_f64(),
    }
}
