//! Finds Unicode characters by the words of their names, with a thread or a task for each client:
//! the server of Fluent Python's chapter on servers, over TCP and HTTP.
//!
//! `diff src/thread.rs src/task.rs` is the lesson. Both use `protocol.rs`, bytes in and bytes out,
//! and `index.rs`, from words to characters. `http.rs` has a page, and JSON.
//!
//! It is not for the open network: it listens on 127.0.0.1, and a silent client may stay.

mod http;
mod index;
mod protocol;
mod task;
mod thread;

use std::io::{self, Error, ErrorKind};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex, Weak};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use flagrace_core::lock;
use socket2::{Domain, SockRef, Socket, Type};
use tokio::runtime::Builder;

pub use index::{Matches, describe, find};
pub use protocol::{BUSY, Conversation, MAX_LINE, Next, PIECE, READ};

/// The most threads for connections. A thread takes four mappings, and Linux gives a process
/// 65,530: a thread of std that lacks one ends the process.
pub const THREADS: usize = 12_000;
/// How long a server waits for a client to read, at most.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The stack of a thread: 12,000 of the default size would reserve 24 GiB.
const STACK: usize = 64 * 1024;
/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(5);
/// Connections that wait to be accepted; the system may lower it.
const BACKLOG: i32 = 16_384;

/// What serves the connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// A thread for each.
    Thread,
    /// A task for each, on one thread.
    Task,
    /// A task for each, on a thread per core.
    TaskMulti,
    /// Not TCP but HTTP: hyper, with a task for each on one thread.
    Http,
}

/// What the connections of a server share.
struct Site {
    threads: usize,
    patience: Duration,
    /// The connections that have a thread; `None` once the server stops.
    guests: Mutex<Option<Vec<Weak<TcpStream>>>>,
}

impl Site {
    fn is_open(&self) -> bool {
        lock(&self.guests).is_some()
    }

    /// Counts a connection that needs a thread, and limits how long its client may not read.
    fn enter(&self, stream: &Arc<TcpStream>) -> io::Result<Arc<TcpStream>> {
        let mut guests = lock(&self.guests);
        let guests = guests.as_mut().ok_or(ErrorKind::ConnectionAborted)?;
        if guests.len() >= self.threads {
            guests.retain(|guest| guest.strong_count() > 0);
        }
        if guests.len() >= self.threads {
            return Err(ErrorKind::QuotaExceeded.into());
        }
        guests.push(Arc::downgrade(stream));
        // A write that has sent a part succeeds then, and the next one waits as long again.
        stream.set_write_timeout(Some(self.patience / 2))?;
        Ok(Arc::clone(stream))
    }
}

/// A running server. When dropped, it closes its connections and has stopped.
pub struct Server {
    /// The address that it listens on.
    pub address: SocketAddr,
    site: Arc<Site>,
    accepting: Option<JoinHandle<()>>,
    /// Connects to end an `accept`, even if no file descriptor is left by then.
    waker: Socket,
}

impl Server {
    /// Starts a server on a port of 127.0.0.1; 0 takes a free one. When this returns, it listens.
    pub fn start(model: Model, port: u16, threads: usize, patience: Duration) -> io::Result<Self> {
        LazyLock::force(&index::INDEX);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
            let instead = "choose another with --port, or 0 for free ones";
            Error::other(format!("cannot listen on port {port}: {error}; {instead}"))
        })?;
        SockRef::from(&listener).listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let guests = Mutex::new(Some(Vec::new()));
        let site = Arc::new(Site {
            threads,
            patience,
            guests,
        });
        let shared = Arc::clone(&site);
        let accepting = if model == Model::Thread {
            spawn(|| thread::serve(listener, shared))
        } else {
            let mut runtime = match model {
                Model::TaskMulti => Builder::new_multi_thread(),
                _ => Builder::new_current_thread(),
            };
            let runtime = runtime.enable_all().build()?;
            listener.set_nonblocking(true)?;
            let listener = runtime.block_on(async { listener.try_into() })?;
            // Dropping the runtime drops its tasks, each at its `await`.
            spawn(move || match model {
                Model::Http => runtime.block_on(http::serve(listener, shared)),
                _ => runtime.block_on(task::serve(listener, shared)),
            })
        };
        Ok(Self {
            address,
            site,
            accepting: Some(accepting),
            waker: Socket::new(Domain::IPV4, Type::STREAM, None)?,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let guests = lock(&self.site.guests).take().unwrap_or_default();
        // A blocked thread returns when its socket is shut down.
        for guest in guests.iter().filter_map(Weak::upgrade) {
            let _ = guest.shutdown(Shutdown::Both);
        }
        let _ = self.waker.connect(&self.address.into());
        let _ = self.accepting.take().map(JoinHandle::join);
        while guests.iter().any(|guest| guest.strong_count() > 0) {
            sleep(PAUSE);
        }
    }
}
