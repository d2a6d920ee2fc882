//! Host names, each looked up once.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::{OnceCell, oneshot};

type Found = io::Result<Vec<SocketAddr>>;

/// Looks each name up once, and remembers the answer, even an error.
///
/// reqwest's own resolver takes a thread of the runtime: there are few of them, and all may be
/// saving. All tasks that need a name wait for one look-up, on a thread of its own.
pub(crate) struct Names {
    look_up: fn(&str) -> Found,
    known: Mutex<HashMap<String, Known>>,
}

/// Empty during the look-up.
type Known = Arc<OnceCell<Found>>;

impl Default for Names {
    fn default() -> Self {
        Self {
            look_up: |name| Ok((name, 0).to_socket_addrs()?.collect()),
            known: Mutex::default(),
        }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let known = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(name.clone()).or_default())
        };
        let look_up = self.look_up;
        Box::pin(async move {
            match known.get_or_init(|| on_a_thread(look_up, name)).await {
                Ok(addresses) => Ok(Box::new(addresses.clone().into_iter()) as Addrs),
                Err(error) => Err(error.to_string().into()),
            }
        })
    }
}

async fn on_a_thread(look_up: fn(&str) -> Found, name: String) -> Found {
    let (found, receiver) = oneshot::channel();
    let thread = thread::Builder::new().name("look-up".to_owned());
    // The request may end before the look-up does.
    thread.spawn(move || drop(found.send(look_up(&name))))?;
    receiver.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;

    #[test]
    fn tasks_that_need_a_name_wait_for_one_look_up() {
        static LOOK_UPS: AtomicUsize = AtomicUsize::new(0);
        let names = Names {
            look_up: |name| {
                LOOK_UPS.fetch_add(1, Ordering::SeqCst);
                match name {
                    "here" => Ok(vec![([127, 0, 0, 1], 1).into()]),
                    _ => Err(io::ErrorKind::NotFound.into()),
                }
            },
            ..Names::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let found = runtime.unwrap().block_on(async {
            let hosts = ["here", "nowhere"].into_iter().cycle().take(20);
            let found = hosts.map(|host| names.resolve(host.parse().unwrap()));
            found.collect::<JoinSet<_>>().join_all().await
        });
        assert_eq!(found.iter().filter(|found| found.is_ok()).count(), 10);
        assert_eq!(LOOK_UPS.load(Ordering::SeqCst), 2);
    }
}
