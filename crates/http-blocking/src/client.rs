//! ureq, with the same limits for every engine.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use flagrace_core::{Job, JobError, MAX_HEAD, Setup, lock};
use ureq::Agent;
use ureq::config::Config;
use ureq::unversioned::transport::{Connector, TcpConnector};

use crate::Session;
use crate::ending::EndingConnector;
use crate::names::Names;

/// A blocking HTTP client with a connection pool, for any number of threads.
pub struct Client {
    /// The idle agents: one, unless jobs ran at the same time.
    agents: Agents,
    config: Config,
    #[cfg(feature = "https")]
    tls: Option<Arc<rustls::ClientConfig>>,
    max_body: u64,
}

pub(crate) type Agents = Arc<Mutex<Vec<Agent>>>;

impl Client {
    /// Builds the client. It does not connect yet.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let config = Agent::config_builder()
            // By default ureq reports 404 as an error and drops the connection.
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .no_delay(true)
            .timeout_resolve(Some(setup.connect_timeout))
            .timeout_connect(Some(setup.connect_timeout))
            .timeout_global(Some(setup.request_timeout))
            // By default ureq keeps 3 idle connections per host; a larger pool of threads would
            // make a new one for most requests.
            .max_idle_connections(setup.concurrency)
            .max_idle_connections_per_host(setup.concurrency)
            // By default 128 KiB each: with a thousand connections, most of the measured memory.
            // hyper begins with 8 KiB. A head that fills the buffer is too large.
            .input_buffer_size(MAX_HEAD + 1)
            .output_buffer_size(4 * 1024)
            .max_response_header_size(MAX_HEAD)
            .user_agent(concat!("flagrace/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            agents: Agents::default(),
            config,
            #[cfg(feature = "https")]
            tls: match &setup.tls {
                Some(tls) => Some(Arc::new(flagrace_core::tls::client_config(Some(tls))?)),
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
        // sockets of an agent or none. So each job has its own agent: otherwise cancelling a job
        // would break the others.
        let cancellation = job.cancel.on_cancel({
            let agent = agent.clone();
            move || agent.clone().shutdown()
        });
        Session {
            job: job.clone(),
            start,
            agent,
            agents: Arc::clone(&self.agents),
            cancellation: Some(cancellation),
            max_body: self.max_body,
        }
    }

    fn agent(&self) -> Agent {
        let connector = TcpConnector::default();
        #[cfg(feature = "https")]
        let connector = connector.chain(crate::tls::TlsConnector(self.tls.clone()));
        let connector = connector.chain(EndingConnector);
        Agent::with_parts(self.config.clone(), connector, Names::default())
    }
}
