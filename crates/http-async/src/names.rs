//! Host names, each looked up once.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::{OnceCell, oneshot};

type Found = io::Result<Vec<SocketAddr>>;

/// Looks each name up once, on a thread of its own. A failure is not remembered.
///
/// reqwest's own resolver takes a thread of the runtime: there are few of them, and all may
/// be saving.
#[derive(Clone)]
pub(crate) struct Names {
    look_up: fn(&str) -> Found,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

/// Empty while it is being looked up.
type Known = Arc<OnceCell<Vec<SocketAddr>>>;

impl Default for Names {
    fn default() -> Self {
        Self::asking(|name| Ok((name, 0).to_socket_addrs()?.collect()))
    }
}

impl Names {
    pub(crate) fn asking(look_up: fn(&str) -> Found) -> Self {
        Self {
            look_up,
            known: Arc::default(),
        }
    }

    /// Where a name is. All who ask at the same time wait for one look-up.
    async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
        let known = self.known(name);
        let found = known.get_or_try_init(|| self.ask(name.to_owned())).await?;
        Ok(found.clone())
    }

    /// Begins a look-up, and waits until it is done.
    async fn ask(&self, name: String) -> Found {
        let look_up = self.look_up;
        let (teller, told) = oneshot::channel();
        let thread = thread::Builder::new().name("look-up".to_owned());
        // The request may be over before it is told.
        thread.spawn(move || drop(teller.send(look_up(&name))))?;
        told.await.map_err(io::Error::other)?
    }

    fn known(&self, name: &str) -> Known {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(name.to_owned()).or_default())
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
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
