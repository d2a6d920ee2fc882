//! ureq, with the limits that are the same for every engine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use flagrace_core::{Attempt, Cancel, Job, JobError, Setup, Subscription, tls};
use ureq::config::Config;
use ureq::http::Response;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, TcpConnector};
use ureq::{Agent, Body, Error};

use crate::Session;
use crate::ending::{Ending, EndingConnector};
use crate::names::Names;

/// A blocking HTTP client with a pool of connections, for any number of threads.
pub struct Client {
    /// Agents that no job uses: one, unless jobs run at the same time.
    agents: Agents,
    config: Config,
    #[cfg(feature = "https")]
    tls: Option<Arc<rustls::ClientConfig>>,
    max_body: u64,
}

type Agents = Arc<Mutex<Vec<Agent>>>;

/// Guard that returns the agent to the pool, with its connections for the next job.
pub(crate) struct Lease {
    agent: Agent,
    agents: Agents,
    cancel: Cancel,
    cancellation: Option<Subscription>,
}

impl Client {
    /// Builds the client. It makes no connection yet.
    ///
    /// # Errors
    ///
    /// If the setup asks for https and that cannot be set up.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        #[cfg(not(feature = "https"))]
        if setup.tls.is_some() {
            return Err(JobError::Tls(tls::WITHOUT.to_owned()));
        }
        let config = Agent::config_builder()
            // By default ureq reports 404 as an error and drops the connection with it.
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .no_delay(true)
            .timeout_resolve(Some(setup.timeouts.connect))
            .timeout_connect(Some(setup.timeouts.connect))
            .timeout_global(Some(setup.timeouts.request))
            // By default ureq keeps 3 idle connections per host, and a larger pool of threads
            // would make a new one for most requests.
            .max_idle_connections(setup.concurrency)
            .max_idle_connections_per_host(setup.concurrency)
            // By default 128 KiB each, which with a thousand connections would be most of the
            // memory that is measured. hyper begins with 8 KiB.
            .input_buffer_size(16 * 1024)
            .output_buffer_size(4 * 1024)
            .user_agent(concat!("flagrace/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            agents: Agents::default(),
            config,
            #[cfg(feature = "https")]
            tls: match &setup.tls {
                Some(tls) => Some(Arc::new(tls::client_config(Some(tls))?)),
                None => None,
            },
            max_body: setup.max_body,
        })
    }

    /// The client for one job, which began at `start`.
    pub fn session(&self, job: &Job, start: Instant) -> Session {
        let idle = lock(&self.agents).pop();
        let agent = idle.unwrap_or_else(|| self.agent());
        // Only closing its socket wakes a thread that is blocked in a read, and ureq closes all
        // sockets of an agent or none. So each job has an agent of its own: otherwise
        // cancelling a job would break the others.
        let cancellation = job.cancel.on_cancel({
            let agent = agent.clone();
            move || agent.shutdown()
        });
        Session {
            job: job.clone(),
            start,
            client: Lease {
                agent,
                agents: Arc::clone(&self.agents),
                cancel: job.cancel.clone(),
                cancellation: Some(cancellation),
            },
            max_body: self.max_body,
        }
    }

    fn agent(&self) -> Agent {
        let connector = TcpConnector::default();
        #[cfg(feature = "https")]
        let connector = connector.chain(crate::tls::TlsConnector(self.tls.clone()));
        let connector = connector.chain(EndingConnector);
        let names = Names::<DefaultResolver>::default();
        Agent::with_parts(self.config.clone(), connector, names)
    }
}

impl Lease {
    /// Sends a request and returns the head of the response. If its idle connection was dead,
    /// the request is sent once more, on a fresh connection (RFC 9112, 9.3.1).
    pub(crate) fn send(&self, url: &str, attempt: &mut Attempt) -> Result<Response<Body>, Error> {
        let begun = Instant::now();
        let response = self.agent.get(url).call();
        let ending = response.as_ref().err().and_then(Ending::of);
        if !ending.is_some_and(|ending| ending.reused) || self.cancel.is_cancelled() {
            return response;
        }
        attempt.resend();
        let request = self.agent.get(url).config();
        // The other idle connections may be dead as well.
        let request = request.max_idle_age(Duration::ZERO);
        let limit = self.agent.config().timeouts().global;
        let left = limit.map(|limit| limit.saturating_sub(begun.elapsed()));
        request.timeout_global(left).build().call()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // First remove the hook, then check: a later cancellation finds no hook, and an earlier
        // one has shut the agent down, or is about to.
        self.cancellation = None;
        if !self.cancel.is_cancelled() {
            lock(&self.agents).push(self.agent.clone());
        }
    }
}

fn lock(agents: &Agents) -> MutexGuard<'_, Vec<Agent>> {
    agents.lock().unwrap_or_else(PoisonError::into_inner)
}
