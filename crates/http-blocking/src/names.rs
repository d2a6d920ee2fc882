//! Host names, each looked up once.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::time::Duration;

/// Looks each name up once, and remembers the answer, even an error.
///
/// ureq asks before every request, and its own resolver starts a thread each time: an engine
/// that is measured for its threads must not have hidden ones. All threads that need a name
/// wait for one look-up. It ends after the time limit of a connection, and not earlier when
/// the job is cancelled.
#[derive(Debug, Default)]
pub(crate) struct Names<R> {
    resolver: R,
    known: Mutex<HashMap<String, Known>>,
}

/// Empty during the look-up.
type Known = Arc<OnceLock<Result<ResolvedSocketAddrs, Error>>>;

impl<R: Resolver> Resolver for Names<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            // Without a time limit ureq starts no thread, and an address needs no look-up.
            let after = Duration::NotHappening;
            let timeout = NextTimeout { after, ..timeout };
            return self.resolver.resolve(uri, config, timeout);
        }
        // Addresses come with a port, which depends on the scheme.
        let server = format!("{:?} {:?}", uri.scheme(), uri.authority());
        let known = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(server).or_default())
        };
        match known.get_or_init(|| self.resolver.resolve(uri, config, timeout)) {
            Ok(addresses) => Ok(addresses.clone()),
            Err(Error::Timeout(limit)) => Err(Error::Timeout(*limit)),
            Err(Error::Io(error)) => Err(io::Error::new(error.kind(), error.to_string()).into()),
            Err(_) => Err(Error::HostNotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use ureq::unversioned::resolver::DefaultResolver;

    use super::*;

    fn resolve<R: Resolver>(names: &Names<R>, url: &str) -> Result<ResolvedSocketAddrs, Error> {
        let uri = url.parse().unwrap();
        names.resolve(&uri, &Config::default(), NextTimeout::default())
    }

    /// Counts the look-ups. It knows the host `here`, and answers when 20 threads need a name.
    #[derive(Debug, Default)]
    struct Counting {
        look_ups: AtomicUsize,
        threads: AtomicUsize,
    }

    impl Resolver for Counting {
        fn resolve(
            &self,
            uri: &Uri,
            _config: &Config,
            timeout: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            self.look_ups.fetch_add(1, Ordering::SeqCst);
            while self.threads.load(Ordering::SeqCst) < 20 {
                thread::yield_now();
            }
            let mut found = self.empty();
            found.push(([127, 0, 0, 1], 80).into());
            match uri.host() {
                Some("here") => Ok(found),
                _ => Err(Error::Timeout(timeout.reason)),
            }
        }
    }

    #[test]
    fn threads_that_need_a_name_wait_for_one_look_up() {
        let names = Names::<Counting>::default();
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    names.resolver.threads.fetch_add(1, Ordering::SeqCst);
                    assert!(resolve(&names, "http://here/").is_ok());
                    let late = resolve(&names, "http://nowhere/");
                    assert!(matches!(late, Err(Error::Timeout(_))), "{late:?}");
                });
            }
        });
        assert_eq!(names.resolver.look_ups.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn an_address_has_the_port_of_its_url_or_of_its_scheme() {
        let ports = [
            "http://127.0.0.1/",
            "https://[::1]/",
            "http://127.0.0.1:8443/",
        ]
        .map(|url| {
            let names = Names::<DefaultResolver>::default();
            resolve(&names, url).unwrap()[0].port()
        });
        assert_eq!(ports, [80, 443, 8443]);
    }
}
