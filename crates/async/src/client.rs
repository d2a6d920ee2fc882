//! reqwest, held to the limits that are the same for every engine.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{io, iter};

use flagrace_core::{Attempt, JobError, Setup};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Response, redirect, retry};
use tokio::sync::{OnceCell, oneshot};

type BoxError = Box<dyn Error + Send + Sync>;

/// An async HTTP client. A clone shares its pool of connections, and building one is not
/// cheap: an engine has one, not one for each flag.
#[derive(Clone)]
pub struct Client {
    setup: Setup,
    pooled: reqwest::Client,
    /// Its connections that have answered, by their local addresses: those that a later request
    /// may find dead. One that is closed while it is idle stays, until its port comes again.
    answered: Arc<Mutex<HashSet<SocketAddr>>>,
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
            answered: Arc::default(),
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
        let left = self.setup.timeouts.request.saturating_sub(begun.elapsed());
        // Boxed: every task would be larger for what hardly any of them does.
        let answer = Box::pin(self.send_afresh(url, left)).await;
        answer.unwrap_or(Err(error))
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
        .dns_resolver(Names::default())
        .user_agent(concat!("flagrace/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| JobError::Client(error.to_string()))
}

/// Looks each name up once, on a thread of its own: those of tokio are few, and may all be
/// saving. A failure is not remembered.
struct Names {
    look_up: fn(&str) -> io::Result<Vec<SocketAddr>>,
    known: Mutex<HashMap<String, Arc<OnceCell<Vec<SocketAddr>>>>>,
}

impl Names {
    fn asking(look_up: fn(&str) -> io::Result<Vec<SocketAddr>>) -> Self {
        Self {
            look_up,
            known: Mutex::default(),
        }
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::asking(|name| Ok((name, 0).to_socket_addrs()?.collect()))
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (name, look_up) = (name.as_str().to_owned(), self.look_up);
        let addresses = Arc::clone(lock(&self.known).entry(name.clone()).or_default());
        Box::pin(async move {
            let on_a_thread = || async move {
                let (sender, receiver) = oneshot::channel();
                let thread = thread::Builder::new().name("look-up".to_owned());
                // Nobody may be waiting any more.
                thread.spawn(move || drop(sender.send(look_up(&name))))?;
                receiver.await?.map_err(BoxError::from)
            };
            let addresses = addresses.get_or_try_init(on_a_thread).await?;
            Ok(Box::new(addresses.clone().into_iter()) as Addrs)
        })
    }
}

/// The connection, by its local address, that ended before the head of an answer was there.
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

/// The error of this type that is behind another.
fn cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut causes = iter::successors(error.source(), |&error| error.source());
    causes.find_map(|error| error.downcast_ref())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;

    #[test]
    fn many_who_begin_at_once_ask_one_question() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let names = Names::asking(|_| {
            ASKED.fetch_add(1, Ordering::SeqCst);
            Ok(vec![([127, 0, 0, 1], 1).into()])
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let asking = (0..20).map(|_| names.resolve("quick".parse().unwrap()));
            for found in asking.collect::<JoinSet<_>>().join_all().await {
                assert_eq!(found.unwrap().count(), 1);
            }
        });
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    }
}
