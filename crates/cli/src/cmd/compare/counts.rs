//! What a server counted meanwhile, and the server itself where it is one of ours.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use flagrace_core::BaseUrl;
use flagrace_server::{Profile, ServerProcess, Stats};
use ureq::Agent;

/// The server that is downloaded from.
pub enum Server {
    /// A process of our own, on this machine.
    Own(Box<ServerProcess>),
    /// A flag server somewhere, which tells its counts over HTTP.
    Told {
        base_url: BaseUrl,
        stats_url: String,
        agent: Agent,
    },
    /// The servers of a list of URLs, or one that keeps no counts.
    Unknown(Option<BaseUrl>),
}

/// How long to wait for a server to have done with what came before.
const PATIENCE: Duration = Duration::from_secs(5);

impl Server {
    /// Starts one of our own.
    pub fn start(profile: &Profile) -> anyhow::Result<Self> {
        let process = ServerProcess::start(profile).context("cannot start the flag server")?;
        Ok(Self::Own(Box::new(process)))
    }

    /// One that runs somewhere. Whether it tells its counts is found out here.
    pub fn at(base_url: &BaseUrl) -> Self {
        let agent: Agent = Agent::config_builder()
            .proxy(None)
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .build()
            .into();
        let mut server = Self::Told {
            base_url: base_url.clone(),
            stats_url: stats_url(base_url),
            agent,
        };
        if server.take().is_none() {
            return Self::Unknown(Some(base_url.clone()));
        }
        server
    }

    /// Where the flags are; `None` where a list of URLs says so.
    pub fn base_url(&self) -> Option<BaseUrl> {
        match self {
            Self::Own(process) => Some(process.base_url()),
            Self::Told { base_url, .. } => Some(base_url.clone()),
            Self::Unknown(base_url) => base_url.clone(),
        }
    }

    /// Whether it takes from this machine's processor.
    pub fn is_here(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// What it has counted since it was last asked. The connection over which a server
    /// somewhere is asked stays open, so that it is not among those counted.
    pub fn take(&mut self) -> Option<Stats> {
        match self {
            Self::Own(process) => process.take_stats().ok(),
            Self::Told {
                stats_url, agent, ..
            } => {
                let mut answer = agent.post(stats_url.as_str()).send_empty().ok()?;
                serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
            }
            Self::Unknown(_) => None,
        }
    }

    /// Waits until it has done with what came before: closing a thousand connections takes
    /// a while, and must not be charged to the next trial. Returns its counts so far.
    ///
    /// A server somewhere is not waited for: it cannot be asked without giving it work.
    pub fn settle(&mut self) -> Option<Stats> {
        let start = Instant::now();
        let mut before = self.take()?;
        if !self.is_here() {
            return Some(before);
        }
        loop {
            thread::sleep(Duration::from_millis(1));
            let now = self.take()?;
            if now.cpu_seconds == before.cpu_seconds || start.elapsed() > PATIENCE {
                return Some(now);
            }
            before = now;
        }
    }
}

/// The counts are beside the flags: `http://host/stats` for `http://host/flags`.
fn stats_url(base_url: &BaseUrl) -> String {
    let root = base_url.as_str();
    format!("{}/stats", root.strip_suffix("/flags").unwrap_or(root))
}
