//! What was measured: one [`Run`], whether `cargo bench` or `flagrace compare` made it.
//!
//! A run is one file of JSON Lines: a header, then scenarios, trials and timelines as they were
//! measured. A trial has its numbers in the order of the header's `metrics`, which keeps a
//! recorded run below 1 MB. The file holds nothing that can be computed from it. Times are in
//! seconds, memory is in bytes, shares go from 0 to 1.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::metric::{self, METRICS};

/// The version of the format that this crate writes and reads.
pub const FORMAT: u32 = 2;

/// Trials of engines in scenarios, on one machine at one revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// When, where and of what.
    pub meta: Meta,
    /// The scenarios in the order of measuring.
    pub scenarios: Vec<Scenario>,
    /// The trials in the order of measuring.
    pub trials: Vec<Trial>,
    /// When each step of each request was done, for scenarios that ask for it.
    pub timelines: Vec<Timeline>,
}

/// When, where and of what a run was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// When, in UTC, as RFC 3339: `2025-01-31T12:00:00Z`.
    pub date: String,
    /// The command that made the run.
    pub command: String,
    /// Whether it was a quick run, with too few samples for an interval.
    pub quick: bool,
    /// The revision of the source.
    pub revision: String,
    /// Whether the source had uncommitted changes.
    pub dirty: bool,
    /// A hash of `Cargo.lock`.
    pub lock_hash: String,
    /// The compiler, as it names itself.
    pub rustc: String,
    /// The version of the package that was measured.
    pub version: String,
    /// The name of the machine.
    pub host: String,
    /// The operating system.
    pub os: String,
    /// The kernel's release.
    pub kernel: String,
    /// The processor.
    pub cpu: String,
    /// Processors that could be used.
    pub cores: usize,
    /// Memory, in KiB.
    pub memory_kib: u64,
    /// Where the server ran: "a process of its own, same machine, 127.0.0.1".
    pub server: String,
}

/// How the trials of a scenario were ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Design {
    /// Every engine once in each round, in random order, and the baseline twice.
    Interleaved {
        /// Decides the order within each round.
        seed: u64,
    },
    /// All trials of one engine, then all of the next, as criterion measures. It carries no
    /// verdict: drift of the machine is in its ratios.
    Sequential,
}

/// A scenario's place on the axis of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The name of the series: `concurrency`.
    pub series: String,
    /// What the number counts: "requests at a time".
    pub axis: String,
    /// The number.
    pub x: f64,
}

/// What each trial of a scenario does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// How many flags or URLs it downloads; 0 where it downloads none.
    pub requests: usize,
    /// How many requests may be in flight at a time (`seq` always has 1).
    pub concurrency: usize,
    /// How long the server waits before each answer, where that is known and the same for all.
    pub delay_s: Option<f64>,
    /// What keeps the bodies: `directory`, `memory` or `null`.
    pub store: String,
    /// Whether it downloads a user's URLs, not flags.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urls: bool,
    /// Whether the server ran on this machine and so shared its cores.
    pub server_here: bool,
}

/// What is compared: the same workload for every engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// A short name, unique in the run: `local`, `concurrency-100`.
    pub name: String,
    /// A heading for readers, as plain text.
    pub title: String,
    /// How the trials were ordered.
    pub design: Design,
    /// The series it belongs to, if it is a point of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// What each trial does.
    pub workload: Workload,
    /// The engines. The first is the baseline.
    pub engines: Vec<String>,
    /// How many rounds were asked for; there are fewer where it was interrupted. For
    /// [`Design::Sequential`], the largest number of samples.
    pub rounds: usize,
    /// When it began, as RFC 3339 in UTC.
    pub date: String,
    /// What else a reader should know, in a sentence. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// One measurement of one engine: a process that downloaded once, or one of criterion's samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The scenario's name.
    pub scenario: String,
    /// The round, from 1.
    pub round: usize,
    /// The engine's name.
    pub engine: String,
    /// Whether it is the baseline's second trial in this round: baseline against baseline shows
    /// the noise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// What it took, or why it failed.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// What it took.
    Measured(Sample),
    /// Why it failed, in the words that a user sees.
    Failed(String),
}

