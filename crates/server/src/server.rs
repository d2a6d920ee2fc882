//! A running server: its threads, and stopping them.

use std::io::{self, Error};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use flagrace_core::{BaseUrl, MAX_HEAD};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use socket2::SockRef;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};

use crate::route::Site;
use crate::{FlagSet, Profile, Stats};

/// Options of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on, 127.0.0.1 by default. Not `localhost`: it has two addresses, and
    /// a client may try the wrong one first.
    pub bind: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// Delays and faults.
    pub profile: Profile,
    /// The flags to serve.
    pub flags: FlagSet,
    /// The number of threads that serve, one per core by default.
    pub threads: usize,
    /// How long a client may take to send a head, stay idle, or (on Linux) not read. Without limit
    /// by default: a timer for each request would be measured too.
    pub head_timeout: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            profile: Profile::default(),
            flags: FlagSet::embedded(),
            threads: thread::available_parallelism().map_or(1, usize::from),
            head_timeout: None,
        }
    }
}

impl From<Profile> for Config {
    fn from(profile: Profile) -> Self {
        Self {
            profile,
            ..Self::default()
        }
    }
}

/// A running server with its own threads. It stops at once when dropped.
pub struct Server {
    address: SocketAddr,
    site: Arc<Site>,
    /// Signals the threads to stop, with the time that requests in flight may take.
    stop: watch::Sender<Option<Duration>>,
    threads: Vec<JoinHandle<()>>,
}

/// The maximum number of connections that wait to be accepted: above the largest measured
/// concurrency. The system may lower it (on Linux to `net.core.somaxconn`).
const BACKLOG: i32 = 16_384;

impl Server {
    /// Starts a server; when this returns, it listens.
    ///
    /// One thread accepts connections and deals them out in turn; each of the others runs its own
    /// event loop. If every thread accepted, chance would decide how evenly connections are spread,
    /// and so how fast the server is.
    pub fn start(config: Config) -> io::Result<Self> {
        let address = SocketAddr::new(config.bind, config.port);
        // On Unix std sets SO_REUSEADDR: a stopped server does not block its port for a minute.
        let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => Error::other(format!(
                "port {} on {} is in use: choose another with --port, or --port 0 for a free one",
                config.port, config.bind
            )),
            _ => Error::other(format!("cannot listen on {address}: {error}")),
        })?;
        listener.set_nonblocking(true)?;
        SockRef::from(&listener).listen(BACKLOG)?;
        // Accepted sockets inherit it: never to read is as bad as never to send.
        #[cfg(target_os = "linux")]
        SockRef::from(&listener).set_tcp_user_timeout(config.head_timeout)?;
        let (stop, stopped) = watch::channel(None);
        let threads = config.threads.max(1);
        let mut server = Self {
            address: listener.local_addr()?,
            site: Arc::new(Site::new(config)),
            stop,
            threads: Vec::new(),
        };
        let mut workers = Vec::new();
        for number in 0..threads {
            let (worker, connections) = mpsc::unbounded_channel();
            workers.push(worker);
            let serving = serve(connections, Arc::clone(&server.site), stopped.clone());
            server.spawn(format!("server-{number}"), serving)?;
        }
        server.spawn("server-accept".into(), accept(listener, workers, stopped))?;
        Ok(server)
    }

    /// The base URL of the flags: `http://127.0.0.1:PORT/flags`.
    pub fn base_url(&self) -> BaseUrl {
        let url = format!("http://{}/flags", self.address);
        #[allow(clippy::expect_used)]
        url.parse().expect("a socket address is a host and a port")
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The counters.
    pub fn stats(&self) -> Stats {
        self.site.counters.stats()
    }

    /// Returns the counters and resets them.
    pub(crate) fn take_stats(&self) -> Stats {
        self.site.counters.take()
    }

    /// Stops gracefully: accepts no new connections, closes idle ones, and waits up to `grace` for
    /// requests in flight.
    pub fn stop(mut self, grace: Duration) {
        self.end(grace);
    }

    fn end(&mut self, grace: Duration) {
        self.stop.send_replace(Some(grace));
        for thread in self.threads.drain(..) {
            // A panic was already printed on standard error.
            let _ = thread.join();
        }
    }

    /// Runs a future on an event loop in its own thread.
    fn spawn(
        &mut self,
        name: String,
        future: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new().name(name);
        self.threads
            .push(thread.spawn(move || runtime.block_on(future))?);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

/// Accepts connections and deals them out in turn, until the server stops.
async fn accept(
    listener: TcpListener,
    workers: Vec<mpsc::UnboundedSender<TcpStream>>,
    mut stopped: watch::Receiver<Option<Duration>>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    for worker in workers.iter().cycle() {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(Option::is_some) => return,
        };
        match accepted.map(|(stream, _)| stream) {
            // `into_std` removes the stream from this thread's event loop.
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                let _ = stream.into_std().map(|stream| worker.send(stream));
            }
            // For example, no file descriptors are left: connections wait in the backlog.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Serves the connections of one thread until the server stops.
async fn serve(
    mut connections: mpsc::UnboundedReceiver<TcpStream>,
    site: Arc<Site>,
    mut stopped: watch::Receiver<Option<Duration>>,
) {
    let graceful = GracefulShutdown::new();
    let grace = loop {
        tokio::select! {
            Some(stream) = connections.recv() => {
                // An error means that the client closed the connection.
                let _ = serve_connection(stream, Arc::clone(&site), &graceful);
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

fn serve_connection(
    stream: TcpStream,
    site: Arc<Site>,
    graceful: &GracefulShutdown,
) -> io::Result<()> {
    // A second handle to the socket, because hyper owns the first. It costs a file descriptor.
    let faulty = !site.profile.faults.is_empty();
    let socket = faulty.then(|| stream.try_clone()).transpose()?;
    let stream = TokioIo::new(tokio::net::TcpStream::from_std(stream)?);
    site.counters.connection_accepted();
    let shared = Arc::new((Arc::clone(&site), socket));
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { shared.0.answer(shared.1.as_ref(), request).await }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).max_buf_size(MAX_HEAD);
    builder.header_read_timeout(site.head_timeout);
    let connection = graceful.watch(builder.serve_connection(stream, service));
    tokio::spawn(async move {
        // This fails when the client closes the connection, and after a raw response.
        let _ = connection.await;
        site.counters.connection_closed();
    });
    Ok(())
}
