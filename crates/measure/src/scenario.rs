//! Scenarios: the workloads of a comparison.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::time::Duration;

use bytesize::ByteSize;
use flagrace_core::CountryCode;
use flagrace_report::data::Point;
use flagrace_report::print::clean;
use flagrace_server::{Delay, Profile};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::Engine;

/// The built-in scenarios, as a file.
pub const BUILT_IN: &str = include_str!("../scenarios.toml");

/// Those that compare servers.
pub const SERVERS: &str = include_str!("../servers.toml");

/// The maximum number of downloads in one trial: their outcomes stay in memory, about 500 bytes
/// each.
pub const MOST: usize = 1_000_000;

/// A workload, the same for every engine. `scenarios.toml` describes the fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Scenario {
    pub name: String,
    pub title: String,
    #[serde(rename = "flags")]
    pub requests: usize,
    pub waves: usize,
    pub concurrency: usize,
    pub series: Vec<usize>,
    /// The scenario's point in its series.
    #[serde(skip)]
    pub point: Option<Point>,
    #[serde(deserialize_with = "delay")]
    pub delay: Delay,
    pub store: StoreKind,
    pub warm: bool,
    pub pin: bool,
    /// The cores of the client, if it is pinned; half of them if `None`.
    #[serde(skip)]
    pub cores: Option<usize>,
    #[serde(with = "humantime_serde")]
    pub cpu: Duration,
    pub cpu_of: Option<String>,
    pub body: Option<ByteSize>,
    /// The loads of a series; in a point of it, only its own.
    pub load: Vec<f64>,
    pub count: bool,
    pub cancel: usize,
    /// The share of connections that stay idle, where servers are compared.
    pub idle: Option<f64>,
    /// The time between two requests, in an open loop. [`compare`](crate::compare) computes it.
    #[serde(skip)]
    pub interval: Option<Duration>,
    pub engines: Vec<Engine>,
    #[serde(default = "rounds")]
    pub rounds: usize,
    pub timeline: bool,
    #[serde(default = "limit", with = "humantime_serde")]
    pub limit: Duration,
}

/// Where downloaded bodies are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// Files in a directory
    Directory,
    /// Memory, until the program ends
    Memory,
    /// Nowhere
    #[default]
    Null,
}

fn rounds() -> usize {
    20
}

fn limit() -> Duration {
    Duration::from_secs(60)
}

fn delay<'de, D: Deserializer<'de>>(text: D) -> Result<Delay, D::Error> {
    let text = String::deserialize(text)?;
    text.parse().map_err(de::Error::custom)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    scenario: Vec<Scenario>,
}

/// Parses the scenarios of a file, in order. A series becomes one scenario per point. An error is
/// one line: what is wrong and where, and what would be right.
pub fn parse(text: &str) -> Result<Vec<Scenario>, String> {
    let file: File = toml::from_str(text).map_err(|error| {
        let upto = error.span().map_or(0, |span| span.start);
        let line = text.get(..upto).unwrap_or("").matches('\n').count() + 1;
        let message = clean(error.message()).replace('\n', ", ");
        format!("line {line}: {message}")
    })?;
    let scenarios = file.scenario.into_iter();
    let mut scenarios: Vec<_> = scenarios.flat_map(Scenario::points).collect();
    let mut names = BTreeSet::new();
    for scenario in &mut scenarios {
        let is_new = names.insert(scenario.name.clone());
        if let Err(what) = scenario.check(is_new) {
            return Err(format!("scenario {:?}: {what}", scenario.name));
        }
    }
    match scenarios.is_empty() {
        true => Err("it has no [[scenario]]; `flagrace compare --help` shows one".to_owned()),
        false => Ok(scenarios),
    }
}

/// Selects scenarios by their own name or that of their series, in the order of the file.
pub fn select(scenarios: Vec<Scenario>, names: &[String]) -> Result<Vec<Scenario>, String> {
    let has = |one: &Scenario, name: &String| [&one.name, one.series_name()].contains(&&**name);
    if let Some(name) = (names.iter()).find(|name| !scenarios.iter().any(|s| has(s, name))) {
        return Err(format!(
            "there is no scenario {name:?}; `--list` names them, and `all` means every one"
        ));
    }
    let is_wanted = |scenario: &Scenario| names.iter().any(|name| has(scenario, name));
    Ok(scenarios.into_iter().filter(is_wanted).collect())
}

