//! The measurements: one [`Run`] of `cargo bench` or `flagrace compare`.
//!
//! A run is one file of JSON Lines: a header, then scenarios, trials and timelines in the order of
//! measuring. A trial lists its numbers in the order of the header's `metrics`, to be short. The
//! file contains nothing that can be computed from it. Times are in seconds, memory is in bytes,
//! shares are from 0 to 1.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::metric::{self, METRICS};
use crate::print;

const FORMAT: u32 = 2;

/// Trials of engines in scenarios, on one machine at one revision.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    pub meta: Meta,
    pub scenarios: Vec<Scenario>,
    pub trials: Vec<Trial>,
    /// Of scenarios that record them.
    pub timelines: Vec<Timeline>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// The time in UTC, as RFC 3339: `2025-01-31T12:00:00Z`.
    pub date: String,
    pub command: String,
    /// Whether it is a quick run, with too few samples for an interval.
    pub quick: bool,
    pub revision: String,
    /// Whether the source had uncommitted changes.
    pub dirty: bool,
    pub lock_hash: String,
    pub rustc: String,
    pub version: String,
    pub host: String,
    pub os: String,
    pub kernel: String,
    pub cpu: String,
    pub cores: usize,
    pub memory_kib: u64,
    /// Where the server ran: "a process of its own, same machine, 127.0.0.1".
    pub server: String,
    /// The longest queue of new connections that the kernel keeps for a server.
    pub somaxconn: Option<u64>,
    pub open_files: Option<u64>,
    /// How the kernel sets the processor's frequency; "unknown" in a virtual machine.
    pub governor: Option<String>,
}

/// The order of a scenario's trials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Design {
    /// Interleaved: every engine once in each round, in random order, and the baseline twice.
    Interleaved {
        /// The seed of the order within each round.
        seed: u64,
    },
    /// All trials of one engine, then all of the next, as criterion measures. Without verdicts: the
    /// ratios include drift of the machine.
    Sequential,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The name of the series: `concurrency`.
    pub series: String,
    /// The unit of the value: "requests at a time".
    pub axis: String,
    pub x: f64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// The number of flags or URLs to download; 0 for none.
    pub requests: usize,
    /// The maximum number of requests in flight (`seq` always has 1).
    pub concurrency: usize,
    /// How long the server waits before an answer, if known: the mean of its flags.
    pub delay_s: Option<f64>,
    /// How long all requests take if only the server's delays count.
    pub ideal_s: Option<f64>,
    /// Where the bodies are kept: `directory`, `memory` or `null`.
    pub store: String,
    /// The number of cores of the client, if it and the server have cores of their own.
    pub client_cores: Option<usize>,
    /// Whether connections are open before the download is timed: then time, processor time and
    /// switches are those of the download, otherwise those of the whole process.
    #[serde(default)]
    pub warm: bool,
    /// The processor time to compute on each body, in seconds.
    #[serde(default)]
    pub cpu_s: f64,
    /// The only flag to compute on.
    pub cpu_of: Option<String>,
    /// The size of every body; `None` for those of the flags.
    pub body_bytes: Option<u64>,
    /// Requests a second in an open loop; `None` for a closed loop.
    pub rate: Option<f64>,
    /// The number of requests after which each trial cancelled its job; `None` if it did not.
    pub cancel_after: Option<usize>,
    /// The number of connections that stay idle, if servers are compared; `None` for downloads.
    pub idle: Option<usize>,
    /// Whether it downloads a user's URLs instead of flags.
    #[serde(default)]
    pub urls: bool,
    /// Whether the server ran on this machine and shared its cores.
    pub server_here: bool,
}

/// A workload, the same for every engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// A short name, unique in the run: `local`, `concurrency-100`.
    pub name: String,
    pub title: String,
    pub design: Design,
    pub point: Option<Point>,
    pub workload: Workload,
    /// The engines. The first is the baseline.
    pub engines: Vec<String>,
    /// The number of rounds asked for; an interrupted scenario has fewer. For
    /// [`Design::Sequential`], the largest number of samples.
    pub rounds: usize,
    /// A note for readers, in a sentence. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// One measurement of one engine: a process that downloaded once, or one of criterion's samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    pub scenario: String,
    /// The round, from 1.
    pub round: usize,
    pub engine: String,
    /// Whether this is the baseline's second trial in the round: baseline against baseline shows
    /// the noise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Measured(Sample),
    /// The reason of the failure, as users see it.
    Failed(String),
}

/// The numbers of one trial by the key of their [`Metric`](crate::metric::Metric), in SI units.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample(pub BTreeMap<String, f64>);

/// When each step of each request of one download was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    pub scenario: String,
    pub engine: String,
    pub spans: Vec<Span>,
}

