//! What is told of a trial: one number each, with its name and its unit.

use serde::{Serialize, Serializer};

use super::raw::{Measured, Scenario};

/// What a number counts, and so how it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Things: threads, connections, switches of context.
    Count,
    /// A part of a whole, from 0 to 1.
    Share,
}

/// Makes [`Metric`] of a table: a variant, its name in files, its unit, and its number in one trial.
macro_rules! metrics {
    (|$measured:ident, $scenario:ident, $cores:ident| {
        $($(#[$doc:meta])+ $metric:ident, $name:literal, $unit:ident, $number:expr;)+
    }) => {
        /// A number that a trial has, or that follows from it alone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Metric {
            $($(#[$doc])+ $metric,)+
        }

        impl Metric {
            /// Every metric, in the order in which files name them.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$metric),+];

            /// Its name in files, with the unit where it has one: `wall_s`, `peak_memory_bytes`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$metric => $name,)+ }
            }

            /// What it counts.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Self::$metric => Unit::$unit,)+ }
            }

            /// The number of one trial; `None` where this system or this server does not tell it.
            #[must_use]
            pub fn of(self, $measured: &Measured, $scenario: &Scenario, $cores: usize) -> Option<f64> {
                match self { $(Self::$metric => $number,)+ }
            }
        }
    };
}

metrics!(|m, scenario, cores| {
    /// The whole process, from before its start until it had ended.
    Wall, "wall_s", Seconds, Some(m.wall_s);
    /// Building the engine.
    Setup, "setup_s", Seconds, Some(m.setup_s);
    /// The call of `download_many`.
    Download, "download_s", Seconds, Some(m.download_s);
    /// The client's processor time in its own code.
    User, "user_s", Seconds, Some(m.user_s);
    /// The client's processor time in the kernel.
    System, "system_s", Seconds, Some(m.system_s);
    /// Both of these.
    Client, "client_s", Seconds, Some(m.client_s());
    /// The server's processor time meanwhile.
    Server, "server_s", Seconds, m.server_s;
    /// The processor time of the server's busiest thread as a share of the download: of that
    /// time, because the start of the client's process gives the server nothing to do. At most 1,
    /// as what the server does after the download, closing connections say, is in its time.
    Busiest, "busiest_server_share", Share, Some((m.server_busiest_s? / m.download_s).min(1.0));
    /// The processor time of client and server as a share of what all cores had to give
    /// in the wall time; of the client alone where the server ran elsewhere.
    Machine, "machine_share", Share, {
        let server_s = if scenario.server_here { m.server_s? } else { 0.0 };
        Some((m.client_s() + server_s) / (m.wall_s * cores.max(1) as f64))
    };
    /// Resident memory before the engine was built.
    IdleMemory, "idle_memory_bytes", Bytes, whole(m.idle_memory);
    /// The most memory that was resident.
    PeakMemory, "peak_memory_bytes", Bytes, whole(m.peak_memory);
    /// How much more that is than there was before.
    MemoryGrown, "memory_grown_bytes", Bytes, whole(Some(m.peak_memory?.saturating_sub(m.idle_memory?)));
    /// The most addresses that were reserved.
    Reserved, "peak_reserved_bytes", Bytes, whole(m.peak_reserved);
    /// OS threads when half of the flags were done.
    Threads, "threads", Count, whole(m.threads);
    /// Switches of context because a thread had to wait.
    Voluntary, "voluntary_switches", Count, whole(Some(m.voluntary_switches));
    /// Switches of context because a thread's time was up.
    Involuntary, "involuntary_switches", Count, whole(Some(m.involuntary_switches));
    /// Connections that the server accepted.
    Connections, "connections", Count, whole(m.connections);
    /// The most requests that the server had under way at one moment.
    InFlight, "peak_in_flight", Count, whole(m.peak_in_flight);
    /// Service time: the median over the flags of a trial.
    ServiceP50, "service_p50_s", Seconds, Some(m.service_s.p50);
    /// Service time: nine of ten flags took no longer.
    ServiceP90, "service_p90_s", Seconds, Some(m.service_s.p90);
    /// Service time: 99 of 100 flags took no longer.
    ServiceP99, "service_p99_s", Seconds, Some(m.service_s.p99);
    /// Service time: the longest.
    ServiceMax, "service_max_s", Seconds, Some(m.service_s.max);
    /// Queue wait: the median over the flags of a trial.
    QueueP50, "queue_p50_s", Seconds, Some(m.queue_s.p50);
    /// Queue wait: nine of ten flags waited no longer.
    QueueP90, "queue_p90_s", Seconds, Some(m.queue_s.p90);
    /// Queue wait: 99 of 100 flags waited no longer.
    QueueP99, "queue_p99_s", Seconds, Some(m.queue_s.p99);
    /// Queue wait: the longest.
    QueueMax, "queue_max_s", Seconds, Some(m.queue_s.max);
});

fn whole(number: Option<u64>) -> Option<f64> {
    number.map(|number| number as f64)
}

/// By its name.
impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
