//! reqwest, with the same limits for every engine.

use std::collections::HashSet;
use std::error::Error;
use std::iter;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use flagrace_core::{Attempt, Job, JobError, Setup, lock};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::{Response, redirect, retry};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::names::Names;
use crate::{Computing, Session};

/// An async HTTP client with a connection pool, for any number of tasks.
#[derive(Clone)]
pub struct Client {
    /// Where to compute: in the task unless changed.
    pub computing: Computing,
    pub(crate) setup: Setup,
    pooled: reqwest::Client,
    /// The local addresses of connections that have answered: a later request may find them dead.
    /// The address of one that closes while idle stays until its port is reused.
    answered: Arc<Mutex<HashSet<SocketAddr>>>,
    /// Makes a connection for each request. Built on first use.
    fresh: Arc<OnceCell<reqwest::Client>>,
}

impl Client {
    /// Builds the client. It does not connect yet.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            computing: Computing::default(),
            setup: setup.clone(),
            pooled: build(setup, setup.concurrency)?,
            answered: Arc::default(),
            fresh: Arc::default(),
        })
    }

    /// The client for one job, which began at `start`.
    pub fn session(&self, job: &Job, start: Instant) -> Session {
        let cancelled = CancellationToken::new();
        let token = cancelled.clone();
        Session {
            job: job.clone(),
            start,
            client: self.clone(),
            cancelled,
            _cancellation: job.cancel.on_cancel(move || token.cancel()),
        }
    }

    /// Sends a request and returns the response head. If its idle connection was dead, the request
    /// is resent once, on a new connection (RFC 9112, 9.3.1).
    pub(crate) async fn send(
        &self,
        url: &str,
        attempt: &mut Attempt,
    ) -> Result<Response, reqwest::Error> {
        let begun = Instant::now();
        let error = match self.pooled.get(url).send().await {
            Ok(response) => {
                if let Some(connection) = response.extensions().get::<HttpInfo>() {
                    lock(&self.answered).insert(connection.local_addr());
                }
                return Ok(response);
            }
            Err(error) => error,
        };
        if !ended(&error).is_some_and(|connection| lock(&self.answered).remove(&connection)) {
            return Err(error);
        }
        attempt.resend();
        let left = self.setup.request_timeout.saturating_sub(begun.elapsed());
        // Use a new connection: other idle ones may be dead too. Boxed, so that this rare branch
        // does not make every task larger.
        let answer = Box::pin(async {
            let build = || async { build(&self.setup, 0) };
            let fresh = self.fresh.get_or_try_init(build).await.ok()?;
            Some(fresh.get(url).timeout(left).send().await)
        });
        answer.await.unwrap_or(Err(error))
    }
}

fn build(setup: &Setup, idle: usize) -> Result<reqwest::Client, JobError> {
    let builder = reqwest::Client::builder();
    // Otherwise reqwest would load the system's certificates.
    #[cfg(feature = "https")]
    let builder = {
        let config = flagrace_core::tls::client_config(setup.tls.as_deref())?;
        builder.tls_backend_preconfigured(config)
    };
    builder
        .http1_only()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .tcp_nodelay(true)
        // Loopback drops probes of 10,000 connections at once, and then Linux ends some of them.
        .tcp_keepalive(None)
        .tcp_keepalive_interval(None)
        .tcp_keepalive_retries(None)
        .connect_timeout(setup.connect_timeout)
        .timeout(setup.request_timeout)
        .pool_max_idle_per_host(idle)
        .dns_resolver(Names::default())
        .user_agent(concat!("flagrace/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| JobError::Client(error.to_string()))
}

/// The local address of the connection, if it ended before the response head.
fn ended(error: &reqwest::Error) -> Option<SocketAddr> {
    if cause::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        return None;
    }
    let mut extras = http::Extensions::new();
    cause::<legacy::Error>(error)?
        .connect_info()?
        .get_extras(&mut extras);
    extras.get().map(HttpInfo::local_addr)
}

/// Finds an error of this type in the chain of sources.
pub(crate) fn cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut causes = iter::successors(error.source(), |&error| error.source());
    causes.find_map(|error| error.downcast_ref())
}
