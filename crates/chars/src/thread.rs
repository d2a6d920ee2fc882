//! A thread for each connection: while a client is silent, its thread waits in `read`.
//!
//! Read `thread.rs` beside `task.rs`: the same functions in the same order.

use std::net::Shutdown;
use std::sync::Arc;

use socket2::SockRef;

use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{Builder, sleep};

use crate::protocol::{Conversation, Next, READ};
use crate::{PAUSE, Site};

/// Accepts connections until the server stops.
pub fn serve(listener: TcpListener, site: Arc<Site>) {
    while site.is_open() {
        match listener.accept() {
            Ok((stream, _)) => start(stream, &site),
            // For example, no file descriptors are left: connections wait in the backlog.
            Err(_) => sleep(PAUSE),
        }
    }
}

/// Starts to serve a connection, if there is room.
fn start(stream: TcpStream, site: &Arc<Site>) {
    let stream = Arc::new(stream);
    let thread = Builder::new().stack_size(crate::STACK);
    let start = |reader: Arc<_>| thread.spawn(move || converse(&reader));
    // Threads are limited, here and by the system.
    if site.enter(&stream).and_then(start).is_err() {
        let _ = (&*stream).write(crate::BUSY);
    }
}

/// Answers a client until either side ends the connection.
fn converse(mut stream: &TcpStream) -> Result<()> {
    let mut conversation = Conversation::default();
    // A blank line prompts.
    conversation.receive(b"\n");
    let mut bytes = [0; READ];
    stream.set_nodelay(true)?;
    loop {
        match conversation.proceed() {
            Next::Send(piece) => stream.write_all(&piece)?,
            Next::Receive => {
                let count = stream.read(&mut bytes)?;
                conversation.receive(&bytes[..count]);
            }
            Next::Pause => {}
            Next::Finish => SockRef::from(&stream).shutdown(Shutdown::Write)?,
            Next::Close => return Ok(()),
        }
    }
}