/// The steps of one flag, in seconds from the start of the job; `None` for a step that was not
/// reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// What was downloaded: `BR`.
    pub label: String,
    /// The status as text: `ok`, `not found`, `HTTP 418 I'm a teapot`.
    pub status: String,
    /// The engine took it up; before that it was queued.
    pub started_s: Option<f64>,
    /// The response head had arrived; before that it waited.
    pub first_byte_s: Option<f64>,
    /// The body was read; before that it received.
    pub body_read_s: Option<f64>,
    /// The store had saved it; before that it was being saved.
    pub saved_s: Option<f64>,
    pub finished_s: f64,
}

/// One line of the file. The header is the first.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Run {
        format: u32,
        metrics: Vec<String>,
        meta: Meta,
    },
    Scenario(Scenario),
    /// A [`Trial`], packed.
    Trial(Value),
    Timeline(Timeline),
}

/// A trial with its numbers as an array, in the order of [`measured_keys`], without unknown ones at
/// its end. Fails if a number belongs to no metric.
fn pack(trial: &Trial) -> anyhow::Result<Line> {
    let mut value = serde_json::to_value(trial)?;
    if let Some(sample) = trial.sample() {
        if let Some(wrong) = metric::refusal(sample) {
            bail!("{}: {wrong}", trial.engine);
        }
        let numbers = measured_keys().map(|key| match sample.get(key) {
            // Whole numbers are written without a point.
            Some(whole) if whole.fract() == 0.0 && whole < 1e15 => json!(whole as u64),
            number => json!(number),
        });
        let mut numbers: Vec<Value> = numbers.collect();
        while numbers.pop_if(|number| number.is_null()).is_some() {}
        value["measured"] = numbers.into();
    }
    Ok(Line::Trial(value))
}

fn unpack(mut value: Value, keys: &[String]) -> serde_json::Result<Trial> {
    if let Some(Value::Array(numbers)) = value.get_mut("measured") {
        let numbers = keys.iter().cloned().zip(std::mem::take(numbers));
        // Files of earlier versions have more metrics.
        let is_known =
            |(key, number): &(String, Value)| metric::is_measured(key) && !number.is_null();
        value["measured"] = numbers.filter(is_known).collect();
    }
    serde_json::from_value(value)
}

/// The keys of measured metrics, in the order of a trial's numbers.
fn measured_keys() -> impl Iterator<Item = &'static str> {
    let keys = METRICS.iter().map(|one| one.key);
    keys.filter(|key| metric::is_measured(key))
}

fn text(lines: Vec<Line>) -> serde_json::Result<String> {
    let line = |line| Ok(serde_json::to_string(&line)? + "\n");
    lines.into_iter().map(line).collect()
}

impl Sample {
    /// A sample of the known numbers.
    pub fn of<'a>(numbers: impl IntoIterator<Item = (&'a str, Option<f64>)>) -> Self {
        let known = |(key, number): (&str, Option<f64>)| Some((key.to_owned(), number?));
        Self(numbers.into_iter().filter_map(known).collect())
    }

    /// The number with this key, if the system or the server reported it.
    pub fn get(&self, key: &str) -> Option<f64> {
        self.0.get(key).copied()
    }
}

impl Trial {
    pub fn sample(&self) -> Option<&Sample> {
        match &self.outcome {
            Outcome::Measured(sample) => Some(sample),
            Outcome::Failed(_) => None,
        }
    }
}

impl Scenario {
    /// The baseline: the engine that others are compared with.
    pub fn baseline(&self) -> &str {
        self.engines.first().map_or("", String::as_str)
    }

    /// Whether rounds are interleaved, so that there are verdicts.
    pub fn is_interleaved(&self) -> bool {
        matches!(self.design, Design::Interleaved { .. })
    }
}

impl Meta {
    /// The day of the run, `YYYY-MM-DD`, if the date is RFC 3339 in UTC.
    pub fn day(&self) -> Option<&str> {
        humantime::parse_rfc3339(&self.date).ok()?;
        self.date.get(..10)
    }

    /// Whether both runs were made from the same source and on the same machine.
    pub fn is_like(&self, other: &Self) -> bool {
        self.host == other.host
            && self.cpu == other.cpu
            && self.kernel == other.kernel
            && self.cores == other.cores
            && self.revision == other.revision
            && self.dirty == other.dirty
    }
}

impl Run {
    pub fn new(meta: Meta) -> Self {
        Self {
            meta,
            ..Self::default()
        }
    }

