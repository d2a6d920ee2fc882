//! A site that is no flag server, over http or https: a thread for each connection, and
//! answers that its paths tell.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use flagrace_core::BaseUrl;

#[cfg(feature = "https")]
mod https;

#[cfg(feature = "https")]
pub use https::{authority_pem, trusting};

/// A site. It stops when it is dropped.
///
/// `/missing/..` is not there, `/large/N/..` has so many bytes, `/stall/..` is never answered,
/// and everything else answers with its own path and query.
pub struct Site {
    scheme: &'static str,
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    stopped: AtomicBool,
    sockets: Mutex<Vec<TcpStream>>,
    connections: AtomicUsize,
    waiting: AtomicUsize,
    asked: Mutex<Vec<String>>,
}

/// What a site does with a connection.
type Speak = Arc<dyn Fn(TcpStream, &State) -> io::Result<()> + Send + Sync>;

impl Site {
    /// A site without TLS.
    pub fn http() -> Self {
        Self::start("http", Arc::new(converse))
    }

    fn start(scheme: &'static str, speak: Speak) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let thread = thread::spawn({
            let state = Arc::clone(&state);
            move || {
                for stream in listener.incoming() {
                    if state.stopped.load(Ordering::Acquire) {
                        return;
                    }
                    let (speak, state) = (Arc::clone(&speak), Arc::clone(&state));
                    let stream = stream.unwrap();
                    stream.set_nodelay(true).unwrap();
                    let socket = stream.try_clone().unwrap();
                    state.sockets.lock().unwrap().push(socket);
                    state.connections.fetch_add(1, Ordering::SeqCst);
                    // A client may leave at any time; the case will notice.
                    thread::spawn(move || speak(stream, &state).ok());
                }
            }
        });
        Self {
            scheme,
            address,
            state,
            thread: Some(thread),
        }
    }

    /// The URL of something here: `/a/b` or `/a?b`.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// Where flags would be.
    pub fn base_url(&self) -> BaseUrl {
        self.url("/flags").parse().unwrap()
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many clients wait for an answer that will not come.
    pub fn waiting(&self) -> usize {
        self.state.waiting.load(Ordering::SeqCst)
    }

    /// Every path and query that was asked for so far, sorted.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = self.state.asked.lock().unwrap().clone();
        asked.sort_unstable();
        asked
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::Release);
        // A blocked `accept` is woken by a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        for socket in &*self.state.sockets.lock().unwrap() {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

fn converse<S: Read + Write>(mut stream: S, state: &State) -> io::Result<()> {
    while let Some(path) = read_request(&mut stream)? {
        state.asked.lock().unwrap().push(path.clone());
        let mut parts = path.split('/').skip(1);
        let (status, body) = match (parts.next(), parts.next()) {
            (Some("missing"), _) => ("404 Not Found", "a page that is no flag".into()),
            (Some("large"), Some(size)) => ("200 OK", vec![b'x'; size.parse().unwrap()]),
            (Some("stall"), _) => return wait_until_it_leaves(&mut stream, state),
            _ => ("200 OK", path.into_bytes()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat())?;
        stream.flush()?;
    }
    Ok(())
}

/// The path and query of the next request; `None` if the client leaves before it.
pub(crate) fn read_request(stream: &mut impl Read) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut some = [0; 4096];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut some)? {
            0 => return Ok(None),
            count => head.extend_from_slice(&some[..count]),
        }
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    Ok(head.split(' ').nth(1).map(str::to_owned))
}

fn wait_until_it_leaves(stream: &mut impl Read, state: &State) -> io::Result<()> {
    state.waiting.fetch_add(1, Ordering::SeqCst);
    let left = loop {
        match stream.read(&mut [0; 4096]) {
            Ok(0) => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    state.waiting.fetch_sub(1, Ordering::SeqCst);
    left
}
