//! How a connection ended, which ureq does not report.

use std::io;

use thiserror::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Why a connection delivers no more bytes. ureq passes on an error of this type unchanged.
///
/// While reading a body, ureq mistakes a reset for a close, and a close for the end of a chunked
/// body even if the last chunk is missing.
#[derive(Debug, Error)]
#[error("{cause}")]
pub(crate) struct Ending {
    /// Whether the connection had answered an earlier request.
    pub(crate) reused: bool,
    /// Whether the server closed the connection properly.
    pub(crate) is_close: bool,
    cause: io::Error,
}

impl Ending {
    /// Finds the ending in an error of ureq.
    pub(crate) fn of(error: &ureq::Error) -> Option<&Self> {
        match error {
            ureq::Error::Io(error) => error.get_ref()?.downcast_ref(),
            _ => None,
        }
    }
}

/// Makes each connection report its ending. The last of its chain, so that it sees HTTP.
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
    ) -> Result<Option<Self::Out>, ureq::Error> {
        Ok(chained.map(|inner| EndingTransport {
            inner,
            answered: false,
            reused: false,
        }))
    }
}

impl<In> EndingTransport<In> {
    fn ended(&self, is_close: bool, cause: io::Error) -> ureq::Error {
        io::Error::other(Ending {
            reused: self.reused,
            is_close,
            cause,
        })
        .into()
    }
}

impl<In: Transport> Transport for EndingTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.reused = self.answered;
        match self.inner.transmit_output(amount, timeout) {
            Err(ureq::Error::Io(error)) => Err(self.ended(false, error)),
            sent => sent,
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        match self.inner.await_input(timeout) {
            Ok(true) => {
                self.answered = true;
                Ok(true)
            }
            // Not the end, but a head that fills the buffer: ureq reports that itself.
            Ok(false) if self.inner.buffers().input_append_buf().is_empty() => Ok(false),
            Ok(false) => {
                Err(self.ended(true, io::Error::other("the server closed the connection")))
            }
            Err(ureq::Error::Io(error)) => Err(self.ended(false, error)),
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
