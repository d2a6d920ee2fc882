//! What was measured: one [`Run`], whether `cargo bench` or `flagrace compare` made it.
//!
//! A run is one file of JSON Lines: a header, then scenarios, trials and timelines as they were
//! measured. It holds nothing that can be computed from it. Times are in seconds, memory is in
//! bytes, shares go from 0 to 1.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::metric;

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
    Run { format: u32, meta: Meta },
    Scenario(Scenario),
    Trial(Trial),
    Timeline(Timeline),
}

impl Sample {
    /// A sample of the numbers that are known.
    pub fn of<'a>(numbers: impl IntoIterator<Item = (&'a str, Option<f64>)>) -> Self {
        let known = numbers.into_iter();
        Self(
            known
                .filter_map(|(key, number)| Some((key.to_owned(), number?)))
                .collect(),
        )
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

    /// The trials of a scenario, in the order of measuring.
    pub fn trials_of<'a>(&'a self, scenario: &'a str) -> impl Iterator<Item = &'a Trial> {
        (self.trials.iter()).filter(move |trial| trial.scenario == scenario)
    }

    /// Reads a run. A last line that was not written whole is passed over.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is of another format, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read(path).map_err(Error::read(path))?;
        let end = text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        let mut lines = (text[..end].split(|byte| *byte == b'\n'))
            .filter(|line| !line.is_empty())
            .map(serde_json::from_slice::<Line>);
        let json = |source| Error::Json {
            path: path.to_path_buf(),
            expected: "a run of flagrace",
            source,
        };
        let invalid = |what: String| Error::Invalid {
            path: path.to_path_buf(),
            what,
        };
        let mut run = match lines.next().transpose().map_err(json)? {
            Some(Line::Run { format, meta }) if format == FORMAT => Self::new(meta),
            Some(Line::Run { format, .. }) => {
                return Err(Error::Format {
                    path: path.to_path_buf(),
                    found: format,
                    expected: FORMAT,
                });
            }
            _ => return Err(invalid("its first line is not a run's header".to_owned())),
        };
        for line in lines {
            match line.map_err(json)? {
                Line::Run { .. } => return Err(invalid("it has two headers".to_owned())),
                Line::Scenario(scenario) => run.scenarios.push(scenario),
                Line::Trial(trial) => run.trials.push(trial),
                Line::Timeline(timeline) => run.timelines.push(timeline),
            }
        }
        run.check().map_err(invalid)?;
        Ok(run)
    }

    /// Writes the run as one file, replacing what was there.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
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

    /// What contradicts itself: where, and what would be right.
    fn check(&self) -> Result<(), String> {
        if self.meta.day().is_none() {
            return Err(format!(
                "the date {:?} is not RFC 3339 in UTC, as in \"2025-01-31T12:00:00Z\"",
                self.meta.date
            ));
        }
        let mut baselines = BTreeMap::new();
        for scenario in &self.scenarios {
            let known = baselines.insert(&*scenario.name, scenario.baseline());
            if known.is_some() || scenario.engines.is_empty() {
                let name = &scenario.name;
                return Err(format!(
                    "scenario {name:?} is there twice, or has no engine"
                ));
            }
        }
        let mut seen = BTreeSet::new();
        for trial in &self.trials {
            let (scenario, round, engine) = (&*trial.scenario, trial.round, &*trial.engine);
            let wrong = if !baselines.contains_key(scenario) {
                Some("the file has no such scenario".to_owned())
            } else if trial.control && baselines.get(scenario) != Some(&engine) {
                Some("`control` is for the baseline's second trial".to_owned())
            } else if !seen.insert((scenario, round, engine, trial.control)) {
                Some("measured twice in one round".to_owned())
            } else {
                trial.sample().and_then(metric::refusal)
            };
            if let Some(wrong) = wrong {
                return Err(format!(
                    "scenario {scenario:?}, round {round}, engine {engine:?}: {wrong}"
                ));
            }
        }
        Ok(())
    }
}

impl Meta {
    /// The day of the run, `YYYY-MM-DD`, if the date is RFC 3339 in UTC.
    #[must_use]
    pub fn day(&self) -> Option<&str> {
        let digits = |part: &str, lengths: &[usize]| {
            let mut parts = part.split(['-', ':']);
            let fits = |length: &usize| {
                let part = parts.next().unwrap_or_default();
                part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit())
            };
            lengths.iter().all(fits)
        };
        let (day, time) = self.date.strip_suffix('Z')?.split_once('T')?;
        (digits(day, &[4, 2, 2]) && day.len() == 10 && digits(time, &[2, 2, 2]) && time.len() == 8)
            .then_some(day)
    }
}

