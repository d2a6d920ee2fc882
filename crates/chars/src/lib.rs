//! Finds Unicode characters by the words of their names, with a thread or a task for each client.
//!
//! The server of Fluent Python's chapter on servers, over TCP and over HTTP. The two models have
//! the same functions in the same order, and the difference is the lesson:
//!
//! ```text
//! diff crates/chars/src/thread.rs crates/chars/src/task.rs
//! ```
//!
//! # Layout
//!
//! - `thread.rs`, `task.rs`: the two models over TCP
//! - `protocol.rs`: [`Conversation`], the protocol without I/O
//! - `index.rs`: [`find`], from words to characters
//! - `http.rs`: a page, and JSON, under tokio
//! - this file: [`Server`], and what its connections share
//!
//! # What it is not
//!
//! It is not for the open network: it listens on 127.0.0.1, and a silent client may stay forever.

mod http;
mod index;
mod protocol;
mod task;
mod thread;

use std::collections::HashMap;
use std::io::{self, Error, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};
use tokio::runtime::Builder;

pub use index::{Character, Matches, find};
pub use protocol::{Conversation, MAX_LINE, Next, PIECE};

/// What serves the connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// A thread for each.
    Thread,
    /// A task for each, on one thread.
    Task,
    /// A task for each, on a runtime with one thread per core.
    TaskMulti,
    /// The same characters over HTTP: hyper's tasks, on one thread.
    Http,
}

/// Options of a server.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The most threads for connections. A thread takes four mappings, and Linux gives a process
    /// 65,530; a thread that lacks them ends the process.
    pub threads: usize,
    /// How long the server waits for a client that does not read.
    pub patience: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            threads: 12_000,
            patience: Duration::from_secs(30),
        }
    }
}

/// The stack of a thread. Of the default size, 12,000 would reserve 24 GiB.
const STACK: usize = 64 * 1024;
/// The pause before the next attempt to accept or to stop.
const PAUSE: Duration = Duration::from_millis(5);
/// Connections that wait to be accepted; the system may lower it.
const BACKLOG: i32 = 16_384;

/// What the connections of a server share.
#[derive(Debug)]
struct Site {
    config: Config,
    /// The connections that have threads, by the client; `None` once the server stops.
    guests: Mutex<Option<HashMap<SocketAddr, Arc<TcpStream>>>>,
}

impl Site {
    fn guests(&self) -> MutexGuard<'_, Option<HashMap<SocketAddr, Arc<TcpStream>>>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, mut stream: &TcpStream) {
        // A new socket has room for a line, so this does not wait.
        let _ = stream.write(protocol::BUSY);
    }

    fn is_open(&self) -> bool {
        self.guests().is_some()
    }

    /// Counts a connection that takes a thread, and limits how long it may block.
    fn enter(self: &Arc<Self>, stream: &Arc<TcpStream>) -> io::Result<Guest> {
        let client = stream.peer_addr()?;
        stream.set_write_timeout(Some(self.config.patience))?;
        match &mut *self.guests() {
            Some(guests) if guests.len() < self.config.threads => {
                guests.insert(client, Arc::clone(stream));
            }
            _ => return Err(io::ErrorKind::QuotaExceeded.into()),
        }
        Ok(Guest {
            site: Arc::clone(self),
            stream: Arc::clone(stream),
            client,
        })
    }
}

/// A connection that has a thread; counted until it is dropped.
struct Guest {
    site: Arc<Site>,
    stream: Arc<TcpStream>,
    client: SocketAddr,
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut guests = self.site.guests();
        guests.as_mut().map(|guests| guests.remove(&self.client));
    }
}

/// A running server. It ends its connections and stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    site: Arc<Site>,
    thread: Option<JoinHandle<()>>,
    /// Wakes the thread that accepts, even if no file descriptor is left then.
    waker: Socket,
}

impl Server {
    /// Builds the index if no server has, and starts a server; when this returns, it listens.
    pub fn start(model: Model, config: Config) -> io::Result<Self> {
        index::build();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, config.port));
        let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => Error::other(format!(
                "port {} is in use: choose another with --port, or --port 0 for a free one",
                config.port
            )),
            _ => Error::other(format!("cannot listen on {address}: {error}")),
        })?;
        SockRef::from(&listener).listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let guests = Mutex::new(Some(HashMap::new()));
        let site = Arc::new(Site { config, guests });
        let shared = Arc::clone(&site);
        let mut runtime = match model {
            Model::TaskMulti => Builder::new_multi_thread(),
            _ => Builder::new_current_thread(),
        };
        let thread = if model == Model::Thread {
            spawn(|| thread::serve(listener, shared))
        } else {
            listener.set_nonblocking(true)?;
            let runtime = runtime.enable_all().build()?;
            let entered = runtime.enter();
            let listener = tokio::net::TcpListener::from_std(listener)?;
            drop(entered);
            // Dropping the runtime drops its tasks.
            spawn(move || match model {
                Model::Http => runtime.block_on(http::serve(listener, shared)),
                _ => runtime.block_on(task::serve(listener, shared)),
            })
        };
        Ok(Self {
            address,
            site,
            thread: Some(thread),
            waker: Socket::new(Domain::IPV4, Type::STREAM, None)?,
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A thread that waits for its client returns only when the socket is shut down.
        for stream in self.site.guests().take().iter().flat_map(HashMap::values) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let _ = self.waker.connect(&self.address.into());
        let _ = self.thread.take().map(JoinHandle::join);
        // Each thread and each task has one.
        while Arc::strong_count(&self.site) > 1 {
            sleep(PAUSE);
        }
    }
}
