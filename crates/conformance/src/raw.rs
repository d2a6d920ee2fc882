//! A server of a few bytes: it says one thing to everyone, HTTP or not.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use flagrace_core::BaseUrl;

/// What it does after it has said its piece.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// It closes the connection.
    Close,
    /// It keeps the connection and says no more.
    Hold,
}

/// Says the same to each connection. It stops when it is dropped.
pub(crate) struct Raw {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Raw {
    /// Reads a request, says `words`, and then closes or holds.
    pub(crate) fn answering(words: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::start(words.into(), then, true)
    }

    /// Says `words` without having been asked, as a mail or SSH server does, and closes.
    pub(crate) fn greeting(words: impl Into<Vec<u8>>) -> Self {
        Self::start(words.into(), Then::Close, false)
    }

    fn start(words: Vec<u8>, then: Then, asked_first: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let stopped = Arc::clone(&stopped);
            move || {
                let mut held = Vec::new();
                for stream in listener.incoming() {
                    if stopped.load(Ordering::Acquire) {
                        return;
                    }
                    let mut stream = stream.unwrap();
                    if asked_first && !read_request(&mut stream) {
                        continue;
                    }
                    // The client may be gone; the case will notice.
                    let _ = stream.write_all(&words);
                    if then == Then::Hold {
                        held.push(stream);
                    }
                }
            }
        });
        Self {
            address,
            stopped,
            thread: Some(thread),
        }
    }

    /// Where the flags would be.
    pub(crate) fn base_url(&self) -> BaseUrl {
        format!("http://{}/flags", self.address).parse().unwrap()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // A blocked `accept` is woken by a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads up to the empty line; false if the client leaves before it.
fn read_request(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    true
}
