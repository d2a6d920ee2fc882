//! The project's own raw format: every sample of a run, and what a reader needs
//! in order to judge or repeat it.
//!
//! It holds what was measured and nothing that can be computed from it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::quantity::Quantity;

/// The version of the raw format that this crate writes and reads.
pub const FORMAT: u32 = 1;

/// One run of the benchmarks on one machine at one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The version of the format, [`FORMAT`].
    pub format: u32,
    /// When, where and of what.
    pub meta: Meta,
    /// What was measured.
    pub groups: Vec<Group>,
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
    /// Whether the source had changes that were not committed.
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
    /// Where the server ran, in words: "a process of its own, same machine, 127.0.0.1".
    pub server: String,
}

/// Measurements that are compared with each other: one table.
// Fields that are not known are passed over: runs recorded earlier have an `ideal_delay_s`, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// A short name, unique in the run: `latency`.
    pub name: String,
    /// A heading for readers.
    pub title: String,
    /// What a scenario's label counts, with its unit: "server delay, ms".
    pub scenario_axis: String,
    /// What the samples are amounts of. Left out of the file where it is time.
    #[serde(default, skip_serializing_if = "Quantity::is_default")]
    pub quantity: Quantity,
    /// The engine that the others are compared with, where it was measured. `None`, or
    /// one that was not: `seq`, or the first column where `seq` was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Flags that one sample downloads; 0 where it downloads none, as in set-up.
    pub flags: usize,
    /// What else a reader should know, as Markdown. May be empty.
    #[serde(default)]
    pub note: String,
    /// One cell for each engine and scenario.
    pub cells: Vec<Cell>,
}

/// The samples of one engine in one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The engine's name.
    pub engine: String,
    /// The scenario's label, such as `10` or `memory`. Empty where there is only one.
    pub scenario: String,
    /// The label as a number, where it is one: its place on a plot's axis.
    pub x: Option<f64>,
    /// One number a sample, in the order of measuring. In a group of times the
    /// seconds of one `download_many`, or of one set-up; in one of memory, bytes.
    pub samples: Vec<f64>,
}

impl Run {
    /// A run in the current format.
    #[must_use]
    pub fn new(meta: Meta, groups: Vec<Group>) -> Self {
        Self {
            format: FORMAT,
            meta,
            groups,
        }
    }

    /// The group of that name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }

    /// What contradicts itself in this run, or `Ok`.
    ///
    /// # Errors
    ///
    /// A sentence that names the group and the cell and says what would be right.
    pub fn check(&self) -> Result<(), String> {
        self.meta.check()?;
        let mut names = BTreeSet::new();
        for group in &self.groups {
            if !names.insert(&group.name) {
                return Err(format!("there is more than one group {:?}", group.name));
            }
            group.check()?;
        }
        Ok(())
    }
}

impl Meta {
    /// Refuses a date that is none: it becomes a folder's name.
    pub(crate) fn check(&self) -> Result<(), String> {
        let none = || {
            format!(
                "the date {:?} is not RFC 3339 in UTC, as in \"2025-01-31T12:00:00Z\"",
                self.date
            )
        };
        self.day().map(|_| ()).ok_or_else(none)
    }

    /// The day of the run, `YYYY-MM-DD`, if the date is RFC 3339 in UTC.
    #[must_use]
    pub fn day(&self) -> Option<&str> {
        let shape = |text: &str, like: &str| {
            text.len() == like.len()
                && text.bytes().zip(like.bytes()).all(|(byte, as_in)| {
                    if as_in == b'0' {
                        byte.is_ascii_digit()
                    } else {
                        byte == as_in
                    }
                })
        };
        let (day, time) = self.date.split_once('T')?;
        let time = time.strip_suffix('Z')?;
        let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
        (shape(day, "0000-00-00") && shape(whole, "00:00:00")).then_some(day)
    }

    /// The first thing by which two are not of the same run, which is of one source built by one
    /// compiler, measured in one way on one machine: what it is, and what it is here and there.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let key = |meta: &Self| {
            [
                ("revision", meta.revision.clone()),
                ("uncommitted changes", yes_or_no(meta.dirty)),
                ("lock file", meta.lock_hash.clone()),
                ("compiler", meta.rustc.clone()),
                ("host", meta.host.clone()),
                ("number of cores", meta.cores.to_string()),
                ("server", meta.server.clone()),
                ("quick run", yes_or_no(meta.quick)),
            ]
        };
        (key(self).into_iter().zip(key(other)))
            .find(|((_, here), (_, there))| here != there)
            .map(|((what, here), (_, there))| (what, here, there))
    }
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

impl Group {
    fn check(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for cell in &self.cells {
            let place = format!(
                "group {:?}, engine {:?}, scenario {:?}",
                self.name, cell.engine, cell.scenario
            );
            if !seen.insert((&cell.engine, &cell.scenario)) {
                return Err(format!("{place}: measured more than once"));
            }
            if cell.x.is_some_and(|x| !x.is_finite()) {
                return Err(format!("{place}: its x is no number; leave it out"));
            }
            if cell.samples.is_empty() {
                return Err(format!("{place}: no samples; at least one is needed"));
            }
            let mut refusals = (cell.samples.iter()).filter_map(|s| self.quantity.refusal(*s));
            if let Some(refusal) = refusals.next() {
                return Err(format!("{place}: {refusal}"));
            }
        }
        Ok(())
    }
}
