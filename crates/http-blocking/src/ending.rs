//! How a connection ended, which ureq does not report.

use std::{fmt, io};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Why a connection delivers no more bytes. ureq passes an error of this type on as it is.
///
/// While it reads a body, ureq mistakes a reset for a close, and a close for the end of a
/// chunked body even if the last chunk is missing.
#[derive(Debug)]
pub(crate) struct Ending {
    /// Whether the connection had answered an earlier request.
    pub(crate) reused: bool,
    /// Why it broke; `None` if the server closed it.
    broken: Option<io::Error>,
}

impl Ending {
    /// The ending behind an error of ureq, if there is one.
    pub(crate) fn of(error: &Error) -> Option<&Self> {
        match error {
            Error::Io(error) => error.get_ref()?.downcast_ref(),
            _ => None,
        }
    }

    /// Whether the server closed the connection in good order.
    pub(crate) fn is_close(&self) -> bool {
        self.broken.is_none()
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.broken {
            Some(error) => error.fmt(f),
            None => f.write_str("the server closed the connection"),
        }
    }
}

impl std::error::Error for Ending {}

/// Makes each connection report its ending. The last of a chain, so what it sees is HTTP.
#[derive(Debug)]
pub(crate) struct EndingConnector;

#[derive(Debug)]
pub(crate) struct EndingTransport<In> {
    inner: In,
    /// Whether any bytes have arrived.
    answered: bool,
    /// Whether any bytes had arrived before the last request was sent.
    reused: bool,
}

impl<In: Transport> Connector<In> for EndingConnector {
    type Out = EndingTransport<In>;

    fn connect(
        &self,
        _details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| EndingTransport {
            inner,
            answered: false,
            reused: false,
        }))
    }
}

impl<In> EndingTransport<In> {
    fn ended(&self, broken: Option<io::Error>) -> Error {
        let reused = self.reused;
        Error::Io(io::Error::other(Ending { reused, broken }))
    }
}

impl<In: Transport> Transport for EndingTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.reused = self.answered;
        match self.inner.transmit_output(amount, timeout) {
            Err(Error::Io(error)) => Err(self.ended(Some(error))),
            sent => sent,
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        match self.inner.await_input(timeout) {
            Ok(true) => {
                self.answered = true;
                Ok(true)
            }
            // Not the end, but a head that fills the whole buffer: ureq reports that itself.
            Ok(false) if self.inner.buffers().input_append_buf().is_empty() => Ok(false),
            Ok(false) => Err(self.ended(None)),
            Err(Error::Io(error)) => Err(self.ended(Some(error))),
            Err(error) => Err(error),
        }
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
