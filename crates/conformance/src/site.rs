//! A server without an HTTP library: a thread per connection, and a script that decides every byte
//! of a response and how the connection ends.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use flagrace_core::{BaseUrl, CountryCode};
use socket2::SockRef;

use crate::harness::code;

#[cfg(feature = "https")]
mod https;

#[cfg(feature = "https")]
pub use https::{authority_pem, trusting};

/// A running site. When dropped, it accepts no more connections; existing ones end when clients
/// close them.
pub struct Site {
    scheme: &'static str,
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    stopped: AtomicBool,
    connections: AtomicU64,
    waiting: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

/// What happens to a connection after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It waits for the next request.
    Stay,
    /// It stays open, and nothing more is sent.
    Hold,
    /// It is closed (FIN) after this time.
    Close(Duration),
    /// It is reset (RST) after this time.
    Reset(Duration),
}

impl Then {
    pub(crate) const CLOSE: Self = Self::Close(Duration::ZERO);
    pub(crate) const RESET: Self = Self::Reset(Duration::ZERO);
}

/// The bytes of a response, and what happens afterwards.
pub(crate) type Reply = (Vec<u8>, Then);

/// Maps path and query, and the number of the request on its connection (from 1), to a response.
type Script = dyn Fn(&str, usize) -> Reply + Send + Sync;

impl Site {
    /// A site over http. `/missing/..` is not found, `/large/N/..` has N bytes, `/chunks/N/..` has
    /// them in chunks, `/stall/..` is never answered, and everything else is answered with its own
    /// path and query.
    pub fn http() -> Self {
        Self::scripted(by_path)
    }

    pub(crate) fn scripted(script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::start("http", move |socket, state| {
            state.converse(socket, socket, &script)
        })
    }

    pub(crate) fn answering(bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        let bytes = bytes.into();
        Self::scripted(move |_, _| (bytes.clone(), then))
    }

    fn start(
        scheme: &'static str,
        speak: impl Fn(&TcpStream, &State) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let accepting = Arc::clone(&state);
        let speak = Arc::new(speak);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (speak, state) = (Arc::clone(&speak), Arc::clone(&accepting));
                if state.stopped.load(SeqCst) {
                    return;
                }
                let stream = stream.unwrap();
                stream.set_nodelay(true).unwrap();
                state.connections.fetch_add(1, SeqCst);
                // An error means that the client disconnected, which the case must notice.
                thread::spawn(move || speak(&stream, &state).ok());
            }
        });
        Self {
            scheme,
            address,
            state,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    pub fn base_url(&self) -> BaseUrl {
        self.url("/flags").parse().unwrap()
    }

    pub(crate) fn connections(&self) -> u64 {
        self.state.connections.load(SeqCst)
    }

    /// How many clients wait for something that is never sent.
    pub(crate) fn waiting(&self) -> usize {
        self.state.waiting.load(SeqCst)
    }

    /// The path and query of each request so far, sorted.
    pub fn asked(&self) -> Vec<String> {
        let mut requests = self.state.requests.lock().unwrap().clone();
        requests.sort_unstable();
        requests
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.state.stopped.store(true, SeqCst);
        // A connection wakes the blocked `accept`.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    /// Responds to requests over a stream, which may be TLS over the socket.
    fn converse(
        &self,
        stream: impl Read + Write,
        socket: &TcpStream,
        script: &Script,
    ) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        for number in 1.. {
            let Some(path) = read_request(&mut stream)? else {
                break;
            };
            self.requests.lock().unwrap().push(path.clone());
            let (bytes, then) = script(&path, number);
            stream.get_mut().write_all(&bytes)?;
            stream.get_mut().flush()?;
            match then {
                Then::Stay => {}
                Then::Hold => return self.hold(stream),
                Then::Close(after) => {
                    thread::sleep(after);
                    socket.shutdown(Shutdown::Write)?;
                    // Closing a socket with unread data would reset it.
                    return read_to_end(stream);
                }
                Then::Reset(after) => {
                    thread::sleep(after);
                    return SockRef::from(socket).set_linger(Some(Duration::ZERO));
                }
            }
        }
        Ok(())
    }

    fn hold(&self, stream: impl Read) -> io::Result<()> {
        self.waiting.fetch_add(1, SeqCst);
        let result = read_to_end(stream);
        self.waiting.fetch_sub(1, SeqCst);
        result
    }
}

/// Path and query of the next request; `None` if the client closes the connection.
fn read_request(stream: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    Ok(head.split(' ').nth(1).map(str::to_owned))
}

fn read_to_end(mut stream: impl Read) -> io::Result<()> {
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

fn by_path(path: &str, _number: usize) -> Reply {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("missing"), _) => with_length(404, b"not a flag"),
        (Some("large"), Some(size)) => with_length(200, &vec![b'x'; size.parse().unwrap()]),
        (Some("chunks"), Some(size)) => in_chunks(&vec![b'x'; size.parse().unwrap()]),
        (Some("stall"), _) => (Vec::new(), Then::Hold),
        _ => with_length(200, path.as_bytes()),
    }
}

pub(crate) fn with_length(status: u16, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n");
    ([head.as_bytes(), body].concat(), Then::Stay)
}

pub(crate) fn in_chunks(body: &[u8]) -> Reply {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(1000) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend([chunk, b"\r\n"].concat());
    }
    bytes.extend(b"0\r\n\r\n");
    (bytes, Then::Stay)
}

/// The catalog's image or metadata for a path such as `/flags/br/br.gif`.
pub(crate) fn sound(path: &str) -> Reply {
    match flagrace_catalog::find(code_in(path).as_str()) {
        Some(flag) if path.ends_with(".gif") => with_length(200, flag.gif),
        Some(flag) => with_length(200, flag.metadata.as_bytes()),
        None => with_length(404, b"not a flag"),
    }
}

pub(crate) fn code_in(path: &str) -> CountryCode {
    code(&path["/flags/".len()..][..2])
}
