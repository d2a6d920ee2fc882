//! reqwest, held to the limits that are the same for every engine.

use std::cell::Cell;
use std::error::Error;
use std::iter;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use flagrace_core::{Attempt, JobError, Setup};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpInfo};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Response, redirect, retry};
use tokio::sync::{OnceCell, oneshot};
use tokio::task_local;
use tower::util::MapResponseLayer;

task_local! {
    /// The connection that was made for this request, by its own address.
    static MADE: Cell<Option<SocketAddr>>;
}

/// An async HTTP client. A clone shares its pool of connections, and building one is not
/// cheap: an engine has one, not one for each flag.
#[derive(Clone)]
pub struct Client {
    setup: Setup,
    pooled: reqwest::Client,
    /// Makes a connection for each request. It is built when it is first needed.
    fresh: Arc<OnceCell<reqwest::Client>>,
}

impl Client {
    /// Builds the client. No connection is made yet.
    ///
    /// # Errors
    ///
    /// If the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            setup: setup.clone(),
            pooled: build(setup, setup.concurrency)?,
            fresh: Arc::default(),
        })
    }

    /// The head of the answer. A request whose idle connection had died is sent once more, on
    /// a fresh one (RFC 9112, 9.3.1).
    pub(crate) async fn send(
        &self,
        url: &str,
        attempt: &mut Attempt,
    ) -> Result<Response, reqwest::Error> {
        let begun = Instant::now();
        let sending = async { (self.pooled.get(url).send().await, MADE.with(Cell::get)) };
        match MADE.scope(Cell::default(), sending).await {
            (Err(error), made) if had_died(&error, made) => {
                attempt.resend();
                let limit = self.setup.timeouts.request;
                let left = limit.saturating_sub(begun.elapsed());
                // Boxed: every task would be larger for what hardly any of them does.
                let answer = Box::pin(self.send_afresh(url, left)).await;
                answer.unwrap_or(Err(error))
            }
            (answer, _) => answer,
        }
    }

    /// On a connection of its own: the other idle ones may have died as well. `None` if there is
    /// no client for that.
    async fn send_afresh(
        &self,
        url: &str,
        limit: Duration,
    ) -> Option<Result<Response, reqwest::Error>> {
        let build = || async { build(&self.setup, 0) };
        let fresh = self.fresh.get_or_try_init(build).await.ok()?;
        Some(fresh.get(url).timeout(limit).send().await)
    }
}

fn build(setup: &Setup, idle: usize) -> Result<reqwest::Client, JobError> {
    let tls = match &setup.tls {
        Some(tls) => flagrace_tls::client(tls)?,
        None => flagrace_tls::refusing(),
    };
    reqwest::Client::builder()
        .http1_only()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .tcp_nodelay(true)
        .connect_timeout(setup.timeouts.connect)
        .timeout(setup.timeouts.request)
        .pool_max_idle_per_host(idle)
        .connector_layer(MapResponseLayer::new(note))
        .dns_resolver(Names)
        .user_agent(concat!("flagrace/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| JobError::Client(error.to_string()))
}

/// Looks names up on threads of its own: reqwest would do it on those of tokio, which are few
/// here, and may all be saving.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (teller, told) = oneshot::channel();
        let look_up = move || {
            let found = (name.as_str(), 0).to_socket_addrs();
            // Whoever gave up waiting is not told.
            let _ = teller.send(found);
        };
        let thread = thread::Builder::new().name("look-up".to_owned());
        let begun = thread.spawn(look_up);
        Box::pin(async move {
            begun?;
            Ok(Box::new(told.await??) as Addrs)
        })
    }
}

/// Notes a new connection for the request that waits for it. One that is completed when its
/// request has found another is nobody's.
fn note<C: Connection>(connection: C) -> C {
    let _ = MADE.try_with(|made| made.set(own_address(&connection.connected())));
    connection
}

/// Whether a request failed because its connection had died while it was idle: it was not made
/// for this request, and there was no head of an answer. hyper does not tell whether a part of
/// the head had come.
fn had_died(error: &reqwest::Error, made: Option<SocketAddr>) -> bool {
    let used = cause::<legacy::Error>(error).and_then(legacy::Error::connect_info);
    let used = used.and_then(own_address);
    let answered = cause::<hyper::Error>(error).is_some_and(hyper::Error::is_parse);
    used.is_some() && used != made && !answered
}

fn own_address(connected: &Connected) -> Option<SocketAddr> {
    let mut extras = http::Extensions::new();
    connected.get_extras(&mut extras);
    extras.get().map(HttpInfo::local_addr)
}

/// The error of this type that is behind another.
fn cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut causes = iter::successors(error.source(), |&error| error.source());
    causes.find_map(|error| error.downcast_ref())
}
