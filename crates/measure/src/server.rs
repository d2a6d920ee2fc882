//! The server of a comparison, and its counters.

use std::thread;
use std::time::{Duration, Instant};

use flagrace_core::BaseUrl;
use flagrace_server::{ServerProcess, Stats};
use ureq::Agent;

use crate::system::thread_seconds;
use crate::trial::Target;

/// The server that trials download from.
pub enum Server {
    /// A flag server that this program started, on this machine.
    Own(Box<ServerProcess>),
    /// A flag server elsewhere, and the client that reads its counters if it has them.
    Somewhere(BaseUrl, Option<Agent>),
    /// The servers of a list of URLs, as text.
    Urls(String),
    /// Servers that are compared: each trial starts its own.
    Compared,
}

/// The longest wait for a server to become idle, or to return its counters.
const PATIENCE: Duration = Duration::from_secs(5);

impl Server {
    /// A flag server elsewhere. One request finds out whether it has counters.
    pub fn at(base_url: BaseUrl) -> Self {
        let agent: Agent = Agent::config_builder()
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let counts = ask(&base_url, &agent, true);
        Self::Somewhere(base_url, counts.map(|_| agent))
    }

    /// What a trial with this many requests downloads.
    pub(crate) fn target(&self, requests: usize) -> Target {
        match self {
            Self::Own(process) => Target::Flags(process.base_url().to_string(), requests),
            Self::Somewhere(url, _) => Target::Flags(url.to_string(), requests),
            Self::Urls(text) => Target::Urls(text.clone()),
            Self::Compared => Target::Urls(String::new()),
        }
    }

    /// Whether the server uses this machine's processors.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self, Self::Own(_) | Self::Compared)
    }

    /// Returns the counts since the last call. The connection to a server elsewhere stays open, so
    /// that the server does not count it each time.
    pub(crate) fn take(&mut self) -> Option<Stats> {
        match self {
            Self::Own(process) => process.take_stats().ok(),
            Self::Somewhere(base_url, Some(agent)) => ask(base_url, agent, true),
            _ => None,
        }
    }

    /// The process number of the server, if this program started it.
    pub(crate) fn process(&self) -> Option<u32> {
        match self {
            Self::Own(process) => Some(process.id()),
            _ => None,
        }
    }

    /// Waits until the server is idle: it must not close the last trial's connections during the
    /// next one. A server elsewhere is not polled, since polling would give it work.
    pub(crate) fn settle(&mut self) {
        let start = Instant::now();
        if let Some(process) = self.process() {
            let mut before = thread_seconds(process);
            while start.elapsed() < PATIENCE {
                thread::sleep(Duration::from_millis(5));
                let now = thread_seconds(process);
                if now == before {
                    break;
                }
                before = now;
            }
        }
        self.take();
    }
}

/// Asks a server elsewhere for its counts, and resets them if wanted.
pub(crate) fn ask(base_url: &BaseUrl, agent: &Agent, reset: bool) -> Option<Stats> {
    let root = base_url.as_str();
    let url = format!("{}/stats", root.strip_suffix("/flags").unwrap_or(root));
    let answer = match reset {
        true => agent.post(url).send_empty(),
        false => agent.get(url).call(),
    };
    serde_json::from_str(&answer.ok()?.body_mut().read_to_string().ok()?).ok()
}
