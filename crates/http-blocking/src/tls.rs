//! TLS for ureq, with the configuration that both clients share.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

/// Wraps a connection in TLS if the URL needs it.
///
/// ureq's own connector does not accept a rustls configuration, so the two clients would be set up
/// differently.
#[derive(Debug)]
pub(crate) struct TlsConnector(pub(crate) Option<Arc<ClientConfig>>);

/// A TLS connection. Shutting down its socket ends a blocked handshake, too.
pub(crate) struct TlsTransport<In: Transport> {
    stream: Box<StreamOwned<ClientConnection, TransportAdapter<In>>>,
    buffers: LazyBuffers,
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport<In>>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        let tls = match &self.0 {
            Some(tls) if details.needs_tls() => Arc::clone(tls),
            _ => return Ok(Some(Either::A(transport))),
        };
        let host = details.uri.host().ok_or(Error::HostNotFound)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        let connection = ClientConnection::new(tls, name).map_err(io::Error::other)?;

        let adapter = TransportAdapter::new(transport, Arc::clone(&details.current_time));
        let mut stream = StreamOwned::new(connection, adapter);
        // The time limit to connect covers the socket and the handshake together.
        let mut timeout = details.timeout;
        if let (Duration::Exact(whole), Instant::Exact(begun)) = (timeout.after, details.now) {
            timeout.after = whole.saturating_sub(begun.elapsed()).into();
        }
        stream.sock.set_timeout(timeout);
        stream.conn.complete_io(&mut stream.sock)?;

        let config = details.config;
        Ok(Some(Either::B(TlsTransport {
            stream: Box::new(stream),
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
        })))
    }
}

impl<In: Transport> Transport for TlsTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl<In: Transport> fmt::Debug for TlsTransport<In> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.sock.get_ref().fmt(f)
    }
}