/// The numbers of one trial by the key of their [`Metric`](crate::metric::Metric), in SI units.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sample(pub BTreeMap<String, f64>);

/// When each step of each request of one download was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// The scenario's name.
    pub scenario: String,
    /// The engine's name.
    pub engine: String,
    /// One for each flag.
    pub spans: Vec<Span>,
}

/// The steps of one flag, in seconds from the start of the job; `None` for a step that was not
/// reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// What was downloaded: `BR`.
    pub label: String,
    /// The status in words: `ok`, `not found`, `HTTP 418 I'm a teapot`.
    pub status: String,
    /// The engine took it up: until then it was queued.
    pub started_s: Option<f64>,
    /// The head of the answer had arrived: until then it waited.
    pub first_byte_s: Option<f64>,
    /// The body was read: until then it received.
    pub body_read_s: Option<f64>,
    /// The store had kept it: until then it was being saved.
    pub saved_s: Option<f64>,
    /// The outcome was known.
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

/// The trial with its numbers as an array, in the order of `metrics`.
fn pack(trial: &Trial, metrics: &[String]) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(trial)?;
    if let Some(numbers) = value.get_mut("measured") {
        let of = |key: &String| match numbers.get(key).and_then(Value::as_f64) {
            // A whole number needs no point.
            Some(number) if number.fract() == 0.0 && number < 1e15 => Value::from(number as u64),
            Some(number) => Value::from(number),
            None => Value::Null,
        };
        let mut row: Vec<Value> = metrics.iter().map(of).collect();
        let known = row.iter().rposition(|value| !value.is_null());
        row.truncate(known.map_or(0, |last| last + 1));
        *numbers = Value::Array(row);
    }
    Ok(value)
}

fn unpack(mut value: Value, metrics: &[String]) -> serde_json::Result<Trial> {
    if let Some(Value::Array(row)) = value.get_mut("measured") {
        let row = metrics.iter().cloned().zip(std::mem::take(row));
        let numbers: Map<String, Value> = row.filter(|(_, number)| !number.is_null()).collect();
        value["measured"] = Value::Object(numbers);
    }
    serde_json::from_value(value)
}

impl Sample {
    /// A sample of the numbers that are known.
    pub fn of<'a>(numbers: impl IntoIterator<Item = (&'a str, Option<f64>)>) -> Self {
        let known = |(key, number): (&str, Option<f64>)| Some((key.to_owned(), number?));
        Self(numbers.into_iter().filter_map(known).collect())
    }

    /// The number of that key, where the system or the server told it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<f64> {
        self.0.get(key).copied()
    }
}

impl Trial {
    /// What was measured, if the trial did not fail.
    #[must_use]
    pub fn sample(&self) -> Option<&Sample> {
        match &self.outcome {
            Outcome::Measured(sample) => Some(sample),
            Outcome::Failed(_) => None,
        }
    }
}

impl Scenario {
    /// The engine that the others are compared with.
    #[must_use]
    pub fn baseline(&self) -> &str {
        self.engines.first().map_or("", String::as_str)
    }

    /// Whether engines ran in turn, so that verdicts may be given.
    #[must_use]
    pub fn is_interleaved(&self) -> bool {
        matches!(self.design, Design::Interleaved { .. })
    }
}

impl Run {
    /// A run of which nothing is measured yet.
    #[must_use]
    pub fn new(meta: Meta) -> Self {
        Self {
            meta,
            scenarios: Vec::new(),
            trials: Vec::new(),
            timelines: Vec::new(),
        }
    }

