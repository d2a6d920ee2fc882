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

/// A number that a trial has, or that follows from it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// The whole process, from before its start until it had ended.
    Wall,
    /// Building the engine.
    Setup,
    /// The call of `download_many`.
    Download,
    /// The client's processor time in its own code.
    User,
    /// The client's processor time in the kernel.
    System,
    /// Both of these.
    Client,
    /// The server's processor time meanwhile.
    Server,
    /// The processor time of the server's busiest thread as a share of the download: of that
    /// time, because the start of the client's process gives the server nothing to do.
    Busiest,
    /// The processor time of client and server as a share of what all cores had to give
    /// in the wall time; of the client alone where the server ran elsewhere.
    Machine,
    /// Resident memory before the engine was built.
    IdleMemory,
    /// The most memory that was resident.
    PeakMemory,
    /// How much more that is than there was before.
    MemoryGrown,
    /// The most addresses that were reserved.
    Reserved,
    /// OS threads when the last flag was done.
    Threads,
    /// Switches of context because a thread had to wait.
    Voluntary,
    /// Switches of context because a thread's time was up.
    Involuntary,
    /// Connections that the server accepted.
    Connections,
    /// The most requests that the server had under way at one moment.
    InFlight,
    /// Service time: the median over the flags of a trial.
    ServiceP50,
    /// Service time: nine of ten flags took no longer.
    ServiceP90,
    /// Service time: 99 of 100 flags took no longer.
    ServiceP99,
    /// Service time: the longest.
    ServiceMax,
    /// Queue wait: the median over the flags of a trial.
    QueueP50,
    /// Queue wait: nine of ten flags waited no longer.
    QueueP90,
    /// Queue wait: 99 of 100 flags waited no longer.
    QueueP99,
    /// Queue wait: the longest.
    QueueMax,
}

impl Metric {
    /// Every metric, in the order in which files name them.
    pub const ALL: [Self; 26] = [
        Self::Wall,
        Self::Setup,
        Self::Download,
        Self::User,
        Self::System,
        Self::Client,
        Self::Server,
        Self::Busiest,
        Self::Machine,
        Self::IdleMemory,
        Self::PeakMemory,
        Self::MemoryGrown,
        Self::Reserved,
        Self::Threads,
        Self::Voluntary,
        Self::Involuntary,
        Self::Connections,
        Self::InFlight,
        Self::ServiceP50,
        Self::ServiceP90,
        Self::ServiceP99,
        Self::ServiceMax,
        Self::QueueP50,
        Self::QueueP90,
        Self::QueueP99,
        Self::QueueMax,
    ];

    /// Its name in files, with the unit where it has one: `wall_s`, `peak_memory_bytes`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall_s",
            Self::Setup => "setup_s",
            Self::Download => "download_s",
            Self::User => "user_s",
            Self::System => "system_s",
            Self::Client => "client_s",
            Self::Server => "server_s",
            Self::Busiest => "busiest_server_share",
            Self::Machine => "machine_share",
            Self::IdleMemory => "idle_memory_bytes",
            Self::PeakMemory => "peak_memory_bytes",
            Self::MemoryGrown => "memory_grown_bytes",
            Self::Reserved => "peak_reserved_bytes",
            Self::Threads => "threads",
            Self::Voluntary => "voluntary_switches",
            Self::Involuntary => "involuntary_switches",
            Self::Connections => "connections",
            Self::InFlight => "peak_in_flight",
            Self::ServiceP50 => "service_p50_s",
            Self::ServiceP90 => "service_p90_s",
            Self::ServiceP99 => "service_p99_s",
            Self::ServiceMax => "service_max_s",
            Self::QueueP50 => "queue_p50_s",
            Self::QueueP90 => "queue_p90_s",
            Self::QueueP99 => "queue_p99_s",
            Self::QueueMax => "queue_max_s",
        }
    }

    /// What it counts.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Busiest | Self::Machine => Unit::Share,
            Self::IdleMemory | Self::PeakMemory | Self::MemoryGrown | Self::Reserved => Unit::Bytes,
            Self::Threads
            | Self::Voluntary
            | Self::Involuntary
            | Self::Connections
            | Self::InFlight => Unit::Count,
            _ => Unit::Seconds,
        }
    }

    /// The number of one trial; `None` where this system or this server does not tell it.
    #[must_use]
    pub fn of(self, measured: &Measured, scenario: &Scenario, cores: usize) -> Option<f64> {
        let whole = |number: Option<u64>| number.map(|number| number as f64);
        let (service, queue) = (&measured.service_s, &measured.queue_s);
        match self {
            Self::Wall => Some(measured.wall_s),
            Self::Setup => Some(measured.setup_s),
            Self::Download => Some(measured.download_s),
            Self::User => Some(measured.user_s),
            Self::System => Some(measured.system_s),
            Self::Client => Some(measured.client_s()),
            Self::Server => measured.server_s,
            // What the server does after the download, closing connections say, is in its time.
            Self::Busiest => Some((measured.server_busiest_s? / measured.download_s).min(1.0)),
            Self::Machine => {
                let server = if scenario.server_here {
                    measured.server_s?
                } else {
                    0.0
                };
                let given = measured.wall_s * cores.max(1) as f64;
                Some((measured.client_s() + server) / given)
            }
            Self::IdleMemory => whole(measured.idle_memory),
            Self::PeakMemory => whole(measured.peak_memory),
            Self::MemoryGrown => {
                let before = measured.idle_memory?;
                whole(Some(measured.peak_memory?.saturating_sub(before)))
            }
            Self::Reserved => whole(measured.peak_reserved),
            Self::Threads => whole(measured.threads),
            Self::Voluntary => Some(measured.voluntary_switches as f64),
            Self::Involuntary => Some(measured.involuntary_switches as f64),
            Self::Connections => whole(measured.connections),
            Self::InFlight => whole(measured.peak_in_flight),
            Self::ServiceP50 => Some(service.p50),
            Self::ServiceP90 => Some(service.p90),
            Self::ServiceP99 => Some(service.p99),
            Self::ServiceMax => Some(service.max),
            Self::QueueP50 => Some(queue.p50),
            Self::QueueP90 => Some(queue.p90),
            Self::QueueP99 => Some(queue.p99),
            Self::QueueMax => Some(queue.max),
        }
    }
}

/// By its name.
impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
