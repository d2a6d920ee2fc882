//! A connection with tokio: while a read waits, its thread runs other tasks.

use std::io;
use std::time::{Duration, Instant};

use flagrace_core::{Attempt, Setup};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::http::{Error, Http, Url};

pub struct Connection {
    pub http: Http,
    pub stream: TcpStream,
    /// The time limit of a read, and of a request, if there is one.
    limit: Option<Duration>,
}

impl Connection {
    pub async fn open(url: &Url<'_>, setup: &Setup) -> Result<Self, Error> {
        let mut opened = Err(io::ErrorKind::NotFound.into());
        for address in lookup_host(url.address()).await? {
            let opening = timeout(setup.connect_timeout, TcpStream::connect(address));
            opened = opening.await.unwrap_or_else(|late| Err(late.into()));
            if opened.is_ok() {
                break;
            }
        }
        let stream = opened?;
        let limit = Some(setup.request_timeout).filter(|&limit| limit != Duration::MAX);
        stream.set_nodelay(true)?;
        Ok(Self {
            http: Http::new(url, setup),
            stream,
            limit,
        })
    }

    /// Sends a request and reads its whole response.
    pub async fn get(
        &mut self,
        url: &Url<'_>,
        begun: Instant,
        attempt: &mut Attempt,
    ) -> Result<(), Error> {
        self.stream.write_all(self.http.get(url)).await?;
        while !self.http.head()? {
            self.read(begun).await?;
        }
        attempt.head_arrived();
        while !self.http.body()? {
            self.read(begun).await?;
        }
        Ok(())
    }

    /// Waits for the next bytes.
    async fn read(&mut self, begun: Instant) -> Result<(), Error> {
        let reading = self.stream.read(self.http.space());
        let count = match self.limit {
            Some(limit) => timeout(limit, reading).await.map_err(io::Error::from)?,
            None => reading.await,
        };
        self.http.received(count)?;
        // Each read has this limit, but together they may exceed it.
        match self.limit.is_some_and(|limit| begun.elapsed() > limit) {
            true => Err(Error::Timeout),
            false => Ok(()),
        }
    }
}
