//! A thread for each connection: while a client is silent, its thread waits in `read`.
//!
//! Read `thread.rs` beside `task.rs`: the same functions in the same order.

use std::sync::Arc;

use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{Builder, sleep};

use crate::protocol::{Conversation, Next, READ};
use crate::{PAUSE, Site};

/// Accepts connections until the process ends.
pub fn serve(listener: TcpListener, site: Arc<Site>) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => start(stream, &site),
            // For example, no file descriptors are left: connections wait in the backlog.
            Err(_) => sleep(PAUSE),
        }
    }
}

/// Starts to serve a connection, if there is room.
fn start(stream: TcpStream, site: &Arc<Site>) {
    let (stream, shared) = (Arc::new(stream), Arc::clone(site));
    let reader = Arc::clone(&stream);
    let thread = Builder::new().stack_size(crate::STACK);
    if site.is_full() || thread.spawn(move || converse(&reader, &shared)).is_err() {
        let _ = (&*stream).write(crate::BUSY);
    }
}

/// Answers a client until either side ends the connection.
fn converse(mut stream: &TcpStream, site: &Site) -> Result<()> {
    let mut conversation = Conversation::default();
    // A blank line prompts.
    conversation.receive(b"\n");
    let mut bytes = [0; READ];
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(site.patience / 2))?;
    loop {
        match conversation.proceed() {
            Next::Send(piece) => stream.write_all(&piece)?,
            Next::Receive => {
                let count = stream.read(&mut bytes)?;
                conversation.receive(&bytes[..count]);
            }
            Next::Pause => {}
            Next::Close => return Ok(()),
        }
    }
}
