//! A thread for each connection: while a client is silent, its thread waits in `read`.
//!
//! Read `thread.rs` beside `task.rs`: the same functions in the same order.

use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::sleep;

use crate::PAUSE;
use crate::protocol::{Conversation, Next, READ};

/// Accepts connections until the process ends.
pub fn serve(listener: TcpListener) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => start(stream),
            // For example, no file descriptors are left: connections wait in the backlog.
            Err(_) => sleep(PAUSE),
        }
    }
}

/// Starts to serve a connection, if there is room.
fn start(stream: TcpStream) {
    let stream = Arc::new(stream);
    let reader = Arc::clone(&stream);
    // Threads are limited, here and by the system.
    if crate::spawn(move || _ = converse(&reader)).is_err() {
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
            Next::Close => return Ok(()),
        }
    }
}
