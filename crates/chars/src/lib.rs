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

use std::io::{self, Error};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, LazyLock};
use std::thread::spawn;
use std::time::Duration;

use socket2::SockRef;
use tokio::runtime::Builder;

pub use index::{Matches, describe, find};
pub use protocol::BUSY;

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
    /// Half of it is a thread's limit for a write: one that has sent a part succeeds then, and the
    /// next waits as long again.
    patience: Duration,
}

impl Site {
    /// Whether there is no room for one more thread. The system limits threads, too.
    fn is_full(self: &Arc<Self>) -> bool {
        // Each thread has a clone, also the one that accepts and the new one.
        Arc::strong_count(self) - 2 >= self.threads
    }
}

/// Starts a server on a port of 127.0.0.1, or a free one for 0, that runs until the process ends.
/// When this returns its address, it listens.
pub fn start(
    model: Model,
    port: u16,
    threads: usize,
    patience: Duration,
) -> io::Result<SocketAddr> {
    LazyLock::force(&index::INDEX);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let instead = "choose another with --port, or 0 for free ones";
        Error::other(format!("cannot listen on port {port}: {error}; {instead}"))
    })?;
    SockRef::from(&listener).listen(BACKLOG)?;
    let address = listener.local_addr()?;
    let site = Arc::new(Site { threads, patience });
    if model == Model::Thread {
        spawn(|| thread::serve(listener, site));
        return Ok(address);
    }
    let mut runtime = match model {
        Model::TaskMulti => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    let runtime = runtime.enable_all().build()?;
    listener.set_nonblocking(true)?;
    let listener = runtime.block_on(async { listener.try_into() })?;
    spawn(move || match model {
        Model::Http => runtime.block_on(http::serve(listener, patience)),
        _ => runtime.block_on(task::serve(listener, site)),
    });
    Ok(address)
}
