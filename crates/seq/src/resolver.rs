//! Host names, looked up once.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver as Resolve};
use ureq::unversioned::transport::NextTimeout;

/// Looks each host up once, on a thread of its own, and remembers the answer.
///
/// ureq's own resolver starts a thread for each request as soon as there is a time limit on the
/// request as a whole, also for an address that needs no look-up. An engine that is measured
/// for its threads must not have hidden ones.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    look_up: fn(&str) -> Found,
    /// `None` once it is closed.
    hosts: Arc<Mutex<Option<Hosts>>>,
}

type Found = io::Result<Vec<SocketAddr>>;
type Hosts = HashMap<String, Host>;

#[derive(Debug)]
enum Host {
    Known(Vec<SocketAddr>),
    /// It is being looked up for all who wait at these channels.
    Asked(Vec<Sender<Found>>),
}

impl Default for Resolver {
    fn default() -> Self {
        Self::asking(|authority| Ok(authority.to_socket_addrs()?.collect()))
    }
}

impl Resolver {
    pub(crate) fn asking(look_up: fn(&str) -> Found) -> Self {
        Self {
            look_up,
            hosts: Arc::new(Mutex::new(Some(Hosts::new()))),
        }
    }

    /// Wakes all who wait with an error, and refuses new look-ups.
    pub(crate) fn close(&self) {
        *self.hosts() = None;
    }

    fn addresses(&self, authority: String, timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
        let (teller, told) = mpsc::channel();
        let mut hosts = self.hosts();
        let Some(known) = hosts.as_mut() else {
            return Err(cancelled());
        };
        match known.get_mut(&authority) {
            Some(Host::Known(addresses)) => return Ok(addresses.clone()),
            Some(Host::Asked(waiting)) => waiting.push(teller),
            None => {
                let this = self.clone();
                let asked = authority.clone();
                thread::Builder::new()
                    .name("look-up".to_owned())
                    .spawn(move || this.ask(&asked))?;
                known.insert(authority, Host::Asked(vec![teller]));
            }
        }
        drop(hosts);
        match told.recv_timeout(*timeout.after) {
            Ok(found) => Ok(found?),
            Err(RecvTimeoutError::Timeout) => Err(Error::Timeout(timeout.reason)),
            Err(RecvTimeoutError::Disconnected) => Err(cancelled()),
        }
    }

    /// Looks a host up, and tells all who wait for it. A failure is not remembered.
    fn ask(&self, authority: &str) {
        let found = (self.look_up)(authority);
        let mut hosts = self.hosts();
        let Some(hosts) = hosts.as_mut() else { return };
        let asked = match &found {
            Ok(addresses) => hosts.insert(authority.to_owned(), Host::Known(addresses.clone())),
            Err(_) => hosts.remove(authority),
        };
        if let Some(Host::Asked(waiting)) = asked {
            for teller in waiting {
                let found = found.as_ref().map(Vec::clone);
                // Some may have given up waiting.
                let _ = teller.send(found.map_err(|e| io::Error::new(e.kind(), e.to_string())));
            }
        }
    }

    fn hosts(&self) -> MutexGuard<'_, Option<Hosts>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cancelled() -> Error {
    Error::Io(io::ErrorKind::NotConnected.into())
}

impl Resolve for Resolver {
    fn resolve(
        &self,
        uri: &Uri,
        _config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().ok_or(Error::HostNotFound)?;
        let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
            Some("https") => 443,
            _ => 80,
        });
        // ureq asks before every request, also before those for which it has a connection.
        let addresses = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => self.addresses(format!("{host}:{port}"), timeout)?,
        };
        let mut result = self.empty();
        // ureq takes 16 addresses at most.
        for address in addresses.into_iter().take(16) {
            result.push(address);
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

    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// `slow` is never found, `none` is not there, and all else is at port 1.
    fn look_up(authority: &str) -> Found {
        match authority.split(':').next() {
            Some("slow") => loop {
                thread::park();
            },
            Some("none") => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(vec![([127, 0, 0, 1], 1).into()]),
        }
    }

    fn port(resolver: &Resolver, url: &str, limit: Duration) -> Result<u16, Error> {
        let timeout = NextTimeout {
            after: limit.into(),
            ..NextTimeout::default()
        };
        let found = resolver.resolve(&url.parse().unwrap(), &Config::default(), timeout);
        found.map(|addresses| addresses[0].port())
    }

    #[test]
    fn a_port_that_is_not_named_is_that_of_the_scheme() {
        let ports = [
            "http://127.0.0.1/",
            "https://[::1]/",
            "https://127.0.0.1:8443/",
        ]
        .map(|url| port(&Resolver::default(), url, Duration::MAX).unwrap());
        assert_eq!(ports, [80, 443, 8443]);
    }

    #[test]
    fn a_look_up_has_a_time_limit_and_holds_up_no_other() {
        let resolver = Resolver::asking(look_up);
        let late = port(&resolver, "http://slow/", Duration::from_millis(1));
        assert!(matches!(late, Err(Error::Timeout(_))), "{late:?}");
        // That look-up still goes on.
        assert_eq!(port(&resolver, "http://quick/", Duration::MAX).unwrap(), 1);
        let none = port(&resolver, "http://none/", Duration::MAX).unwrap_err();
        assert!(matches!(none, Error::Io(error) if error.kind() == io::ErrorKind::NotFound));
    }

    #[test]
    fn a_look_up_can_be_cancelled() {
        let resolver = Resolver::asking(look_up);
        let other = resolver.clone();
        let waiting = thread::spawn(move || port(&other, "http://slow/", Duration::MAX));
        while resolver.hosts().as_ref().unwrap().is_empty() {
            thread::yield_now();
        }
        resolver.close();
        let cancelled = waiting.join().unwrap().unwrap_err();
        assert!(matches!(cancelled, Error::Io(_)), "{cancelled}");
        assert!(port(&resolver, "http://quick/", Duration::MAX).is_err());
    }

    #[test]
    fn many_who_begin_at_once_ask_one_question() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        static ALL_WAIT: AtomicBool = AtomicBool::new(false);
        let resolver = Resolver::asking(|authority| {
            ASKED.fetch_add(1, Ordering::SeqCst);
            while !ALL_WAIT.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            look_up(authority)
        });
        let waiting = || match resolver.hosts().as_ref().unwrap().values().next() {
            Some(Host::Asked(waiting)) => waiting.len(),
            _ => 0,
        };
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| port(&resolver, "http://quick/", Duration::MAX).unwrap());
            }
            // With a look-up for each there would never be so many at one.
            while waiting() < 20 {
                thread::yield_now();
            }
            ALL_WAIT.store(true, Ordering::SeqCst);
        });
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    }
}
