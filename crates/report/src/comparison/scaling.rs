//! Families: how what a flag takes changes with one number.
//!
//! Wall time is that of the whole process, because making 10,000 threads is part of what
//! 10,000 threads cost. The ideal counts nothing but the server's delay, so that where both
//! are short the start of a process already shows.

use serde::Serialize;

use super::metric::Metric;
use super::raw::{Family, Scenario};
use super::rows::{Kind, Row, Table};
use crate::format;
use crate::old_page::join;
use crate::quantity::Quantity;
use crate::stats::{self, Interval, Summary};
use crate::table;

/// From how many times the ideal on an engine has left it.
pub const LEAVES: f64 = 1.5;

/// What is told of a point.
pub type Of = fn(&Point) -> Option<Summary>;

/// The curves of a family: what each is called, what it counts, and its numbers.
pub const PANELS: [(&str, Quantity, Of); 3] = [
    ("Wall time per flag", Quantity::Time, |at| at.wall_per_flag),
    (
        "Memory per flag allowed in flight",
        Quantity::Memory,
        |at| at.memory_per_flag,
    ),
    (
        "Processor time of the client per flag",
        Quantity::Time,
        |at| at.cpu_per_flag,
    ),
];

/// The engine that has one request in flight whatever is asked of it.
const ONE_AT_A_TIME: &str = "seq";

/// What the error of a trial begins with that did not take place, because the engine took too
/// long at a smaller number of the family.
pub const NOT_RUN: &str = "not run: ";

/// The family in which flags grow and concurrency does not.
const FLAGS: &str = "flags";

/// A family of scenarios as curves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curves {
    /// The family's name.
    pub family: String,
    /// What the number counts.
    pub axis: String,
    /// The names of the scenarios that are its points, by x.
    pub scenarios: Vec<String>,
    /// The numbers at which there is a scenario, in order.
    pub numbers: Vec<f64>,
    /// The least wall time per flag at each number: `(x, seconds)`, by x.
    pub ideal: Vec<(f64, f64)>,
    /// One for each engine, in the order of the tables.
    pub curves: Vec<Curve>,
}

/// An engine in a family.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// The engine's name.
    pub engine: String,
    /// One for each scenario of the family that it was tried in, by x.
    pub points: Vec<Point>,
}

/// An engine in one scenario of a family.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The number.
    pub x: f64,
    /// How many flags can be in flight at a time.
    pub in_flight: usize,
    /// Wall time of the whole process over the number of flags, in seconds.
    pub wall_per_flag: Option<Summary>,
    /// Peak memory less what there was before, over the flags in flight, in bytes.
    pub memory_per_flag: Option<Summary>,
    /// Processor time of the client over the number of flags, in seconds.
    pub cpu_per_flag: Option<Summary>,
    /// Peak memory of the process, in bytes.
    pub peak_memory: Option<Summary>,
    /// The least wall time per flag, where it is known: ceil(N/C) x delay / N.
    pub ideal_s: Option<f64>,
    /// Whether its wall time is the server's: then it tells nothing of the engine.
    pub server_is_the_limit: bool,
    /// Why it came to nothing, if it did in every trial.
    pub failed: Option<String>,
}

impl Point {
    /// What can be said of its wall time: nothing where the server was the limit.
    fn judged(&self) -> Option<Summary> {
        self.wall_per_flag.filter(|_| !self.server_is_the_limit)
    }

    /// Whether it has left the ideal: its whole interval is above [`LEAVES`] times it, or
    /// with too few rounds for an interval, every trial.
    #[must_use]
    pub fn left_the_ideal(&self) -> bool {
        let low = self.judged().map(|wall| wall.spread().0);
        matches!((low, self.ideal_s), (Some(low), Some(ideal)) if low > LEAVES * ideal)
    }
}

/// The families of a comparison, in the order of its scenarios.
#[must_use]
pub fn build(tables: &[Table]) -> Vec<Curves> {
    let mut families: Vec<&Family> = Vec::new();
    for family in tables
        .iter()
        .filter_map(|table| table.scenario.family.as_ref())
    {
        if !families.iter().any(|known| known.name == family.name) {
            families.push(family);
        }
    }
    families
        .into_iter()
        .map(|family| curves(family, tables))
        .collect()
}

