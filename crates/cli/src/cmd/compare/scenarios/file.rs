//! A file of scenarios, in TOML.

use flagrace_report::comparison::Family;
use flagrace_server::{Delay, Profile};
use serde::Deserialize;

use super::{ALL, Scenario, Work};
use crate::args::{MOST, StoreKind};
use crate::engine::Engine;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    scenario: Vec<Entry>,
}

/// A scenario or a family of them, as a file has it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub name: String,
    title: String,
    flags: Option<Flags>,
    waves: Option<usize>,
    concurrency: Numbers,
    delay: Option<String>,
    #[serde(default)]
    error_rate: f64,
    #[serde(default)]
    metadata: bool,
    #[serde(default)]
    store: StoreKind,
    engines: Vec<Engine>,
    rounds: usize,
    #[serde(default)]
    timeline: bool,
    patience: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "flags must be \"popular\", \"all\", a number, or a list of numbers"
)]
enum Flags {
    Some(SomeFlags),
    Numbers(Numbers),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SomeFlags {
    Popular,
    All,
}

#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "expected a number, or a list of numbers")]
enum Numbers {
    One(usize),
    Many(Vec<usize>),
}

impl Numbers {
    fn each(&self) -> &[usize] {
        match self {
            Self::One(number) => std::slice::from_ref(number),
            Self::Many(numbers) => numbers,
        }
    }

    fn is_family(&self) -> bool {
        matches!(self, Self::Many(_))
    }
}

/// The entries of a file.
pub fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let file: File = toml::from_str(text).map_err(|error| {
        let upto = error.span().map_or(0, |span| span.start);
        let line = text.get(..upto).unwrap_or("").matches('\n').count() + 1;
        format!("line {line}: {}", error.message().replace('\n', ", "))
    })?;
    Ok(file.scenario)
}

impl Entry {
    /// The scenarios that it stands for: one, or a family's.
    pub fn expand(&self) -> Result<Vec<Scenario>, String> {
        let (flags, is_curve) = match &self.flags {
            Some(Flags::Numbers(numbers)) => {
                let flags = numbers.each().iter().copied().map(Some).collect();
                (flags, numbers.is_family())
            }
            _ => (vec![None], false),
        };
        let concurrency = self.concurrency.each();
        if flags.is_empty() || concurrency.is_empty() {
            return Err("a list of flags or of concurrency has a number at least".into());
        }
        if is_curve && concurrency.len() > 1 {
            return Err("either flags or concurrency may be a list, not both".into());
        }
        let mut scenarios = Vec::new();
        for flags in flags {
            for &at_a_time in concurrency {
                let scenario = self.one(flags, at_a_time)?;
                scenarios.push(match flags {
                    Some(flags) if is_curve => self.member("flags", flags, scenario),
                    _ if self.concurrency.is_family() => {
                        self.member("at a time", at_a_time, scenario)
                    }
                    _ => scenario,
                });
            }
        }
        Ok(scenarios)
    }

    fn member(&self, axis: &str, x: usize, scenario: Scenario) -> Scenario {
        Scenario {
            name: format!("{}-{x}", self.name),
            title: format!("{}, {x} {axis}", self.title),
            family: Some(Family {
                name: self.name.clone(),
                axis: match axis {
                    "at a time" => "requests at a time",
                    axis => axis,
                }
                .to_owned(),
                x: x as f64,
            }),
            ..scenario
        }
    }

    fn one(&self, flags: Option<usize>, concurrency: usize) -> Result<Scenario, String> {
        if self.name.is_empty() || self.name == ALL {
            return Err(format!(
                "a name is not empty, and not '{ALL}', which means every one"
            ));
        }
        let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !self.name.chars().all(safe) {
            return Err("a name has lower-case letters, digits and dashes only".into());
        }
        if self.title.chars().any(char::is_control) {
            return Err("a title is one line, and has nothing that steers a terminal".into());
        }
        let work = match (&self.flags, self.waves, flags) {
            (Some(Flags::Some(SomeFlags::Popular)), None, _) => Work::Popular,
            (Some(Flags::Some(SomeFlags::All)), None, _) => Work::All,
            (Some(_), None, Some(n)) => Work::Flags(n),
            (None, Some(waves), _) => Work::Flags(waves.saturating_mul(concurrency)),
            _ => return Err("it must say either flags or waves".into()),
        };
        if concurrency == 0 || work == Work::Flags(0) || self.rounds == 0 {
            return Err("flags, waves, concurrency and rounds are at least 1".into());
        }
        let most = match work {
            Work::Flags(flags) => flags.max(concurrency),
            _ => concurrency,
        };
        if most > MOST {
            return Err(format!(
                "flags (waves x concurrency) and concurrency are at most {MOST}"
            ));
        }
        if !(0.0..=1.0).contains(&self.error_rate) {
            return Err(format!(
                "error_rate is {}; it must be from 0 to 1",
                self.error_rate
            ));
        }
        let delay = self.delay.as_deref().map(str::parse::<Delay>).transpose();
        let delay = delay.map_err(|error| error.to_string())?;
        let engines = &self.engines;
        let twice = (1..engines.len()).find(|&n| engines[..n].contains(&engines[n]));
        if let Some(n) = twice {
            return Err(format!(
                "it names the engine {} twice; the baseline has its second trial without that",
                engines[n].name()
            ));
        }
        if engines.is_empty() {
            return Err("it names no engine; the first is the baseline".into());
        }
        let patience = self.patience.as_deref().unwrap_or("60s");
        let patience =
            crate::args::some_time(patience).map_err(|why| format!("patience: {why}"))?;
        Ok(Scenario {
            name: self.name.clone(),
            title: self.title.clone(),
            family: None,
            work,
            concurrency,
            profile: Profile {
                delay: delay.unwrap_or_default(),
                delayed: if delay.is_some() { 1.0 } else { 0.0 },
                error_rate: self.error_rate,
                ..Profile::default()
            },
            metadata: self.metadata,
            store: self.store,
            engines: engines.clone(),
            rounds: self.rounds,
            timeline: self.timeline,
            patience,
        })
    }
}
