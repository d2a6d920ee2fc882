//! The numbers of a trial: their keys, labels and units, and those that follow from others.

use crate::data::{Meta, Sample, Scenario};
use crate::format;
use crate::stats::Summary;

/// What a number counts, and so how it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Things: threads, connections, context switches.
    Count,
    /// A part of a whole, from 0 to 1.
    Share,
}

/// Computes a number from others of the same trial.
pub type Derive = fn(&Sample, &Scenario, &Meta) -> Option<f64>;

/// A number that a trial has.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name in files, with the unit where it has one.
    pub key: &'static str,
    /// Its name in tables.
    pub label: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// How it follows from others; `None` where it is measured.
    pub derive: Option<Derive>,
}

/// Wall time of the whole process, from before its start until it has ended.
pub const WALL: &str = "wall_s";
/// Processor time of the client, in its own code and in the kernel.
pub const CPU: &str = "cpu_s";
/// The most memory that was resident.
pub const MEMORY: &str = "peak_memory_bytes";
/// OS threads when half of the requests were done.
pub const THREADS: &str = "threads";
/// Processor time of the server's busiest thread as a share of the download.
pub const SERVER_BUSY: &str = "busiest_server_share";
/// Processor time of client and server as a share of all cores.
pub const MACHINE: &str = "machine_share";
/// The time of one of criterion's samples.
pub const TIME: &str = "time_s";
/// The memory of one sample of the group `memory`.
pub const BYTES: &str = "bytes";

/// Every metric, in the order of tables and files.
pub const METRICS: &[Metric] = &[
    measured(WALL, "wall time", Unit::Seconds),
    measured(TIME, "time", Unit::Seconds),
    measured(BYTES, "memory", Unit::Bytes),
    measured("setup_s", "set-up", Unit::Seconds),
    measured("download_s", "download", Unit::Seconds),
    measured("user_s", "user CPU", Unit::Seconds),
    measured("system_s", "system CPU", Unit::Seconds),
    derived(CPU, "CPU", Unit::Seconds, cpu),
    measured("server_s", "server CPU", Unit::Seconds),
    measured("server_busiest_s", "busiest server thread", Unit::Seconds),
    derived(SERVER_BUSY, "server busy", Unit::Share, server_busy),
    derived(MACHINE, "machine busy", Unit::Share, machine_busy),
    measured("idle_memory_bytes", "memory before", Unit::Bytes),
    measured(MEMORY, "memory", Unit::Bytes),
    derived("memory_grown_bytes", "memory grown", Unit::Bytes, grown),
    measured("peak_reserved_bytes", "addresses reserved", Unit::Bytes),
    measured(THREADS, "threads", Unit::Count),
    measured("voluntary_switches", "switches (waiting)", Unit::Count),
    measured("involuntary_switches", "switches (preempted)", Unit::Count),
    measured("connections", "connections", Unit::Count),
    measured("peak_in_flight", "in flight", Unit::Count),
    measured("resent", "sent again", Unit::Count),
    measured("service_p50_s", "service p50", Unit::Seconds),
    measured("service_p90_s", "service p90", Unit::Seconds),
    measured("service_p99_s", "service p99", Unit::Seconds),
    measured("service_max_s", "service max", Unit::Seconds),
    measured("queue_p50_s", "queue p50", Unit::Seconds),
    measured("queue_p90_s", "queue p90", Unit::Seconds),
    measured("queue_p99_s", "queue p99", Unit::Seconds),
    measured("queue_max_s", "queue max", Unit::Seconds),
];

const fn measured(key: &'static str, label: &'static str, unit: Unit) -> Metric {
    Metric {
        key,
        label,
        unit,
        derive: None,
    }
}

const fn derived(key: &'static str, label: &'static str, unit: Unit, derive: Derive) -> Metric {
    Metric {
        derive: Some(derive),
        ..measured(key, label, unit)
    }
}

fn cpu(sample: &Sample, _: &Scenario, _: &Meta) -> Option<f64> {
    Some(sample.get("user_s")? + sample.get("system_s")?)
}

fn server_busy(sample: &Sample, _: &Scenario, _: &Meta) -> Option<f64> {
    let busy = sample.get("server_busiest_s")? / sample.get("download_s")?;
    // What the server does after the download, such as closing connections, counts too.
    Some(busy.min(1.0))
}

fn machine_busy(sample: &Sample, scenario: &Scenario, meta: &Meta) -> Option<f64> {
    let server_s = match scenario.workload.server_here {
        true => sample.get("server_s")?,
        false => 0.0,
    };
    let busy_s = cpu(sample, scenario, meta)? + server_s;
    Some(busy_s / (sample.get(WALL)? * meta.cores.max(1) as f64))
}

fn grown(sample: &Sample, _: &Scenario, _: &Meta) -> Option<f64> {
    Some((sample.get(MEMORY)? - sample.get("idle_memory_bytes")?).max(0.0))
}

impl Metric {
    /// Its number in one trial, where the system and the server told what it needs.
    #[must_use]
    pub fn of(&self, sample: &Sample, scenario: &Scenario, meta: &Meta) -> Option<f64> {
        match self.derive {
            Some(derive) => derive(sample, scenario, meta),
            None => sample.get(self.key),
        }
    }
}

/// The metric of that key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.key == key)
}

/// Its name in tables.
pub(crate) fn label(key: &str) -> &str {
    find(key).map_or(key, |metric| metric.label)
}

/// A number of that metric with its unit.
pub(crate) fn text(key: &str, number: f64) -> String {
    match find(key) {
        Some(metric) => format::text(metric.unit, number),
        None => number.to_string(),
    }
}

/// A median of that metric and its interval, all in the median's unit.
pub(crate) fn with_interval(key: &str, summary: &Summary) -> String {
    match (find(key), summary.interval) {
        (Some(metric), Some(interval)) => {
            format::with_interval(metric.unit, summary.median, (interval.low, interval.high))
        }
        _ => text(key, summary.median),
    }
}

/// What a sample cannot hold, if it holds such a thing.
pub(crate) fn refusal(sample: &Sample) -> Option<String> {
    let wrong = |(key, number): (&String, &f64)| {
        let Some(metric) = find(key).filter(|metric| metric.derive.is_none()) else {
            return Some(format!("{key:?} is not a metric that is measured"));
        };
        // Something takes time; it may fit into memory that was there.
        let positive = [WALL, TIME, "download_s"].contains(&metric.key);
        let fits = number.is_finite() && *number >= 0.0 && !(positive && *number == 0.0);
        let least = if positive { "above 0" } else { "at least 0" };
        (!fits).then(|| format!("{key} is {number}; it must be finite and {least}"))
    };
    sample.0.iter().find_map(wrong)
}
