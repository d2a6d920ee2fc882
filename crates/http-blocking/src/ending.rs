//! How a connection ended, which ureq does not tell.

use std::{fmt, io};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Why nothing more comes over a connection.
///
/// While it reads a body, ureq takes a reset for a close, and a close for the end also of a
/// body in chunks whose last one is incomplete. It passes on errors of this type as they are.
#[derive(Debug)]
pub(crate) struct Ending {
    /// Whether the connection had answered an earlier request.
    pub(crate) reused: bool,
    /// Why it broke; `None` if the server closed it in good order.
    broken: Option<io::Error>,
}

impl Ending {
    /// The ending that is behind an error of ureq, if it is one.
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

/// Makes each connection tell how it ends. It is the last of a chain, so what it sees is HTTP.
#[derive(Debug)]
pub(crate) struct Telling;

pub(crate) struct TellingTransport<In> {
    inner: In,
    /// Whether anything has come.
    answered: bool,
    /// Whether anything had come when the last request was sent.
    reused: bool,
}

impl<In: Transport> Connector<In> for Telling {
    type Out = TellingTransport<In>;

    fn connect(
        &self,
        _details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| TellingTransport {
            inner,
            answered: false,
            reused: false,
        }))
    }
}

impl<In> TellingTransport<In> {
    fn ended(&self, broken: Option<io::Error>) -> Error {
        let reused = self.reused;
        Error::Io(io::Error::other(Ending { reused, broken }))
    }
}

impl<In: Transport> Transport for TellingTransport<In> {
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
            // Not the end, but a head that fills the whole buffer: ureq knows what to say.
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

impl<In: fmt::Debug> fmt::Debug for TellingTransport<In> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TellingTransport")
            .field(&self.inner)
            .finish()
    }
}