/// Writes a run while it is measured: each round as soon as it is over, so that whatever ends the
/// program costs at most the round under way.
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
    ///
    /// # Errors
    ///
    /// If the file or its folder cannot be written.
    pub fn create(path: &Path, meta: Meta) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::write(folder))?;
        }
        let mut writer = Self {
            path: path.to_path_buf(),
            file: Some(File::create(path).map_err(Error::write(path))?),
            run: Run::new(meta.clone()),
        };
        let format = FORMAT;
        writer.add([Line::Run { format, meta }])?;
        Ok(writer)
    }

    /// Begins a scenario.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn scenario(&mut self, scenario: Scenario) -> Result<(), Error> {
        self.run.scenarios.push(scenario.clone());
        self.add([Line::Scenario(scenario)])
    }

    /// Adds the trials of a round.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn trials(&mut self, trials: Vec<Trial>) -> Result<(), Error> {
        self.run.trials.extend_from_slice(&trials);
        self.add(trials.into_iter().map(Line::Trial))
    }

    /// Adds the timeline of one download.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn timeline(&mut self, timeline: Timeline) -> Result<(), Error> {
        self.run.timelines.push(timeline.clone());
        self.add([Line::Timeline(timeline)])
    }

    /// What is measured so far.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Adds lines in one call, so that a reader sees whole lines.
    fn add(&mut self, lines: impl IntoIterator<Item = Line>) -> Result<(), Error> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut text = String::new();
        for line in lines {
            text += &serde_json::to_string(&line).map_err(Error::Serialise)?;
            text.push('\n');
        }
        file.write_all(text.as_bytes())
            .map_err(Error::write(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta() -> Meta {
        let text = || "x".to_owned();
        Meta {
            date: "2026-01-02T03:04:05Z".to_owned(),
            command: text(),
            quick: false,
            revision: text(),
            dirty: false,
            lock_hash: text(),
            rustc: text(),
            version: text(),
            host: text(),
            os: text(),
            kernel: text(),
            cpu: text(),
            cores: 2,
            memory_kib: 1,
            server: text(),
        }
    }

    fn run() -> Run {
        let scenario = Scenario {
            name: "local".to_owned(),
            title: "All flags".to_owned(),
            design: Design::Interleaved { seed: 7 },
            point: None,
            workload: Workload {
                requests: 259,
                concurrency: 20,
                delay_s: Some(0.05),
                store: "memory".to_owned(),
                urls: false,
                server_here: true,
            },
            engines: vec!["threads".to_owned(), "async".to_owned()],
            rounds: 1,
            date: "2026-01-02T03:04:05Z".to_owned(),
            note: String::new(),
        };
        let trial = |engine: &str, outcome| Trial {
            scenario: "local".to_owned(),
            round: 1,
            engine: engine.to_owned(),
            control: false,
            outcome,
        };
        // A number that a parser which rounds would not give back.
        let sample = Sample::of([(metric::WALL, Some(0.1 + 0.2)), ("threads", None)]);
        Run {
            scenarios: vec![scenario],
            trials: vec![
                trial("threads", Outcome::Measured(sample)),
                trial("async", Outcome::Failed("too many open files".to_owned())),
            ],
            ..Run::new(meta())
        }
    }

    #[test]
    fn a_run_reads_back_to_the_bit_without_an_unfinished_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/run.jsonl");
        run().write(&path).unwrap();
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"{\"trial\":{\"scen").unwrap();
        assert_eq!(Run::read(&path).unwrap(), run());
    }

    #[test]
    fn a_run_that_contradicts_itself_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let refused = |change: &dyn Fn(&mut Run)| {
            let mut run = run();
            change(&mut run);
            run.write(&path).unwrap();
            Run::read(&path).unwrap_err().to_string()
        };
        let numbers = |run: &mut Run, key: &str, number| {
            run.trials[0].outcome = Outcome::Measured(Sample::of([(key, Some(number))]));
        };
        let twice = refused(&|run| run.trials.push(run.trials[0].clone()));
        assert!(twice.contains("measured twice in one round"), "{twice}");
        let unknown = refused(&|run| numbers(run, "wall", 1.0));
        assert!(unknown.contains("\"wall\" is not a metric"), "{unknown}");
        let zero = refused(&|run| numbers(run, metric::WALL, 0.0));
        assert!(zero.contains("finite and above 0"), "{zero}");
        let control = refused(&|run| run.trials[1].control = true);
        assert!(control.contains("second trial"), "{control}");
        let lost = refused(&|run| run.trials[1].scenario = "other".to_owned());
        assert!(lost.contains("no such scenario"), "{lost}");
        let date = refused(&|run| run.meta.date = "yesterday".to_owned());
        assert!(date.contains("not RFC 3339"), "{date}");
    }
}
