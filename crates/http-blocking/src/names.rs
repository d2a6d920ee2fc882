//! Host names, each looked up once.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

type Found = io::Result<Vec<SocketAddr>>;

/// Looks each name up once, on a thread of its own. A failure is not remembered.
///
/// ureq's own resolver starts a thread for each request as soon as there is a time limit on the
/// request as a whole, also for an address that needs no look-up. An engine that is measured
/// for its threads must not have hidden ones.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    look_up: fn(&str) -> Found,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    known: Mutex<Known>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Known {
    is_closed: bool,
    /// `None` while it is being looked up.
    names: HashMap<String, Option<Found>>,
}

impl Default for Names {
    fn default() -> Self {
        Self::asking(|name| Ok((name, 0).to_socket_addrs()?.collect()))
    }
}

impl Names {
    pub(crate) fn asking(look_up: fn(&str) -> Found) -> Self {
        Self {
            look_up,
            shared: Arc::default(),
        }
    }

    /// Where a name is. All who ask at the same time wait for one look-up.
    fn addresses(&self, name: &str, timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
        let mut known = self.known();
        if matches!(known.names.get(name), None | Some(Some(Err(_)))) {
            self.ask(name.to_owned())?;
            known.names.insert(name.to_owned(), None);
        }
        let is_asked =
            |known: &mut Known| !known.is_closed && matches!(known.names.get(name), Some(None));
        let changed = &self.shared.changed;
        let waited = changed.wait_timeout_while(known, *timeout.after, is_asked);
        let (known, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match known.names.get(name) {
            _ if known.is_closed => Err(Error::Io(io::ErrorKind::NotConnected.into())),
            Some(Some(Ok(addresses))) => Ok(addresses.clone()),
            Some(Some(Err(error))) => Err(io::Error::new(error.kind(), error.to_string()).into()),
            Some(None) | None => Err(Error::Timeout(timeout.reason)),
        }
    }

    /// Begins a look-up, and wakes all who wait for it when it is done.
    fn ask(&self, name: String) -> io::Result<()> {
        let this = self.clone();
        let thread = thread::Builder::new().name("look-up".to_owned());
        thread.spawn(move || {
            let found = (this.look_up)(&name);
            this.known().names.insert(name, Some(found));
            this.shared.changed.notify_all();
        })?;
        Ok(())
    }

    /// Wakes all who wait with an error, and refuses whoever asks later.
    pub(crate) fn close(&self) {
        self.known().is_closed = true;
        self.shared.changed.notify_all();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        let known = self.shared.known.lock();
        known.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a look-up is under way.
    #[cfg(test)]
    pub(crate) fn is_asked(&self) -> bool {
        self.known().names.values().any(Option::is_none)
    }
}

impl Resolver for Names {
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
            Err(_) => self.addresses(host, timeout)?,
        };
        let mut result = self.empty();
        // ureq takes 16 addresses at most.
        for address in addresses.into_iter().take(16) {
            result.push(SocketAddr::new(address.ip(), port));
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

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// `slow` is never found, `none` is not there, and all else is here.
    fn look_up(name: &str) -> Found {
        match name {
            "slow" => loop {
                thread::park();
            },
            "none" => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(vec![([127, 0, 0, 1], 0).into()]),
        }
    }

    fn port(names: &Names, url: &str, limit: Duration) -> Result<u16, Error> {
        let timeout = NextTimeout {
            after: limit.into(),
            ..NextTimeout::default()
        };
        let found = names.resolve(&url.parse().unwrap(), &Config::default(), timeout);
        found.map(|addresses| addresses[0].port())
    }

    #[test]
    fn a_port_that_is_not_named_is_that_of_the_scheme() {
        let ports = [
            "http://127.0.0.1/",
            "https://[::1]/",
            "https://127.0.0.1:8443/",
            "http://quick:81/",
        ]
        .map(|url| port(&Names::asking(look_up), url, Duration::MAX).unwrap());
        assert_eq!(ports, [80, 443, 8443, 81]);
    }

    #[test]
    fn a_look_up_has_a_time_limit_and_holds_up_no_other() {
        let names = Names::asking(look_up);
        let late = port(&names, "http://slow/", Duration::from_millis(1));
        assert!(matches!(late, Err(Error::Timeout(_))), "{late:?}");
        // That look-up still goes on.
        assert_eq!(port(&names, "http://quick/", Duration::MAX).unwrap(), 80);
        let none = port(&names, "http://none/", Duration::MAX).unwrap_err();
        assert!(matches!(none, Error::Io(error) if error.kind() == io::ErrorKind::NotFound));
    }

    #[test]
    fn whoever_asks_after_the_end_is_refused() {
        let names = Names::asking(look_up);
        names.close();
        let refused = port(&names, "http://quick/", Duration::MAX);
        assert!(matches!(refused, Err(Error::Io(_))), "{refused:?}");
    }

    #[test]
    fn many_who_begin_at_once_ask_one_question() {
        static BEGUN: AtomicUsize = AtomicUsize::new(0);
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let names = Names::asking(|name| {
            ASKED.fetch_add(1, Ordering::SeqCst);
            while BEGUN.load(Ordering::SeqCst) < 20 {
                thread::yield_now();
            }
            look_up(name)
        });
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    BEGUN.fetch_add(1, Ordering::SeqCst);
                    port(&names, "http://quick/", Duration::MAX).unwrap()
                });
            }
        });
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_failure_is_not_remembered() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let names = Names::asking(|name| match ASKED.fetch_add(1, Ordering::SeqCst) {
            0 => look_up("none"),
            _ => look_up(name),
        });
        port(&names, "http://quick/", Duration::MAX).unwrap_err();
        assert_eq!(port(&names, "http://quick/", Duration::MAX).unwrap(), 80);
    }
}