fn curves(family: &Family, tables: &[Table]) -> Curves {
    let mut members: Vec<(f64, &Table)> = (tables.iter())
        .filter_map(|table| Some((table.scenario.family.as_ref()?, table)))
        .filter(|(member, _)| member.name == family.name)
        .map(|(member, table)| (member.x, table))
        .collect();
    members.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut engines: Vec<&str> = Vec::new();
    let rows = || members.iter().flat_map(|(_, table)| engines_of(table));
    for row in rows() {
        if !engines.contains(&&*row.engine) {
            engines.push(&row.engine);
        }
    }
    engines.sort_by_key(|engine| (table::place(engine), *engine));
    let curve = |engine: &str| Curve {
        engine: engine.to_owned(),
        points: (members.iter())
            .filter_map(|(x, table)| {
                let row = engines_of(table).find(|row| row.engine == engine)?;
                Some(point(*x, &table.scenario, row))
            })
            .collect(),
    };
    Curves {
        family: family.name.clone(),
        axis: family.axis.clone(),
        scenarios: (members.iter())
            .map(|(_, table)| table.scenario.name.clone())
            .collect(),
        numbers: members.iter().map(|(x, _)| *x).collect(),
        ideal: (members.iter())
            .filter_map(|(x, table)| Some((*x, ideal(&table.scenario)?)))
            .collect(),
        curves: engines.into_iter().map(curve).collect(),
    }
}

fn engines_of(table: &Table) -> impl Iterator<Item = &Row> {
    table.rows.iter().filter(|row| row.kind != Kind::Noise)
}

/// No engine can be faster than the server's delay for each wave of requests.
fn ideal(scenario: &Scenario) -> Option<f64> {
    let waves = scenario.flags.div_ceil(scenario.concurrency.max(1));
    Some(waves as f64 * scenario.delay_s? / scenario.flags.max(1) as f64)
}

fn point(x: f64, scenario: &Scenario, row: &Row) -> Point {
    let flags = scenario.flags.max(1) as f64;
    let in_flight = match row.engine.as_str() {
        ONE_AT_A_TIME => 1,
        _ => scenario.concurrency.min(scenario.flags).max(1),
    };
    let per = |metric, number: f64| row.figure(metric).map(|all| scaled(all, number));
    Point {
        x,
        in_flight,
        wall_per_flag: per(Metric::Wall, flags),
        memory_per_flag: per(Metric::MemoryGrown, in_flight as f64),
        cpu_per_flag: per(Metric::Client, flags),
        peak_memory: row.figure(Metric::PeakMemory).copied(),
        ideal_s: ideal(scenario),
        server_is_the_limit: row.server_is_the_limit(),
        failed: match row.figure(Metric::Wall) {
            None => row.failures.first().map(|failure| failure.error.clone()),
            Some(_) => None,
        },
    }
}

/// A summary in shares of `number`: dividing moves no sample past another.
fn scaled(all: &Summary, number: f64) -> Summary {
    Summary {
        n: all.n,
        median: all.median / number,
        interval: all.interval.map(|interval| Interval {
            low: interval.low / number,
            high: interval.high / number,
            ..interval
        }),
        min: all.min / number,
        max: all.max / number,
    }
}

impl Curve {
    /// The number from which on the engine has left the ideal, up to the last at which it
    /// was measured; `None` where it has not, or had come back by then.
    #[must_use]
    pub fn leaves_at(&self) -> Option<f64> {
        let measured = self.points.iter().rev().filter(|p| p.judged().is_some());
        let left = measured.take_while(|point| point.left_the_ideal());
        left.last().map(|point| point.x)
    }

    /// The least number at which every trial came to nothing, and why.
    #[must_use]
    pub fn fails_at(&self) -> Option<(f64, &str)> {
        (self.points.iter()).find_map(|point| Some((point.x, point.failed.as_deref()?)))
    }
}