    /// Reads a run. A last line that was not written whole is passed over.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is of another format, or contradicts itself.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let end = text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        let lines = text[..end].split(|byte| *byte == b'\n');
        let run = Self::parse(lines.filter(|line| !line.is_empty()));
        run.with_context(|| format!("{} is not a run of flagrace", path.display()))
    }

    fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> anyhow::Result<Self> {
        let mut lines = lines.map(serde_json::from_slice::<Line>);
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

    /// Writes the run as one file, replacing what was there.
    ///
    /// # Errors
    ///
    /// As for [`Writer`].
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut writer = Writer::create(path, self.meta.clone())?;
        for scenario in &self.scenarios {
            writer.scenario(scenario.clone())?;
        }
        writer.trials(self.trials.clone())?;
        for timeline in &self.timelines {
            writer.timeline(timeline.clone())?;
        }
        Ok(())
    }

    /// Refuses what contradicts itself.
    fn check(&self) -> anyhow::Result<()> {
        let date = &self.meta.date;
        let like = "2025-01-31T12:00:00Z";
        ensure!(
            self.meta.day().is_some(),
            "the date {date:?} is not RFC 3339, as in {like:?}"
        );
        let mut baselines = BTreeMap::new();
        for scenario in &self.scenarios {
            let (name, baseline) = (&*scenario.name, scenario.baseline());
            let is_new = baselines.insert(name, baseline).is_none();
            ensure!(
                is_new && !baseline.is_empty(),
                "scenario {name:?} is there twice, or has no engine"
            );
        }
        let mut seen = BTreeSet::new();
        for trial in &self.trials {
            let (scenario, round, engine) = (&*trial.scenario, trial.round, &*trial.engine);
            let wrong = if !baselines.contains_key(scenario) {
                "the file has no such scenario".to_owned()
            } else if trial.control && baselines.get(scenario) != Some(&engine) {
                "`control` is for the baseline's second trial".to_owned()
            } else if !seen.insert((scenario, round, engine, trial.control)) {
                "measured twice in one round".to_owned()
            } else if let Some(wrong) = trial.sample().and_then(metric::refusal) {
                wrong
            } else {
                continue;
            };
            bail!("scenario {scenario:?}, round {round}, engine {engine:?}: {wrong}");
        }
        Ok(())
    }
}

impl Meta {
    /// The day of the run, `YYYY-MM-DD`, if the date is RFC 3339 in UTC.
    #[must_use]
    pub fn day(&self) -> Option<&str> {
        humantime::parse_rfc3339(&self.date).ok()?;
        self.date.get(..10)
    }
}

/// The keys of the metrics that are measured, in the order of a trial's numbers.
fn measured_keys() -> Vec<String> {
    let measured = METRICS.iter().filter(|metric| metric.derive.is_none());
    measured.map(|metric| metric.key.to_owned()).collect()
}

/// Writes a run while it is measured: each round as soon as it is over, so that whatever ends the
/// program costs at most the round under way. Its methods fail if the file cannot be written.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: Option<File>,
    run: Run,
}

impl Writer {
    /// A run that is kept in memory only.
    #[must_use]
    pub fn in_memory(meta: Meta) -> Self {
        Self {
            path: PathBuf::new(),
            file: None,
            run: Run::new(meta),
        }
    }

    /// A run that is kept in a file, too, which replaces what was there.
    pub fn create(path: &Path, meta: Meta) -> anyhow::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut writer = Self {
            path: path.to_path_buf(),
            file: Some(file),
            run: Run::new(meta.clone()),
        };
        writer.add([Line::Run {
            format: FORMAT,
            metrics: measured_keys(),
            meta,
        }])?;
        Ok(writer)
    }

    /// Begins a scenario.
    pub fn scenario(&mut self, scenario: Scenario) -> anyhow::Result<()> {
        self.run.scenarios.push(scenario.clone());
        self.add([Line::Scenario(scenario)])
    }

    /// Adds the trials of a round. It fails, too, if a number is not one of a metric.
    pub fn trials(&mut self, trials: Vec<Trial>) -> anyhow::Result<()> {
        let metrics = measured_keys();
        let mut lines = Vec::new();
        for trial in &trials {
            if let Some(wrong) = trial.sample().and_then(metric::refusal) {
                bail!("{}: {wrong}", trial.engine);
            }
            lines.push(Line::Trial(pack(trial, &metrics)?));
        }
        self.run.trials.extend(trials);
        self.add(lines)
    }

    /// Adds the timeline of one download.
    pub fn timeline(&mut self, timeline: Timeline) -> anyhow::Result<()> {
        self.run.timelines.push(timeline.clone());
        self.add([Line::Timeline(timeline)])
    }

    /// What is measured so far.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Adds lines in one call, so that a reader sees whole lines.
    fn add(&mut self, lines: impl IntoIterator<Item = Line>) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut text = String::new();
        for line in lines {
            text += &serde_json::to_string(&line)?;
            text.push('\n');
        }
        file.write_all(text.as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}
