//! The metrics of a trial: their keys, labels and units, and which are derived from others.

use crate::data::{Meta, Sample, Scenario, Trial};
use crate::format;
use crate::stats::Summary;

/// The kind of a number, which decides how it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Bytes,
    /// A count: threads, connections, context switches.
    Count,
    /// A part of a whole, from 0 to 1.
    Share,
}

#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name in files, with the unit if it has one.
    pub key: &'static str,
    /// Its name in tables.
    pub label: &'static str,
    pub unit: Unit,
}

/// Wall time of the whole process, from before its start until its exit; of a warm trial, the time
/// of the download; of a cancelled one, that from the cancel until the engine returned.
pub const WALL: &str = "wall_s";
/// Processor time of the client, in its own code and in the kernel.
pub const CPU: &str = "cpu_s";
pub const MEMORY: &str = "peak_memory_bytes";
/// OS threads when half of the requests were done.
pub const THREADS: &str = "threads";
/// Processor time of the server's busiest thread as a share of the download.
pub const SERVER_BUSY: &str = "busiest_server_share";
/// Processor time of client and server as a share of all cores.
pub const MACHINE: &str = "machine_share";
/// The time of the download beyond the ideal: the server's delay for each wave of requests.
pub const EXCESS: &str = "excess_s";
/// Peak resident memory, less the memory before the download, for each connection.
pub const PER_CONNECTION: &str = "memory_per_connection_bytes";
/// Processor time of the client as a share of the cores that it may use.
pub const CLIENT_BUSY: &str = "client_share";
pub const SWITCHES: &str = "switches_per_request";
/// The peak of requests in flight at the server.
pub const IN_FLIGHT: &str = "peak_in_flight";
/// The 99th percentile of the latency in an open loop, from when each request was due.
pub const P99: &str = "latency_p99_s";
/// The 99th percentile of how late the load generator of servers was in the open loop.
pub const LATE: &str = "late_p99_s";
/// Queries that a server answers in a second, in a closed loop.
pub const QUERY_RATE: &str = "queries_per_s";
/// Processor time of a server for each query of the closed loop.
pub const CPU_PER_QUERY: &str = "cpu_per_query_s";
/// The time of one of criterion's samples.
pub const TIME: &str = "time_s";
/// The memory of one sample of the group `memory`.
pub const BYTES: &str = "bytes";

/// With fewer connections the growth of a server's memory is the noise of its process.
const MANY: usize = 256;

/// Every metric, in the order of tables and files.
pub const METRICS: &[Metric] = &[
    metric(WALL, "wall time", Unit::Seconds),
    metric("setup_s", "set-up", Unit::Seconds),
    metric("connect_s", "connect", Unit::Seconds),
    metric("download_s", "download", Unit::Seconds),
    metric(EXCESS, "over the ideal", Unit::Seconds),
    metric("end_s", "end", Unit::Seconds),
    metric("user_s", "user CPU", Unit::Seconds),
    metric("system_s", "system CPU", Unit::Seconds),
    metric(CPU, "CPU", Unit::Seconds),
    metric(QUERY_RATE, "queries a second", Unit::Count),
    metric(CPU_PER_QUERY, "CPU per query", Unit::Seconds),
    metric("server_s", "server CPU", Unit::Seconds),
    metric("server_busiest_s", "busiest server thread", Unit::Seconds),
    metric(SERVER_BUSY, "server busy", Unit::Share),
    metric(CLIENT_BUSY, "client busy", Unit::Share),
    metric(MACHINE, "machine busy", Unit::Share),
    metric("idle_memory_bytes", "memory before", Unit::Bytes),
    metric(MEMORY, "memory", Unit::Bytes),
    metric(PER_CONNECTION, "memory per connection", Unit::Bytes),
    metric(THREADS, "threads", Unit::Count),
    metric("voluntary_switches", "switches (waiting)", Unit::Count),
    metric("involuntary_switches", "switches (preempted)", Unit::Count),
    metric(SWITCHES, "switches per request", Unit::Count),
    metric("connections", "connections", Unit::Count),
    metric(IN_FLIGHT, "in flight", Unit::Count),
    metric("resent", "sent again", Unit::Count),
    metric("listen_overflows", "listen overflows", Unit::Count),
    metric("syn_retransmitted", "SYN sent again", Unit::Count),
    metric("time_wait", "in TIME_WAIT", Unit::Count),
    metric("steal_s", "stolen CPU", Unit::Seconds),
    metric("service_p50_s", "service p50", Unit::Seconds),
    metric("service_p99_s", "service p99", Unit::Seconds),
    metric("latency_p50_s", "latency p50", Unit::Seconds),
    metric(P99, "latency p99", Unit::Seconds),
    metric("latency_p999_s", "latency p99.9", Unit::Seconds),
    metric(LATE, "lateness p99", Unit::Seconds),
    metric("syscalls", "system calls per request", Unit::Count),
    metric("epoll_waits", "epoll_wait per request", Unit::Count),
    metric("receives", "recvfrom per request", Unit::Count),
    metric("futexes", "futex per request", Unit::Count),
    metric(TIME, "time", Unit::Seconds),
    metric(BYTES, "memory", Unit::Bytes),
];