/// This many flags: first the 20 most populous countries, then all others, repeatedly.
pub fn flags(n: usize) -> Vec<CountryCode> {
    let mut codes = CountryCode::popular();
    for flag in flagrace_catalog::all() {
        codes.extend(flag.code.parse().ok().filter(|code| !codes.contains(code)));
    }
    codes.into_iter().cycle().take(n).collect()
}

impl Scenario {
    /// One scenario per point of the series, or the scenario itself.
    fn points(self) -> Vec<Self> {
        let (what, unit) = match self.idle {
            None => ("requests", "at a time".to_owned()),
            Some(idle) => ("", format!("connections, {} % of them idle", idle * 100.0)),
        };
        let at = |x: &usize| {
            let mut point = self.point(*x as f64, what, &unit);
            point.concurrency = *x;
            if let Some(idle) = point.idle_connections() {
                // A few connections wait for each answer: it would take long.
                point.requests = point.requests.min((*x - idle).saturating_mul(2_000));
                point.title = point.title.replace(" 1 connections", " 1 connection");
            }
            point
        };
        let under = |load: &f64| Self {
            load: vec![*load],
            ..self.point((load * 100.0).round(), "load,", "% of capacity")
        };
        match (&*self.series, &*self.load) {
            ([], loads) if loads.is_empty() || self.idle.is_some() => vec![self],
            ([], loads) => loads.iter().map(under).collect(),
            (series, _) => series.iter().map(at).collect(),
        }
    }

    fn point(&self, x: f64, what: &str, unit: &str) -> Self {
        Self {
            name: format!("{}-{x}", self.name),
            title: format!("{}, {x} {unit}", self.title),
            point: Some(Point {
                series: self.name.clone(),
                axis: format!("{what} {unit}").trim().to_owned(),
                x,
            }),
            ..self.clone()
        }
    }

    /// Computes the number of flags from the waves, and rejects an invalid scenario: in one line,
    /// what would be right. `is_new` is whether no other has its name.
    pub fn check(&mut self, is_new: bool) -> Result<(), String> {
        use Engine::{AsyncBare, AsyncMultiBare, ThreadsBare};
        let is_server = |engine: &Engine| engine.model().is_some();
        let can_send = |engine: &Engine| {
            matches!(engine, ThreadsBare | AsyncBare | AsyncMultiBare) || is_server(engine)
        };
        let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let has_either = (self.requests == 0) != (self.waves == 0);
        let has_more = self.warm || self.timeline || !self.load.is_empty();
        let is_of_flags = self.warm || self.timeline || self.count || self.cancel > 0;
        let has_bodies = self.body.is_some() || self.store != StoreKind::Null;
        let takes_time = self.delay != Delay::default() || !self.cpu.is_zero();
        let can_serve = |idle| {
            let is_plain = !is_of_flags && !has_bodies && !takes_time && self.load.len() == 1;
            is_plain && (0.0..1.0).contains(&idle) && self.engines[0] == Engine::CharsThread
        };
        let in_waves = std::mem::take(&mut self.waves).saturating_mul(self.concurrency);
        self.requests = self.requests.saturating_add(in_waves);
        let most = format!("concurrency and flags (waves x concurrency) must be from 1 to {MOST}");
        let wrong = if self.name.is_empty() || self.name == "all" || !self.name.chars().all(safe) {
            "a name is lower-case letters, digits and dashes, not \"all\""
        } else if !is_new {
            "the name is not unique; a series adds a dash and its number to its name"
        } else if self.title.is_empty() || self.title.chars().any(char::is_control) {
            "a title is one line of text without control characters"
        } else if Engine::each_once(&self.engines) != self.engines {
            "it names an engine twice; the baseline runs twice anyway"
        } else if self.engines.is_empty() || self.rounds == 0 || self.limit.is_zero() {
            "engines, rounds and limit must not be empty or 0"
        } else if !has_either {
            "it needs either flags or waves, at least 1"
        } else if self.concurrency == 0 || self.requests.max(self.concurrency) > MOST {
            &most
        } else if self.cpu_of.is_some() && (self.cpu.is_zero() || !self.has_cpu_of()) {
            "cpu_of is the code of one of its flags, such as \"BR\", and needs cpu"
        } else if self.body.is_some_and(|size| size > ByteSize::gib(1)) {
            "body is the size of each image, at most 1GiB"
        } else if !(self.load.iter()).all(|load| *load > 0.0 && *load <= 2.0) {
            "each load is a share of the capacity, above 0 and at most 2"
        } else if (self.engines.iter()).any(|one| is_server(one) != self.idle.is_some()) {
            "idle and engines of chars-thread, chars-task and chars-task-multi need each other"
        } else if !self.idle.is_none_or(can_serve) {
            "servers need idle, from 0 to below 1, one load, and chars-thread first; besides they may \
             have series, pin, rounds and limit"
        } else if self.idle.is_none() && !self.load.is_empty() && !self.series.is_empty() {
            "it needs either series or load"
        } else if !self.load.is_empty() && !self.engines.iter().all(can_send) {
            "load needs engines of threads-bare, async-bare and async-multi-bare"
        } else if self.count && !self.warm {
            "count needs warm = true, so that only requests are counted"
        } else if self.cancel_after() > Some(self.requests) || self.cancel > 0 && has_more {
            "cancel is a number of waves, at most all, without warm, load and timeline"
        } else {
            return Ok(());
        };
        Err(wrong.to_owned())
    }