    /// Reads a run. Skips a last line that was not written completely.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).map_err(|error| {
            let why = print::clean(&format!("{error:#}")).replace('\n', " ");
            anyhow!("{} is not a run of flagrace: {why}", path.display())
        })
    }

    fn parse(text: &[u8]) -> anyhow::Result<Self> {
        let end = text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        let mut lines = serde_json::Deserializer::from_slice(&text[..end]).into_iter::<Line>();
        let Some(Line::Run {
            format,
            metrics,
            meta,
        }) = lines.next().transpose()?
        else {
            bail!("its first line is not a run's header");
        };
        ensure!(
            format == FORMAT,
            "it is in format {format}; this program reads format {FORMAT}"
        );
        let mut run = Self::new(meta);
        for line in lines {
            match line? {
                Line::Run { .. } => bail!("it has two headers"),
                Line::Scenario(scenario) => run.scenarios.push(scenario),
                Line::Trial(trial) => run.trials.push(unpack(trial, &metrics)?),
                Line::Timeline(timeline) => run.timelines.push(timeline),
            }
        }
        run.check()?;
        Ok(run)
    }

    /// Writes the run as one file, replacing an existing one, and creates its folders. Fails if a
    /// number belongs to no metric.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut lines = vec![Line::Run {
            format: FORMAT,
            metrics: measured_keys().map(str::to_owned).collect(),
            meta: self.meta.clone(),
        }];
        lines.extend(self.scenarios.iter().cloned().map(Line::Scenario));
        for trial in &self.trials {
            lines.push(pack(trial)?);
        }
        lines.extend(self.timelines.iter().cloned().map(Line::Timeline));
        let folder = path.parent().unwrap_or(path);
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        fs::write(path, text(lines)?).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Rejects a run that contradicts itself.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.meta.day().is_some(),
            "the date {:?} is not RFC 3339, as in \"2025-01-31T12:00:00Z\"",
            self.meta.date
        );
        let mut baselines = BTreeMap::new();
        for scenario in &self.scenarios {
            let (name, baseline) = (&*scenario.name, scenario.baseline());
            ensure!(
                baselines.insert(name, baseline).is_none() && !baseline.is_empty(),
                "scenario {name:?} is there twice, or has no engine"
            );
        }
        let mut seen = BTreeSet::new();
        for trial in &self.trials {
            let (scenario, round, engine) = (&*trial.scenario, trial.round, &*trial.engine);
            let wrong = match baselines.get(scenario) {
                None => "the file has no such scenario".to_owned(),
                Some(baseline) if trial.control && *baseline != engine => {
                    "`control` is for the baseline's second trial".to_owned()
                }
                Some(_) if !seen.insert((scenario, round, engine, trial.control)) => {
                    "measured twice in one round".to_owned()
                }
                Some(_) => match trial.sample().and_then(metric::refusal) {
                    Some(wrong) => wrong,
                    None => continue,
                },
            };
            bail!("scenario {scenario:?}, round {round}, engine {engine:?}: {wrong}");
        }
        Ok(())
    }
}

/// Writes a run while it is measured: each round when it ends, so that a crash loses at most the
/// current round. Its methods fail if the file cannot be written.
#[derive(Debug)]
pub struct Writer {
    path: Option<PathBuf>,
    run: Run,
}

impl Writer {
    pub fn in_memory(meta: Meta) -> Self {
        let (path, run) = (None, Run::new(meta));
        Self { path, run }
    }

    /// Begins or continues an interleaved run in a file, which is replaced, without the scenarios
    /// that lack trials.
    pub fn resume(path: &Path, mut run: Run) -> anyhow::Result<Self> {
        run.scenarios.retain(|scenario| {
            let trials = run.trials.iter();
            let trials = trials.filter(|one| one.scenario == scenario.name);
            scenario.rounds.checked_mul(scenario.engines.len() + 1) == Some(trials.count())
        });
        let is_kept = |one: &Trial| run.scenarios.iter().any(|kept| kept.name == one.scenario);
        run.trials.retain(is_kept);
        run.write(path)?;
        let path = Some(path.to_owned());
        Ok(Self { path, run })
    }

    pub fn scenario(&mut self, scenario: Scenario) -> anyhow::Result<()> {
        self.run.scenarios.push(scenario.clone());
        self.append(vec![Line::Scenario(scenario)])
    }

    /// Adds the trials of a round. Also fails if a number belongs to no metric.
    pub fn trials(&mut self, trials: Vec<Trial>) -> anyhow::Result<()> {
        let lines = trials.iter().map(pack).collect::<anyhow::Result<_>>()?;
        self.run.trials.extend(trials);
        self.append(lines)
    }

    pub fn timeline(&mut self, timeline: Timeline) -> anyhow::Result<()> {
        self.run.timelines.push(timeline.clone());
        self.append(vec![Line::Timeline(timeline)])
    }

    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Appends lines in one call, so that readers see whole lines.
    fn append(&self, lines: Vec<Line>) -> anyhow::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let text = text(lines)?;
        let file = File::options().append(true).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}