const fn metric(key: &'static str, label: &'static str, unit: Unit) -> Metric {
    Metric { key, label, unit }
}

/// Whether a metric with this key is measured, not derived from others.
pub(crate) fn is_measured(key: &str) -> bool {
    match key {
        CPU | SERVER_BUSY | CLIENT_BUSY | MACHINE | PER_CONNECTION | EXCESS | SWITCHES
        | QUERY_RATE | CPU_PER_QUERY => false,
        _ => find(key).is_some(),
    }
}

/// The number with this key in one trial, if the system and the server reported what it needs.
pub(crate) fn of(key: &str, trial: &Trial, scenario: &Scenario, meta: &Meta) -> Option<f64> {
    let (sample, work) = (trial.sample()?, &scenario.workload);
    let get = |key: &str| sample.get(key);
    let cpu_s = || Some(get("user_s")? + get("system_s")?);
    let busy = |cpu_s: f64, cores: usize| Some(cpu_s / (get(WALL)? * cores.max(1) as f64));
    let concurrency = match &*trial.engine {
        "seq" => 1,
        // Servers hold idle connections, too.
        _ if work.idle.is_some() => work.concurrency.max(1),
        _ => work.concurrency.min(work.requests).max(1),
    };
    let number = match key {
        CPU => cpu_s()?,
        // The kernel updates the server's time at a tick, so a short download may exceed 1.
        SERVER_BUSY => (get("server_busiest_s")? / get("download_s")?).min(1.0),
        CLIENT_BUSY => busy(cpu_s()?, work.client_cores.unwrap_or(meta.cores))?,
        MACHINE if work.server_here => busy(cpu_s()? + get("server_s")?, meta.cores)?,
        MACHINE => busy(cpu_s()?, meta.cores)?,
        // They repeat the wall time and the generator's processor time, or follow from the rate.
        "download_s" | "server_busiest_s" | "end_s" if work.idle.is_some() => return None,
        PER_CONNECTION if work.idle.is_some() && concurrency < MANY => return None,
        // Bodies that are kept would count, too.
        PER_CONNECTION if work.requests > 0 && work.store == "null" => {
            let most = get("connections").unwrap_or(f64::INFINITY);
            let grown = (get(MEMORY)? - get("idle_memory_bytes")?).max(0.0);
            grown / most.clamp(1.0, concurrency as f64)
        }
        // In an open loop the load decides how long it takes.
        EXCESS if work.rate.is_none() => {
            let delay_s = work.delay_s.filter(|delay| *delay > 0.0)?;
            let waves = work.requests.div_ceil(concurrency);
            get("download_s")? - work.ideal_s.unwrap_or(waves as f64 * delay_s)
        }
        QUERY_RATE if work.idle.is_some() => work.requests as f64 / get(WALL)?,
        CPU_PER_QUERY if work.idle.is_some() => cpu_s()? / work.requests as f64,
        SWITCHES if work.requests > 0 && work.cancel_after.is_none() => {
            (get("voluntary_switches")? + get("involuntary_switches")?) / work.requests as f64
        }
        measured => get(measured)?,
    };
    Some(number)
}

fn find(key: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.key == key)
}

/// Its name in the tables of a scenario. Where servers are compared, each is in the place of a
/// client, and the load generator in that of the server.
pub(crate) fn label(key: &str, scenario: &Scenario) -> String {
    let label = find(key).map_or(key, |metric| metric.label);
    let of_servers = |_| (label.replace("server", "generator")).replace("client", "server");
    (scenario.workload.idle).map_or_else(|| label.to_owned(), of_servers)
}

pub(crate) fn text(key: &str, number: f64) -> String {
    let known = find(key).map(|metric| format::text(metric.unit, number));
    known.unwrap_or_else(|| number.to_string())
}

/// A median of this metric and its interval, both in the median's unit.
pub(crate) fn with_interval(key: &str, summary: &Summary) -> String {
    let Some((metric, interval)) = find(key).zip(summary.interval) else {
        return text(key, summary.median);
    };
    format::with_interval(metric.unit, summary.median, interval)
}

/// Why a sample is invalid, if it is.
pub(crate) fn refusal(sample: &Sample) -> Option<String> {
    let wrong = |(key, number): (&String, &f64)| {
        if !is_measured(key) {
            return Some(format!("{key:?} is not a metric that is measured"));
        }
        // A time is never 0; memory may fit into what was there already.
        let positive = [WALL, TIME, "download_s"].contains(&key.as_str());
        let fits = number.is_finite() && *number >= 0.0 && !(positive && *number == 0.0);
        let least = if positive { "above 0" } else { "at least 0" };
        (!fits).then(|| format!("{key} is {number}; it must be finite and {least}"))
    };
    sample.0.iter().find_map(wrong)
}
