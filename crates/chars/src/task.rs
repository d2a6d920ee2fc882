//! A task for each connection: while a client is silent, its task waits at an `await`.
//!
//! Read `thread.rs` beside `task.rs`: the same functions in the same order.

use tokio::io::{AsyncReadExt, AsyncWriteExt, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::PAUSE;
use crate::protocol::{Conversation, Next, READ};

/// Accepts connections until the process ends.
pub async fn serve(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => start(stream),
            // For example, no file descriptors are left: connections wait in the backlog.
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Starts to serve a connection, if there is room.
fn start(stream: TcpStream) {
    tokio::spawn(converse(stream));
}

/// Answers a client until either side ends the connection.
async fn converse(mut stream: TcpStream) -> Result<()> {
    let mut conversation = Conversation::default();
    // A blank line prompts.
    conversation.receive(b"\n");
    let mut bytes = [0; READ];
    stream.set_nodelay(true)?;
    loop {
        match conversation.proceed() {
            Next::Send(piece) => stream.write_all(&piece).await?,
            Next::Receive => {
                let count = stream.read(&mut bytes).await?;
                conversation.receive(&bytes[..count]);
            }
            Next::Pause => tokio::task::yield_now().await,
            Next::Close => return Ok(()),
        }
    }
}