impl Curves {
    /// Where each engine leaves the ideal and where it fails, a sentence each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences: Vec<String> = (self.curves.iter())
            .flat_map(|curve| {
                [self.sentence(curve), served(curve), self.failure(curve)]
                    .into_iter()
                    .flatten()
            })
            .collect();
        sentences.extend(self.curves.iter().filter_map(|curve| memory(self, curve)));
        sentences
    }

    /// The whole family in two sentences: how far all stay near the ideal, and what a flag
    /// takes at the largest number, the fastest first. `None` where nobody came to anything.
    #[must_use]
    pub fn headline(&self) -> Option<String> {
        let last = *self.numbers.last()?;
        let at_last = || (self.curves.iter()).flat_map(|c| c.points.iter().map(move |p| (c, p)));
        let at_last = || at_last().filter(|(_, point)| point.x == last);
        let mut took: Vec<(f64, &str)> = at_last()
            .filter_map(|(curve, point)| Some((point.judged()?.median, &*curve.engine)))
            .collect();
        took.sort_by(|a, b| a.0.total_cmp(&b.0));
        let served = at_last().filter(|(_, point)| point.server_is_the_limit);
        let served: Vec<String> = served.map(|(curve, _)| curve.engine.clone()).collect();
        if took.is_empty() && served.is_empty() {
            return None;
        }
        let said = took
            .iter()
            .map(|(seconds, engine)| format!("{} with {engine}", format::seconds(*seconds)));
        let (not_run, failed): (Vec<_>, Vec<_>) = at_last()
            .filter_map(|(curve, point)| Some((curve.engine.clone(), point.failed.as_deref()?)))
            .partition(|(_, why)| why.starts_with(NOT_RUN));
        let names = |all: Vec<(String, &str)>| all.into_iter().map(|(name, _)| name).collect();
        let (not_run, failed): (Vec<String>, Vec<String>) = (names(not_run), names(failed));
        let mut text = format!("At {} {}", format::thousands(last), self.axis);
        if !took.is_empty() {
            text += &format!(" a flag takes {}", join(&said.collect::<Vec<_>>()));
            if let Some((_, ideal)) = self.ideal.iter().find(|(x, _)| *x == last) {
                text += &format!("; the ideal is {}", format::seconds(*ideal));
            }
        }
        if !served.is_empty() {
            let and = if took.is_empty() { "" } else { "; there" };
            text += &format!("{and} the server was the limit with {}", join(&served));
        }
        text.push('.');
        match &failed[..] {
            [] => {}
            [one] => text += &format!(" {one} fails."),
            many => text += &format!(" {} fail.", join(many)),
        }
        if !not_run.is_empty() {
            let was = if not_run.len() == 1 { "was" } else { "were" };
            let who = join(&not_run);
            text += &format!(" {who} {was} not run there, after taking too long before.");
        }
        if let Some(x) = self.all_stay_until() {
            let x = format::thousands(x);
            text += &format!(" Up to {x} every engine stays within {LEAVES} times the ideal.");
        }
        Some(text)
    }

    /// The largest number up to which all engines stay near the ideal, where one of them
    /// leaves it for good after that.
    fn all_stay_until(&self) -> Option<f64> {
        let leaves = self.curves.iter().filter_map(Curve::leaves_at);
        let fails = self.curves.iter().filter_map(Curve::fails_at);
        let first = leaves.chain(fails.map(|(x, _)| x)).min_by(f64::total_cmp)?;
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let before = *self.numbers.iter().rev().find(|x| **x < first)?;
        let left = |point: &Point| point.left_the_ideal() || point.server_is_the_limit;
        let left = points().any(|point| point.x <= before && left(point));
        (!left && !self.ideal.is_empty()).then_some(before)
    }

    fn sentence(&self, curve: &Curve) -> Option<String> {
        let engine = &curve.engine;
        if self.ideal.is_empty() {
            return None;
        }
        let measured = || curve.points.iter().filter(|p| p.judged().is_some());
        let last = measured().next_back()?.x;
        let above: Vec<String> = (measured().filter(|p| p.left_the_ideal()))
            .map(|point| format::thousands(point.x))
            .collect();
        let last_word = format::thousands(last);
        Some(match curve.leaves_at() {
            Some(x) if above.len() == measured().filter(|p| p.x >= x).count() => {
                let times = measured()
                    .next_back()
                    .and_then(|p| stats::ratio(p.wall_per_flag?.median, p.ideal_s?));
                let times = times.map(format::ratio).unwrap_or_default();
                format!(
                    "{engine} takes more than {LEAVES} times the ideal from {} on; at {last_word} it takes {times} the ideal.",
                    format::thousands(x)
                )
            }
            _ if above.is_empty() => {
                format!("{engine} stays within {LEAVES} times the ideal up to {last_word}.")
            }
            _ => format!(
                "{engine} takes more than {LEAVES} times the ideal at {}, and nowhere else up to {last_word}.",
                above.join(", ")
            ),
        })
    }

    fn failure(&self, curve: &Curve) -> Option<String> {
        let (x, why) = curve.fails_at()?;
        Some(format!(
            "{} fails at {}: {why}.",
            curve.engine,
            format::thousands(x)
        ))
    }
}

/// Where nothing can be said of an engine's time.
fn served(curve: &Curve) -> Option<String> {
    let points = curve
        .points
        .iter()
        .filter(|point| point.server_is_the_limit);
    let numbers: Vec<String> = points.map(|point| format::thousands(point.x)).collect();
    let at = join(&numbers);
    (!numbers.is_empty()).then(|| format!("{}: the server was the limit at {at}.", curve.engine))
}

/// How memory grows while the number of flags does, which should cost none: from the least
/// number that keeps all of the concurrency busy.
fn memory(curves: &Curves, curve: &Curve) -> Option<String> {
    if curves.family != FLAGS {
        return None;
    }
    let busy = curve.points.iter().map(|point| point.in_flight).max()?;
    let points = curve.points.iter().filter(|point| point.in_flight == busy);
    let mut measured = points.filter_map(|point| Some((point.x, point.peak_memory?.median)));
    let (least, before) = measured.next()?;
    let (most, after) = measured.next_back()?;
    Some(format!(
        "{}: peak memory is {} at {} flags and {} at {} ({}).",
        curve.engine,
        format::bytes(before),
        format::thousands(least),
        format::bytes(after),
        format::thousands(most),
        format::ratio(stats::ratio(after, before)?),
    ))
}
