//! ureq, held to the limits that are the same for every engine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use flagrace_core::{Attempt, Cancel, Job, JobError, Setup, Subscription};
use rustls::ClientConfig;
use ureq::config::Config;
use ureq::http::Response;
use ureq::unversioned::transport::{Connector, TcpConnector};
use ureq::{Agent, Body, Error};

use crate::ending::{Ending, Telling};
use crate::resolver::Resolver;
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
    resolver: Resolver,
}

/// A client for the length of one job. Cancelling the job ends its requests.
#[derive(Clone)]
pub struct Session {
    pub(crate) max_body: u64,
    lease: Arc<Lease>,
}

/// A guard that returns the agent when the job's last session ends, with its connections for
/// the next job.
struct Lease {
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
        let tls = setup.tls.as_deref().map(flagrace_tls::client).transpose()?;
        let tls = tls.map(Arc::new);
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
        let first = build(&config, tls.as_ref(), Resolver::default());
        Ok(Self {
            agents: Arc::new(Mutex::new(vec![first])),
            config,
            tls,
            max_body: setup.max_body,
        })
    }

    /// The client for one job.
    pub fn session(&self, job: &Job) -> Session {
        let named = lock(&self.agents).pop();
        let one_more = || build(&self.config, self.tls.as_ref(), Resolver::default());
        let named = named.unwrap_or_else(one_more);
        // A thread that is blocked in a read looks at no switch. What reaches it is the
        // closing of its socket, and ureq closes all of an agent's or none: so a job has
        // an agent to itself, or cancelling it would break another that runs beside it.
        let cancellation = job.cancel.on_cancel({
            let named = named.clone();
            move || {
                named.resolver.close();
                named.agent.shutdown();
            }
        });
        Session {
            max_body: self.max_body,
            lease: Arc::new(Lease {
                named,
                agents: Arc::clone(&self.agents),
                cancel: job.cancel.clone(),
                cancellation: Some(cancellation),
            }),
        }
    }
}

impl Session {
    /// The head of the answer. A request whose idle connection had died is sent once more, on
    /// a fresh one (RFC 9112, 9.3.1).
    pub(crate) fn send(&self, url: &str, attempt: &mut Attempt) -> Result<Response<Body>, Error> {
        let begun = Instant::now();
        let agent = &self.lease.named.agent;
        let answer = agent.get(url).call();
        let ending = answer.as_ref().err().and_then(Ending::of);
        if !ending.is_some_and(|ending| ending.reused) || self.is_cancelled() {
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

    pub(crate) fn is_cancelled(&self) -> bool {
        self.lease.cancel.is_cancelled()
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

fn build(config: &Config, tls: Option<&Arc<ClientConfig>>, resolver: Resolver) -> Named {
    let (config, names) = (config.clone(), resolver.clone());
    let agent = match tls {
        None => {
            let connector = TcpConnector::default().chain(Telling);
            Agent::with_parts(config, connector, names)
        }
        Some(tls) => {
            let connector = TcpConnector::default().chain(TlsConnector(Arc::clone(tls)));
            Agent::with_parts(config, connector.chain(Telling), names)
        }
    };
    Named { agent, resolver }
}

fn lock(agents: &Agents) -> MutexGuard<'_, Vec<Named>> {
    agents.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc;
    use std::thread;

    use flagrace_core::{CountryCode, Item, Timeouts};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(25);

    /// Sends a request to a host that is never found; cancels the job at once, or not at all.
    fn send_to_nowhere(limit: Duration, cancel: bool) -> Error {
        let client = Client::new(&Setup {
            timeouts: Timeouts {
                connect: limit,
                request: 2 * PATIENCE,
            },
            ..Setup::default()
        });
        let client = client.unwrap();
        let never = Resolver::asking(|_| {
            loop {
                thread::park();
            }
        });
        *lock(&client.agents) = vec![build(&client.config, None, never)];
        let br = Item::Flag(CountryCode::new(b'B', b'R').unwrap());
        let job = Job::of(
            flagrace_core::Origin::Flags("http://nowhere/flags".parse().unwrap()),
            [br].into(),
        );
        let session = client.session(&job);
        let mut attempt = Attempt::begin(&job, Instant::now(), br);
        let (answer, answered) = mpsc::channel();
        thread::spawn(move || drop(answer.send(session.send("http://nowhere/", &mut attempt))));
        if cancel {
            job.cancel.cancel();
        }
        answered.recv_timeout(PATIENCE).unwrap().unwrap_err()
    }

    #[test]
    fn a_name_has_as_long_as_a_connection() {
        let error = send_to_nowhere(Duration::from_millis(1), false);
        assert!(matches!(error, Error::Timeout(_)), "{error}");
    }

    #[test]
    fn cancelling_ends_a_look_up() {
        let error = send_to_nowhere(2 * PATIENCE, true);
        assert!(matches!(error, Error::Io(_)), "{error}");
    }
}
