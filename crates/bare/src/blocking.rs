//! A blocking connection, with the standard library.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flagrace_core::{Attempt, Setup};

use crate::http::{Error, Http, Url};

pub struct Connection {
    pub http: Http,
    pub stream: Arc<TcpStream>,
    /// The time limit of a read, and of a request, if there is one.
    limit: Option<Duration>,
}

impl Connection {
    pub fn open(url: &Url<'_>, setup: &Setup) -> Result<Self, Error> {
        let mut opened = Err(io::ErrorKind::NotFound.into());
        for address in url.address().to_socket_addrs()? {
            opened = TcpStream::connect_timeout(&address, setup.connect_timeout);
            if opened.is_ok() {
                break;
            }
        }
        let stream = opened?;
        let limit = Some(setup.request_timeout).filter(|&limit| limit != Duration::MAX);
        stream.set_nodelay(true)?;
        stream.set_read_timeout(limit)?;
        Ok(Self {
            http: Http::new(url, setup),
            stream: stream.into(),
            limit,
        })
    }

    /// Sends a request and reads its whole response.
    pub fn get(
        &mut self,
        url: &Url<'_>,
        begun: Instant,
        attempt: &mut Attempt,
    ) -> Result<(), Error> {
        (&*self.stream).write_all(self.http.get(url))?;
        while !self.http.head()? {
            self.read(begun)?;
        }
        attempt.head_arrived();
        while !self.http.body()? {
            self.read(begun)?;
        }
        Ok(())
    }

    /// Waits for the next bytes.
    fn read(&mut self, begun: Instant) -> Result<(), Error> {
        let count = (&*self.stream).read(self.http.space());
        self.http.received(count)?;
        // Each read has this limit, but together they may exceed it.
        match self.limit.is_some_and(|limit| begun.elapsed() > limit) {
            true => Err(Error::Timeout),
            false => Ok(()),
        }
    }
}
