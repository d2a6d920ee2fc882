//! A server without a library: each case says what it answers, to the byte, and how it ends a
//! connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use flagrace_core::BaseUrl;
use socket2::SockRef;

use crate::site::read_request;

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

/// What it says, and what comes then.
pub(crate) type Reply = (Vec<u8>, Then);

/// Answers by a script. It stops when it is dropped.
pub(crate) struct Raw {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

type Script = dyn Fn(&str, usize) -> Reply + Send + Sync;

struct State {
    script: Box<Script>,
    stopped: AtomicBool,
    /// Weak: a connection is over when its own thread lets go of it.
    sockets: Mutex<Vec<Weak<TcpStream>>>,
    asked: Mutex<Vec<String>>,
    holding: AtomicUsize,
}

impl Raw {
    /// Asks `script` what to say to a path, such as `br/br.gif`. The number says which request
    /// it is on its connection, from 1.
    pub(crate) fn scripted(script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            script: Box::new(script),
            stopped: AtomicBool::default(),
            sockets: Mutex::default(),
            asked: Mutex::default(),
            holding: AtomicUsize::default(),
        });
        let thread = thread::spawn({
            let state = Arc::clone(&state);
            move || {
                for stream in listener.incoming() {
                    if state.stopped.load(Ordering::Acquire) {
                        return;
                    }
                    let stream = Arc::new(stream.unwrap());
                    let socket = Arc::downgrade(&stream);
                    state.sockets.lock().unwrap().push(socket);
                    let state = Arc::clone(&state);
                    // A client may leave at any time; the case will notice.
                    thread::spawn(move || state.converse(&stream).ok());
                }
            }
        });
        Self {
            address,
            state,
            thread: Some(thread),
        }
    }

    /// Says the same to everyone.
    pub(crate) fn answering(words: impl Into<Vec<u8>>, then: Then) -> Self {
        let words = words.into();
        Self::scripted(move |_, _| (words.clone(), then))
    }

    /// Where the flags would be.
    pub(crate) fn base_url(&self) -> BaseUrl {
        format!("http://{}/flags", self.address).parse().unwrap()
    }

    /// Every path that was asked for so far, sorted.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.state.asked.lock().unwrap().clone();
        asked.sort_unstable();
        asked
    }

    /// How many connections were made so far.
    pub(crate) fn connections(&self) -> usize {
        self.state.sockets.lock().unwrap().len()
    }

    /// How many answers were sent after which the connection is held.
    pub(crate) fn holding(&self) -> usize {
        self.state.holding.load(Ordering::SeqCst)
    }
}

impl State {
    fn converse(&self, mut stream: &TcpStream) -> io::Result<()> {
        for number in 1.. {
            let Some(path) = read_request(&mut stream)? else {
                break;
            };
            let path = path.trim_start_matches("/flags/");
            self.asked.lock().unwrap().push(path.to_owned());
            let (words, then) = (self.script)(path, number);
            stream.write_all(&words)?;
            match then {
                Then::Stay => {}
                Then::Hold => {
                    self.holding.fetch_add(1, Ordering::SeqCst);
                    return until_it_leaves(stream);
                }
                Then::Close(after) => {
                    thread::sleep(after);
                    stream.shutdown(Shutdown::Write)?;
                    // What is closed with something unread in it is reset.
                    return until_it_leaves(stream);
                }
                Then::Reset(after) => {
                    thread::sleep(after);
                    return SockRef::from(stream).set_linger(Some(Duration::ZERO));
                }
            }
        }
        Ok(())
    }
}

impl Drop for Raw {
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

fn until_it_leaves(mut stream: &TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 4096])? > 0 {}
    Ok(())
}
