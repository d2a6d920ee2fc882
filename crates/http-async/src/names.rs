//! Host name lookup, once per name.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::thread;

use flagrace_core::lock;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::{OnceCell, oneshot};

type Found = io::Result<Vec<SocketAddr>>;

/// Resolves each name once, and caches the result, including errors.
///
/// reqwest's own resolver uses the runtime's blocking threads: there are few of them, and all may
/// be saving. All tasks that need a name wait for one lookup, on a thread of its own.
#[derive(Default)]
pub(crate) struct Names {
    known: Mutex<HashMap<String, Known>>,
}

/// Empty during the lookup.
type Known = Arc<OnceCell<Found>>;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let known = Arc::clone(lock(&self.known).entry(name.clone()).or_default());
        Box::pin(async move {
            match known.get_or_init(|| look_up(name)).await {
                Ok(addresses) => Ok(Box::new(addresses.clone().into_iter()) as Addrs),
                Err(error) => Err(error.to_string().into()),
            }
        })
    }
}

async fn look_up(name: String) -> Found {
    let (sender, receiver) = oneshot::channel();
    let thread = thread::Builder::new().name("look-up".to_owned());
    thread.spawn(move || {
        let found = (name, 0).to_socket_addrs().map(Iterator::collect);
        // Fails if the request has ended in the meantime.
        let _ = sender.send(found);
    })?;
    receiver.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::runtime::Builder;
    use tokio::time::timeout;

    use super::*;

    #[test]
    fn a_name_is_resolved_once_even_if_all_saving_threads_are_busy() {
        let mut runtime = Builder::new_current_thread();
        runtime.enable_time().max_blocking_threads(1);
        let runtime = runtime.build().unwrap();
        let (release, held) = mpsc::channel::<()>();
        runtime.spawn_blocking(move || held.recv());
        let names = Names::default();
        let resolve = || {
            let found = names.resolve("localhost".parse().unwrap());
            let in_time = async { timeout(Duration::from_secs(25), found).await };
            runtime.block_on(in_time).expect("no thread was free")
        };
        assert!(resolve().unwrap().count() > 0);
        // Known names are not resolved again, even if the result is an error.
        for known in names.known.lock().unwrap().values_mut() {
            let error = io::ErrorKind::NotFound.into();
            *known = Arc::new(OnceCell::from(Err(error)));
        }
        assert!(resolve().is_err());
        drop(release);
    }
}
