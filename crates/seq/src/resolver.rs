//! Host names, looked up once.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Mutex, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver as Resolve};
use ureq::unversioned::transport::NextTimeout;

/// Looks up each host once and remembers the answer.
///
/// ureq's own resolver starts an OS thread for each look-up as soon as there is a time
/// limit on the request as a whole, even for an address that needs no look-up. An engine
/// that is measured for its threads must not have hidden ones.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    known: Mutex<HashMap<String, Vec<SocketAddr>>>,
}

impl Resolve for Resolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().ok_or(Error::HostNotFound)?;
        let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
            Some("https") => 443,
            _ => 80,
        });
        let mut result = self.empty();
        // ureq asks before every request, also before those for which it has a connection.
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            result.push(SocketAddr::new(address, port));
            return Ok(result);
        }
        let authority = format!("{host}:{port}");
        // Held during the look-up: a thousand threads that begin at once ask one question.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains_key(&authority) {
            let addresses = authority.to_socket_addrs()?;
            let wanted = config.ip_family().keep_wanted(addresses).collect();
            known.insert(authority.clone(), wanted);
        }
        // ureq takes 16 addresses at most.
        for address in known[&authority].iter().take(16) {
            result.push(*address);
        }
        if result.is_empty() {
            return Err(Error::HostNotFound);
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_port_that_is_not_named_is_that_of_the_scheme() {
        let port = |url: &str| {
            let (uri, config) = (url.parse().unwrap(), Config::default());
            let found = Resolver::default().resolve(&uri, &config, NextTimeout::default());
            found.unwrap()[0].port()
        };
        let ports = [
            "http://127.0.0.1/",
            "https://[::1]/",
            "https://127.0.0.1:8443/",
        ]
        .map(port);
        assert_eq!(ports, [80, 443, 8443]);
    }
}
