//! ureq, held to the limits that are the same for every engine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use flagrace_core::{Attempt, Cancel, Job, JobError, Setup, Subscription, tls, tls::ClientConfig};
use ureq::config::Config;
use ureq::http::Response;
use ureq::unversioned::transport::{Connector, TcpConnector};
use ureq::{Agent, Body, Error};

use crate::Session;
use crate::ending::{Ending, Telling};
use crate::names::Names;
#[cfg(feature = "https")]
use crate::tls::TlsConnector;

/// A blocking HTTP client with a pool of connections, for any number of threads.
pub struct Client {
    /// Those that no job has at the moment: one, unless jobs run at the same time.
    agents: Agents,
    config: Config,
    /// What https takes, if the setup has it.
    tls: Option<Arc<ClientConfig>>,
    max_body: u64,
}

type Agents = Arc<Mutex<Vec<Named>>>;

/// An agent, and where it asks for names.
#[derive(Clone)]
struct Named {
    agent: Agent,
    names: Names,
}

/// Guard that returns the agent to the pool, with its connections for the next job.
pub(crate) struct Lease {
    named: Named,
    agents: Agents,
    cancel: Cancel,
    cancellation: Option<Subscription>,
}

impl Client {
    /// Builds the client. No connection is made yet.
    ///
    /// # Errors
    ///
    /// If the setup is for https and cannot be met.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let tls = setup.tls.as_deref();
        let tls = tls.map(|tls| tls::client_config(Some(tls))).transpose()?;
        let config = Agent::config_builder()
            // Without it ureq reports 404 as an error and drops the connection with it.
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .no_delay(true)
            .timeout_resolve(Some(setup.timeouts.connect))
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
        let client = Self {
            agents: Agents::default(),
            config,
            tls: tls.map(Arc::new),
            max_body: setup.max_body,
        };
        lock(&client.agents).push(client.build(Names::default()));
        Ok(client)
    }

    /// The client for one job, which began at `start`.
    pub fn session(&self, job: &Job, start: Instant) -> Session {
        let named = lock(&self.agents).pop();
        let named = named.unwrap_or_else(|| self.build(Names::default()));
        // A thread that is blocked in a read looks at no switch. What reaches it is the
        // closing of its socket, and ureq closes all of an agent's or none: so a job has
        // an agent to itself, or cancelling it would break another that runs beside it.
        let cancellation = job.cancel.on_cancel({
            let named = named.clone();
            move || {
                named.names.close();
                named.agent.shutdown();
            }
        });
        Session {
            job: job.clone(),
            start,
            client: Lease {
                named,
                agents: Arc::clone(&self.agents),
                cancel: job.cancel.clone(),
                cancellation: Some(cancellation),
            },
            max_body: self.max_body,
        }
    }

    fn build(&self, names: Names) -> Named {
        let (config, asked) = (self.config.clone(), names.clone());
        let agent = match &self.tls {
            None => {
                let connector = TcpConnector::default().chain(Telling);
                Agent::with_parts(config, connector, asked)
            }
            #[cfg(not(feature = "https"))]
            Some(never) => match **never {},
            #[cfg(feature = "https")]
            Some(tls) => {
                let connector = TcpConnector::default().chain(TlsConnector(Arc::clone(tls)));
                Agent::with_parts(config, connector.chain(Telling), asked)
            }
        };
        Named { agent, names }
    }
}

impl Lease {
    /// The head of the answer. A request whose idle connection had died is sent once more, on
    /// a fresh one (RFC 9112, 9.3.1).
    pub(crate) fn send(&self, url: &str, attempt: &mut Attempt) -> Result<Response<Body>, Error> {
        let begun = Instant::now();
        let agent = &self.named.agent;
        let answer = agent.get(url).call();
        let ending = answer.as_ref().err().and_then(Ending::of);
        if !ending.is_some_and(|ending| ending.reused) || self.cancel.is_cancelled() {
            return answer;
        }
        attempt.resend();
        let request = agent.get(url).config();
        // The other idle connections may have died as well.
        let request = request.max_idle_age(Duration::ZERO);
        let limit = agent.config().timeouts().global;
        let left = limit.map(|limit| limit.saturating_sub(begun.elapsed()));
        request.timeout_global(left).build().call()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // First unhooked, then asked: a cancellation that comes in between finds no hook,
        // and one that came before has shut the agent down, or is about to.
        self.cancellation = None;
        if !self.cancel.is_cancelled() {
            lock(&self.agents).push(self.named.clone());
        }
    }
}

fn lock(agents: &Agents) -> MutexGuard<'_, Vec<Named>> {
    agents.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc;
    use std::thread;

    use flagrace_core::{CountryCode, Failure, Status, Timeouts};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(25);

    /// Asks a host that is never found; cancels the job when it is asked, or not at all.
    fn ask_nowhere(limit: Duration, cancel: bool) -> Status {
        let client = Client::new(&Setup {
            timeouts: Timeouts {
                connect: limit,
                request: 2 * PATIENCE,
            },
            ..Setup::default()
        });
        let client = client.unwrap();
        let names = Names::asking(|_| {
            loop {
                thread::park();
            }
        });
        *lock(&client.agents) = vec![client.build(names.clone())];
        let br = CountryCode::new(b'B', b'R').unwrap();
        let job = Job::new("http://nowhere/flags".parse().unwrap(), [br]);
        let session = client.session(&job, Instant::now());
        let (answer, answered) = mpsc::channel();
        thread::spawn(move || {
            let mut attempt = session.begin(br.into());
            drop(answer.send(session.get("http://nowhere/", &mut attempt)));
        });
        if cancel {
            while !names.is_asked() {
                thread::yield_now();
            }
            job.cancel.cancel();
        }
        let answer = answered.recv_timeout(PATIENCE).unwrap();
        answer.unwrap_err().status
    }

    #[test]
    fn a_name_has_as_long_as_a_connection() {
        let status = ask_nowhere(Duration::from_millis(1), false);
        assert_eq!(status, Status::Failed(Failure::Timeout));
    }

    #[test]
    fn cancelling_ends_a_look_up() {
        let status = ask_nowhere(2 * PATIENCE, true);
        assert_eq!(status, Status::Failed(Failure::Cancelled));
    }
}
