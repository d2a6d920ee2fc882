//! What became of one flag.

use std::fmt;

/// What became of one flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It was downloaded whole and is in the store.
    Ok,
    /// The server answered that there is no such flag (404). An answer, not a failure.
    NotFound,
    /// It could not be had.
    Failed(Failure),
}

/// Why a flag could not be had.
///
/// Clients word their errors differently, so an engine classifies by *phase*: what goes
/// wrong before the head of the response is there is [`Transport`](Self::Transport), what
/// goes wrong while the body arrives is [`Truncated`](Self::Truncated). That needs no
/// look inside a client's error, and two clients cannot disagree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// The server answered with this status: neither 200 nor 404.
    Http(u16),
    /// A time limit passed, of the connection or of the whole request.
    Timeout,
    /// No response: nobody listens, the connection was reset, or it was not HTTP.
    Transport,
    /// The response began, but its body ended too soon.
    Truncated,
    /// The body is larger than [`Setup::max_body`](crate::Setup::max_body).
    TooLarge,
    /// `metadata.json` is there, but does not name a country.
    Metadata,
    /// The store could not keep the flag.
    Save,
    /// The job was cancelled before this flag was done.
    Cancelled,
}

impl Status {
    /// Reads an HTTP status code. 200 is the one code that lets the download go on.
    ///
    /// Other codes of the 2xx class are failures: 204 and 206 carry no whole flag.
    pub fn from_http(code: u16) -> Result<(), Self> {
        match code {
            200 => Ok(()),
            404 => Err(Self::NotFound),
            other => Err(Self::Failed(Failure::Http(other))),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("ok"),
            Self::NotFound => f.write_str("not found"),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The one code that the ERROR server sends on purpose keeps its name (RFC 2324).
            Self::Http(418) => f.write_str("HTTP 418 I'm a teapot"),
            Self::Http(code) => write!(f, "HTTP {code}"),
            Self::Timeout => f.write_str("timed out"),
            Self::Transport => f.write_str("no response"),
            Self::Truncated => f.write_str("the body was cut short"),
            Self::TooLarge => f.write_str("the body is too large"),
            Self::Metadata => f.write_str("metadata.json names no country"),
            Self::Save => f.write_str("could not be saved"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}
