//! reqwest, held to the limits that are the same for every engine.

use flagrace_core::{JobError, Setup};
use reqwest::{Client, redirect, retry};

/// Builds the client. No connection is made yet. A client is a handle to one shared pool
/// of connections, and building one is not cheap: an engine has one, not one per flag.
///
/// # Errors
///
/// If the client cannot be built.
pub fn build(setup: &Setup) -> Result<Client, JobError> {
    let tls = match &setup.tls {
        Some(tls) => flagrace_tls::client(tls)?,
        None => flagrace_tls::refusing(),
    };
    Client::builder()
        .http1_only()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .tcp_nodelay(true)
        .connect_timeout(setup.timeouts.connect)
        .timeout(setup.timeouts.request)
        .pool_max_idle_per_host(setup.concurrency)
        .user_agent(concat!("flagrace/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| JobError::Client(error.to_string()))
}
