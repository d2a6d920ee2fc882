//! A server without a library, over http or https: a thread for each connection, and a script
//! that says what it answers, to the byte, and how it ends a connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use flagrace_core::BaseUrl;
use socket2::SockRef;

#[cfg(feature = "https")]
mod https;

#[cfg(feature = "https")]
pub use https::{authority_pem, trusting};

/// A site. It stops when it is dropped.
pub struct Site {
    scheme: &'static str,
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    stopped: AtomicBool,
    /// Weak: a connection is over when its own thread lets go of it.
    sockets: Mutex<Vec<Weak<TcpStream>>>,
    waiting: AtomicUsize,
    asked: Mutex<Vec<String>>,
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It is kept for the next request.
    Stay,
    /// Nothing more comes, and it stays open.
    Hold,
    /// It is closed in good order (FIN), after this time.
    Close(Duration),
    /// It is reset (RST), after this time.
    Reset(Duration),
}

/// What a site says, and what comes then.
pub(crate) type Reply = (Vec<u8>, Then);

/// Says what to answer to a path and query. The number says which request it is on its
/// connection, from 1.
type Script = dyn Fn(&str, usize) -> Reply + Send + Sync;

impl Site {
    /// A site without TLS. `/missing/..` is not there, `/large/N/..` has so many bytes,
    /// `/stall/..` is never answered, and everything else answers with its own path and query.
    pub fn http() -> Self {
        Self::scripted(by_path)
    }

    /// A site without TLS that answers by this script.
    pub(crate) fn scripted(script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::start("http", move |socket, state| {
            state.converse(socket, socket, &script)
        })
    }

    /// A site without TLS that says the same to everyone.
    pub(crate) fn answering(words: impl Into<Vec<u8>>, then: Then) -> Self {
        let words = words.into();
        Self::scripted(move |_, _| (words.clone(), then))
    }

    fn start(
        scheme: &'static str,
        speak: impl Fn(&TcpStream, &State) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let speak = Arc::new(speak);
        let thread = thread::spawn({
            let state = Arc::clone(&state);
            move || {
                for stream in listener.incoming() {
                    if state.stopped.load(Ordering::Acquire) {
                        return;
                    }
                    let stream = Arc::new(stream.unwrap());
                    stream.set_nodelay(true).unwrap();
                    state.sockets.lock().unwrap().push(Arc::downgrade(&stream));
                    let (speak, state) = (Arc::clone(&speak), Arc::clone(&state));
                    // A client may leave at any time; the case will notice.
                    thread::spawn(move || speak(&stream, &state).ok());
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
        self.state.sockets.lock().unwrap().len()
    }

    /// How many clients wait for what will not come.
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
        let sockets = self.state.sockets.lock().unwrap();
        for socket in sockets.iter().filter_map(Weak::upgrade) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl State {
    /// Answers requests over a stream, below which is the socket.
    fn converse(
        &self,
        mut stream: impl Read + Write,
        socket: &TcpStream,
        script: &Script,
    ) -> io::Result<()> {
        for number in 1.. {
            let Some(path) = read_request(&mut stream)? else {
                break;
            };
            self.asked.lock().unwrap().push(path.clone());
            let (words, then) = script(&path, number);
            stream.write_all(&words)?;
            stream.flush()?;
            match then {
                Then::Stay => {}
                Then::Hold => return self.hold(stream),
                Then::Close(after) => {
                    thread::sleep(after);
                    socket.shutdown(Shutdown::Write)?;
                    // What is closed with something unread in it is reset.
                    return until_it_leaves(stream);
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
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let left = until_it_leaves(stream);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        left
    }
}

/// The path and query of the next request; `None` if the client leaves before it.
fn read_request(stream: &mut impl Read) -> io::Result<Option<String>> {
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

fn until_it_leaves(mut stream: impl Read) -> io::Result<()> {
    while stream.read(&mut [0; 4096])? > 0 {}
    Ok(())
}

fn by_path(path: &str, _number: usize) -> Reply {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("missing"), _) => with_length("404", "", b"a page that is no flag"),
        (Some("large"), Some(size)) => with_length("200", "", &vec![b'x'; size.parse().unwrap()]),
        (Some("stall"), _) => (Vec::new(), Then::Hold),
        _ => with_length("200", "", path.as_bytes()),
    }
}

/// A whole answer with a length.
pub(crate) fn with_length(status: &str, headers: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n");
    ([head.as_bytes(), body].concat(), Then::Stay)
}
