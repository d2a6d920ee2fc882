//! A running server: its threads, and how it stops.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use flagrace_core::BaseUrl;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use socket2::{Domain, Protocol, Socket as RawSocket, Type};
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

use crate::route::{Site, answer};
use crate::socket::{ResetSwitch, Socket};
use crate::{FlagSet, Profile, Stats};

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on; 127.0.0.1 unless told otherwise. Not `localhost`, which
    /// has two addresses of which a client may try the wrong one first.
    pub bind: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// How it behaves.
    pub profile: Profile,
    /// What it serves.
    pub flags: FlagSet,
    /// How many threads serve; one per core unless told otherwise.
    pub threads: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            profile: Profile::default(),
            flags: FlagSet::embedded(),
            threads: thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// The server could not be started.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The port is taken.
    #[error("port {} on {} is in use: another port can be chosen with --port, and --port 0 takes a free one", .0.port(), .0.ip())]
    InUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// A thread or its runtime could not be made.
    #[error("cannot start the server's threads")]
    Thread(#[source] io::Error),
}

/// A running server, on threads of its own. It stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    site: Arc<Site>,
    stop: watch::Sender<Option<Duration>>,
    threads: Vec<JoinHandle<()>>,
}

/// How many connections may wait to be accepted: more than the largest concurrency that
/// is measured, so that none has to be sent again. The system may lower it (on Linux to
/// `net.core.somaxconn`).
const BACKLOG: i32 = 16_384;

impl Server {
    /// Starts a server and returns when it listens.
    ///
    /// One thread accepts and deals the connections out in turn; each of the others runs
    /// an event loop of its own. Letting every thread accept from the shared port would
    /// save that hand-over, but then chance decides how evenly the connections are spread,
    /// and with it how fast the server is in this run.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on, or a thread cannot be started.
    pub fn start(config: Config) -> Result<Self, ServerError> {
        let listener = listen(SocketAddr::new(config.bind, config.port))?;
        let address = listener.local_addr().map_err(ServerError::Thread)?;
        let site = Arc::new(Site::new(config.flags, config.profile));
        let (stop, stopped) = watch::channel(None);
        let mut server = Self {
            address,
            site,
            stop,
            threads: Vec::new(),
        };
        let mut workers = Vec::new();
        for number in 0..config.threads.max(1) {
            let (worker, connections) = mpsc::unbounded_channel();
            workers.push(worker);
            let (site, stopped) = (Arc::clone(&server.site), stopped.clone());
            server.spawn(format!("server-{number}"), move |runtime| {
                runtime.block_on(serve(connections, site, stopped));
            })?;
        }
        server.spawn("server-accept".to_owned(), move |runtime| {
            runtime.block_on(accept(listener, workers, stopped));
        })?;
        Ok(server)
    }

    /// Where the flags are: `http://127.0.0.1:PORT/flags`.
    pub fn base_url(&self) -> BaseUrl {
        base_url(self.address)
    }

    /// The address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has seen so far.
    pub fn stats(&self) -> Stats {
        self.site.counters.stats()
    }

    /// Forgets what it has seen so far.
    pub fn reset_stats(&self) {
        self.site.counters.reset();
    }

    /// Stops: no new connections, idle ones are closed, and requests under way have
    /// `grace` to end.
    pub fn stop(mut self, grace: Duration) {
        self.end(grace);
    }

    fn end(&mut self, grace: Duration) {
        self.stop.send_replace(Some(grace));
        for thread in self.threads.drain(..) {
            // A thread of the server that panicked has said so on standard error.
            let _ = thread.join();
        }
    }

    fn spawn(
        &mut self,
        name: String,
        run: impl FnOnce(&Runtime) + Send + 'static,
    ) -> Result<(), ServerError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(ServerError::Thread)?;
        let site = Arc::clone(&self.site);
        let thread = thread::Builder::new().name(name).spawn(move || {
            site.counters.add_this_thread();
            run(&runtime);
        });
        self.threads.push(thread.map_err(ServerError::Thread)?);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

pub(crate) fn base_url(address: SocketAddr) -> BaseUrl {
    let url = format!("http://{address}/flags");
    // A socket address is a host and a port, with brackets where they belong.
    #[allow(clippy::expect_used)]
    url.parse().expect("an address makes a URL")
}

fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    let attempt = || {
        let socket = RawSocket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        // A server that was just stopped must not block its successor for a minute. On
        // Windows the same option would allow two servers on one port.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(TcpListener::from(socket))
    };
    attempt().map_err(|source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => ServerError::InUse(address),
        _ => ServerError::Listen { address, source },
    })
}

/// Accepts connections and deals them out in turn, until told to stop.
async fn accept(
    listener: TcpListener,
    workers: Vec<mpsc::UnboundedSender<TcpStream>>,
    mut stopped: watch::Receiver<Option<Duration>>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    for worker in workers.iter().cycle() {
        let stream = loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => break stream,
                    // Out of file descriptors, say: the connections wait in the backlog
                    // until others are closed.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
                _ = stopped.wait_for(Option::is_some) => return,
            }
        };
        // The stream leaves this thread's event loop for that of another.
        if stream.set_nodelay(true).is_ok()
            && let Ok(stream) = stream.into_std()
        {
            let _ = worker.send(stream);
        }
    }
}

/// Serves the connections that this thread is dealt, until told to stop.
async fn serve(
    mut connections: mpsc::UnboundedReceiver<TcpStream>,
    site: Arc<Site>,
    mut stopped: watch::Receiver<Option<Duration>>,
) {
    let graceful = GracefulShutdown::new();
    let grace = loop {
        tokio::select! {
            Some(stream) = connections.recv() => {
                site.counters.connection_accepted();
                serve_connection(stream, Arc::clone(&site), &graceful);
            }
            grace = stopped.wait_for(Option::is_some) => {
                break grace.ok().and_then(|grace| *grace).unwrap_or_default();
            }
        }
    };
    if !grace.is_zero() {
        let _ = tokio::time::timeout(grace, graceful.shutdown()).await;
    }
}

fn serve_connection(stream: TcpStream, site: Arc<Site>, graceful: &GracefulShutdown) {
    let Ok(stream) = tokio::net::TcpStream::from_std(stream) else {
        return;
    };
    let reset = ResetSwitch::default();
    let socket = TokioIo::new(Socket::new(stream, reset.clone()));
    let shared = Arc::new((site, reset));
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { answer(&shared.0, &shared.1, request).await }
    });
    let connection = http1::Builder::new().serve_connection(socket, service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A connection ends in an error when its client goes away, or when it was to be
        // reset or cut. None of that is the server's trouble.
        let _ = connection.await;
    });
}