    /// The name of its series, or its own.
    pub(crate) fn series_name(&self) -> &str {
        let point = self.point.as_ref();
        point.map_or(&self.name, |point| &point.series)
    }

    /// The number of requests after which the job is cancelled.
    pub(crate) fn cancel_after(&self) -> Option<usize> {
        (self.cancel > 0).then(|| self.cancel.saturating_mul(self.concurrency))
    }

    /// The number of connections that stay idle, where servers are compared: all but one at most.
    pub(crate) fn idle_connections(&self) -> Option<usize> {
        let idle = (self.idle? * self.concurrency as f64).round() as usize;
        Some(idle.min(self.concurrency.saturating_sub(1)))
    }

    fn has_cpu_of(&self) -> bool {
        let code = self.cpu_of.as_ref().and_then(|code| code.parse().ok());
        code.is_some_and(|code| flags(self.requests).contains(&code))
    }

    pub(crate) fn profile(&self) -> Profile {
        Profile {
            body: self.body.map(|size| size.as_u64()),
            ..Profile::delayed_by(self.delay)
        }
    }

    /// The mean delay of its flags, and how long all take if nothing else does: a worker that is
    /// free takes the next.
    pub(crate) fn delays(&self) -> (Duration, Duration) {
        let (profile, flags) = (self.profile(), flags(self.requests));
        let mut workers = BinaryHeap::from(vec![Reverse(Duration::ZERO); self.concurrency]);
        let (mut sum, mut last) = (Duration::ZERO, Duration::ZERO);
        for delay in flags.iter().map(|code| profile.plan(*code).delay) {
            let Reverse(free) = workers.pop().unwrap_or_default();
            workers.push(Reverse(free + delay));
            (sum, last) = (sum + delay, last.max(free + delay));
        }
        (sum / self.requests as u32, last)
    }

