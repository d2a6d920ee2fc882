//! Finds Unicode characters by the words of their names, with a thread or a task for each client:
//! the server of Fluent Python's chapter on servers, over TCP and HTTP.
//!
//! `diff src/thread.rs src/task.rs` is the lesson. Both use `protocol.rs`, bytes in and bytes out,
//! and `index.rs`, from words to characters. `http.rs` has a page, and JSON.
//!
//! It is not for the open network: it listens on 127.0.0.1, and over TCP a client that sends or
//! reads nothing may stay.

mod http;
mod index;
mod protocol;
mod task;
mod thread;

use std::io::{self, Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use socket2::SockRef;
use tokio::runtime::Builder;

pub use index::{Matches, describe, find};
pub use protocol::summary;

/// The most threads for connections. A thread takes four mappings, and Linux gives a process
/// 65,530: a thread of std that lacks one ends the process.
const THREADS: usize = if cfg!(test) { 1 } else { 12_000 };
/// All that a client gets if there is no thread for it.
const BUSY: &[u8] = b"Too many connections: try again later.\r\n";
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

/// Starts a server on a port of 127.0.0.1, or a free one for 0, that runs until the process ends.
/// When this returns its address, it listens.
pub fn start(model: Model, port: u16) -> io::Result<SocketAddr> {
    LazyLock::force(&index::INDEX);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let instead = "choose another with --port, or 0 for free ones";
        Error::other(format!("cannot listen on port {port}: {error}; {instead}"))
    })?;
    SockRef::from(&listener).listen(BACKLOG)?;
    let address = listener.local_addr()?;
    if model == Model::Thread {
        std::thread::spawn(|| thread::serve(listener));
        return Ok(address);
    }
    let mut runtime = match model {
        Model::TaskMulti => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    let runtime = runtime.enable_all().build()?;
    listener.set_nonblocking(true)?;
    let listener = runtime.block_on(async { listener.try_into() })?;
    std::thread::spawn(move || match model {
        Model::Http => runtime.block_on(http::serve(listener)),
        _ => runtime.block_on(task::serve(listener)),
    });
    Ok(address)
}

/// Runs a function in a new thread, unless there are too many.
fn spawn(function: impl FnOnce() + Send + 'static) -> io::Result<()> {
    static RUNNING: LazyLock<Arc<()>> = LazyLock::new(Arc::default);
    let running = Arc::clone(&RUNNING);
    // Each thread has a clone.
    if Arc::strong_count(&running) - 2 >= THREADS {
        return Err(ErrorKind::QuotaExceeded.into());
    }
    let thread = std::thread::Builder::new().stack_size(STACK);
    let spawned = thread.spawn(move || {
        function();
        drop(running);
    });
    spawned.map(drop)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{Shutdown, TcpStream};

    use super::*;

    #[test]
    fn beyond_the_limit_of_threads_a_connection_is_refused() {
        let server = start(Model::Thread, 0).unwrap();
        let begins_with = |text: &[u8]| {
            // Each refused connection keeps its port for a minute.
            std::thread::sleep(PAUSE);
            let mut client = TcpStream::connect(server).unwrap();
            let minute = Duration::from_secs(60);
            client.set_read_timeout(Some(minute)).unwrap();
            let mut bytes = vec![0; text.len()];
            (client.read_exact(&mut bytes).is_ok() && bytes == text).then_some(client)
        };
        let first = begins_with(b"?> ").unwrap();
        begins_with(BUSY).unwrap();
        first.shutdown(Shutdown::Both).unwrap();
        assert!((0..4_000).any(|_| begins_with(b"?> ").is_some()));
    }
}
