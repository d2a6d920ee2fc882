//! Host name lookup, once per name.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock};

use flagrace_core::lock;
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::time::Duration;

/// Resolves each name once, and caches the result, including errors.
///
/// ureq resolves before every request, and its own resolver starts a thread each time: an engine
/// that is measured for its threads must not have hidden ones. All threads that need a name wait
/// for one lookup, up to the time limit to connect, even if the job is cancelled.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: Mutex<HashMap<String, Known>>,
}

/// Empty during the lookup.
type Known = Arc<OnceLock<Result<ResolvedSocketAddrs, Error>>>;

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let resolver = DefaultResolver::default();
        let host = uri.host().unwrap_or_default();
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            // Without a time limit ureq starts no thread, and an address needs no lookup.
            let after = Duration::NotHappening;
            return resolver.resolve(uri, config, NextTimeout { after, ..timeout });
        }
        // The scheme is part of the key: the result contains the port.
        let server = format!("{:?} {:?}", uri.scheme(), uri.authority());
        let known = Arc::clone(lock(&self.known).entry(server).or_default());
        match known.get_or_init(|| resolver.resolve(uri, config, timeout)) {
            Ok(addresses) => Ok(addresses.clone()),
            Err(Error::Timeout(limit)) => Err(Error::Timeout(*limit)),
            Err(Error::Io(error)) => Err(io::Error::new(error.kind(), error.to_string()).into()),
            Err(_) => Err(Error::HostNotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_resolved_once_and_an_address_never() {
        let names = Names::default();
        let port = |url: &str| {
            let limit = NextTimeout {
                after: Duration::from_secs(25),
                ..NextTimeout::default()
            };
            let found = names.resolve(&url.parse().unwrap(), &Config::default(), limit);
            found.map(|addresses| addresses[0].port())
        };
        let look_ups = || names.known.lock().unwrap().len();
        assert_eq!(port("http://127.0.0.1/").unwrap(), 80);
        assert_eq!(port("https://[::1]/").unwrap(), 443);
        assert_eq!(look_ups(), 0);
        assert_eq!(port("http://localhost:8443/").unwrap(), 8443);
        assert_eq!(look_ups(), 1);
        // Known names are not resolved again, even if the result is an error.
        for known in names.known.lock().unwrap().values_mut() {
            *known = Arc::new(Err(Error::ConnectionFailed).into());
        }
        assert!(port("http://localhost:8443/").is_err());
        assert_eq!(look_ups(), 1);
    }
}
