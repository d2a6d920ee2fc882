//! ureq, held to the limits that are the same for every engine.

use std::sync::{Arc, Mutex, PoisonError};

use flagrace_core::{Job, Setup, Subscription};
use ureq::Agent;
use ureq::config::Config;
use ureq::unversioned::transport::DefaultConnector;

use crate::resolver::Resolver;

/// A blocking HTTP client with a pool of connections, for any number of threads.
pub struct Client {
    agent: Arc<Mutex<Agent>>,
    config: Config,
    max_body: u64,
}

/// A client for the length of one job. Cancelling the job ends its requests.
#[derive(Clone)]
pub struct Session {
    pub(crate) agent: Agent,
    pub(crate) max_body: u64,
    _cancellation: Arc<Subscription>,
}

impl Client {
    /// Builds the client. No connection is made yet.
    pub fn new(setup: &Setup) -> Self {
        let config = Agent::config_builder()
            // Without it ureq reports 404 as an error and drops the connection with it.
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .no_delay(true)
            .timeout_connect(Some(setup.timeouts.connect))
            .timeout_global(Some(setup.timeouts.request))
            // By default ureq keeps 3 idle connections for a host, and would open a new
            // one for most requests of a larger pool.
            .max_idle_connections(setup.concurrency)
            .max_idle_connections_per_host(setup.concurrency)
            // 128 KiB each by default, which at a thousand connections would be most of
            // what is measured as the memory of a thread. hyper begins with 8 KiB.
            .input_buffer_size(16 * 1024)
            .output_buffer_size(4 * 1024)
            .user_agent(concat!("flagrace/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: Arc::new(Mutex::new(build(&config))),
            config,
            max_body: setup.max_body,
        }
    }

    /// The client for one job.
    pub fn session(&self, job: &Job) -> Session {
        let agent = lock(&self.agent).clone();
        // A thread that is blocked in a read looks at no switch. What reaches it is the
        // closing of its socket. That ends the agent too, so the next job gets a new one.
        let cancellation = job.cancel.on_cancel({
            let (current, config) = (Arc::clone(&self.agent), self.config.clone());
            let agent = agent.clone();
            move || {
                *lock(&current) = build(&config);
                agent.shutdown();
            }
        });
        Session {
            agent,
            max_body: self.max_body,
            _cancellation: Arc::new(cancellation),
        }
    }
}

fn build(config: &Config) -> Agent {
    Agent::with_parts(
        config.clone(),
        DefaultConnector::default(),
        Resolver::default(),
    )
}

fn lock(agent: &Mutex<Agent>) -> std::sync::MutexGuard<'_, Agent> {
    agent.lock().unwrap_or_else(PoisonError::into_inner)
}