    /// The requests a second of an open loop.
    pub(crate) fn rate(&self) -> Option<f64> {
        Some(1.0 / self.interval?.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use flagrace_fuzz::mutated;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_delay_is_the_mean_of_the_flags() {
        let mut own = parse(OWN).unwrap().remove(0);
        assert_eq!(own.delays(), [5, 5].map(Duration::from_millis).into());
        own.delay = "0ms..10ms".parse().unwrap();
        let delay = |code| own.profile().plan(code).delay;
        let all: Duration = flags(5).into_iter().map(delay).sum();
        assert!(own.delays().0 == all / 5 && !all.is_zero());
        own.concurrency = 1;
        assert_eq!(own.delays(), (all / 5, all));
    }

    #[test]
    fn popular_flags_come_first_and_every_flag_once_before_any_again() {
        let all = flagrace_catalog::all().len();
        let flags = flags(all + 1);
        assert_eq!(flags[..20], CountryCode::popular());
        assert_eq!(flags[all], flags[0]);
        assert_eq!(BTreeSet::from_iter(&flags).len(), all);
    }

    const OWN: &str = "\
[[scenario]]
name = 'own'
title = 'Own'
concurrency = 5
engines = ['async']
flags = 5
delay = '5ms'
";
    const SERVED: &str = "['async']\nflags = 5\ndelay = '5ms'";

    #[rstest]
    #[case("flags = 5", "colour = 'red'", "line 6: unknown field `colour`")]
    #[case("flags = 5", "\"\\u001b\\r\" = 5", "unknown field")]
    #[case("flags = 5", "flags = 5\nwaves = 2", "either flags or waves")]
    #[case("flags = 5", "waves = 3689348814741910324", "from 1 to 1000000")]
    #[case("'5ms'", "'long'", "line 7: 'long' is not a delay")]
    #[case("'Own'", "\"two\\nlines\"", "a title is one line")]
    #[case("'own'", "'all'", "not \"all\"")]
    #[case("engines = ['async']", "", "engines, rounds and limit must not")]
    #[case("['async']", "['seq', 'async', 'seq']", "names an engine twice")]
    #[case("concurrency = 5", "series = [3, 3]", "\"own-3\": the name is not")]
    #[case("'5ms'", "'5ms'\ncpu_of = 'BR'", "and needs cpu")]
    #[case("'5ms'", "'5ms'\ncpu = '1ms'\ncpu_of = 'XX'", "one of its flags")]
    #[case("'5ms'", "'5ms'\nbody = '2GiB'", "at most 1GiB")]
    #[case("'5ms'", "'5ms'\nload = [0.5]", "load needs engines of threads-bare")]
    #[case("['async']", "['async-bare']\nload = [0.0]", "above 0 and at most 2")]
    #[case("['async']", "['async-bare']\nload = [1.0]\nseries = [5]", "or load")]
    #[case("'5ms'", "'5ms'\ncount = true", "count needs warm")]
    #[case("'5ms'", "'5ms'\ncancel = 2", "cancel is a number of waves")]
    #[case("'5ms'", "'5ms'\ncancel = 1\nwarm = true", "without warm")]
    #[case("'5ms'", "'5ms'\nidle = 0.5", "need each other")]
    #[case(
        SERVED,
        "['chars-thread']\nflags = 5\nload = [0.5]\nidle = 1.0",
        "servers need idle"
    )]
    #[case(SERVED, "['chars-thread']\nflags = 5\nidle = 0.5", "servers need idle")]
    #[case(
        "['async']",
        "['chars-thread']\nload = [0.5]\nidle = 0.5",
        "servers need idle"
    )]
    #[case(OWN, "", "it has no [[scenario]]")]
    fn an_error_in_a_file_is_one_line(
        #[case] part: &str,
        #[case] other: &str,
        #[case] expected: &str,
    ) {
        assert!(parse(OWN).is_ok());
        let error = parse(&OWN.replace(part, other)).unwrap_err();
        let is_one_line = !error.contains(char::is_control);
        assert!(is_one_line && error.contains(expected), "{error:?}");
    }

    proptest! {
        #[test]
        fn any_file_has_scenarios_that_can_run_or_an_error_of_one_line(
            file in mutated(vec![OWN.to_owned(), BUILT_IN.to_owned()])
        ) {
            let read = parse(&String::from_utf8_lossy(&file));
            // More flags would take a while.
            for one in read.iter().flatten().filter(|one| one.requests < 1000) {
                one.delays();
            }
            let error = read.err().unwrap_or_default();
            prop_assert!(!error.contains(char::is_control), "{error:?}");
        }
    }
}
