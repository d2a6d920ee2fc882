//! A server with a query that blocks, because the driver of its database is not async.
//!
//! Each line is a query. Without the database, `thread` and `task` would be `thread.rs` and
//! `task.rs` of the crate `chars`.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

/// Answers a query. It may block.
pub type LookUp = fn(&str) -> String;

/// What serves a client.
#[derive(Clone, Copy)]
pub enum Model {
    /// A thread.
    Thread,
    /// A task that blocks.
    BlockedTask,
    /// A task that waits for another thread, which blocks.
    MovedTask,
}

fn thread(client: &TcpStream, look_up: LookUp) -> Result<()> {
    for query in BufReader::new(client).lines() {
        let answer = look_up(&query?);
        (&*client).write_all(answer.as_bytes())?;
    }
    Ok(())
}

async fn task(client: TcpStream, look_up: LookUp, model: Model) -> Result<()> {
    client.set_nonblocking(true)?;
    let (queries, mut client) = tokio::net::TcpStream::from_std(client)?.into_split();
    let mut queries = tokio::io::BufReader::new(queries).lines();
    while let Some(query) = queries.next_line().await? {
        let answer = match model {
            // The mistake: the thread of all tasks is blocked.
            Model::BlockedTask => look_up(&query),
            // The fix: another thread is.
            _ => spawn_blocking(move || look_up(&query)).await?,
        };
        client.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

/// Connects so many clients, and serves each. The tasks share one thread, that of the runtime.
pub fn start(model: Model, clients: usize, look_up: LookUp) -> Result<(Vec<TcpStream>, Runtime)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_io().build()?;
    let start = |_| {
        let client = TcpStream::connect(listener.local_addr()?)?;
        let (served, _) = listener.accept()?;
        if let Model::Thread = model {
            std::thread::spawn(move || thread(&served, look_up));
        } else {
            runtime.spawn(task(served, look_up, model));
        }
        Ok(client)
    };
    let clients = (0..clients).map(start).collect::<Result<_>>()?;
    Ok((clients, runtime))
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::time::Duration;

    use rstest::rstest;

    use super::*;

    /// Waits for the database with this address, if it is one. The answer is the thread.
    fn look_up(query: &str) -> String {
        let _ = TcpStream::connect(query).map(|mut database| database.read(&mut [0]));
        format!("{:?}\n", std::thread::current().id())
    }

    #[rstest]
    #[case::thread(Model::Thread, false)]
    #[case::blocked_task(Model::BlockedTask, true)]
    #[case::moved_task(Model::MovedTask, false)]
    fn a_query_that_blocks_delays_others(#[case] model: Model, #[case] delays: bool) {
        let database = TcpListener::bind("127.0.0.1:0").unwrap();
        let (clients, _runtime) = start(model, 2, look_up).unwrap();
        let [mut slow, mut other] = [0, 1].map(|one: usize| &clients[one]);
        // A test fails before it hangs.
        let limit = Some(Duration::from_secs(60));
        other.set_read_timeout(limit).unwrap();
        let answer = |client| BufReader::new(client).lines().next().unwrap();
        writeln!(slow, "{}", database.local_addr().unwrap()).unwrap();
        let blocked = database.accept();
        writeln!(other, "cat").unwrap();
        // A delayed client has no answer before the database does.
        let blocked = (!delays).then_some(blocked);
        let thread = answer(other).unwrap();
        drop(blocked);
        // A thread that answers both does it one after the other, and began with the slow one.
        assert_eq!(answer(slow).unwrap() == thread, delays);
    }
}
