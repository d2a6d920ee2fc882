//! HTTP/1.1 without I/O: builds a GET request, and parses its response in any pieces.

use std::io::{self, ErrorKind, Write};
use std::mem;
use std::ops::Range;

use flagrace_core::{DownloadError, Failure, MAX_HEAD, MAX_HEADERS, Setup, Status};
use httparse::Status::{Complete, Partial};

/// The size of the read buffer. A head, a trailer and a chunk's size line must fit into it.
const BUFFER: usize = MAX_HEAD;

/// An http URL, split into what the connection and the request need.
pub struct Url<'a> {
    authority: &'a str,
    path: &'a str,
}

impl<'a> Url<'a> {
    /// Splits a URL of a [`Job`](flagrace_core::Job), which is normalised.
    pub fn parse(url: &'a str) -> Result<Self, DownloadError> {
        let Some(rest) = url.strip_prefix("http://") else {
            let why = "bare supports only http:// URLs";
            return Err(DownloadError::failed(Failure::Transport, why));
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Ok(Self { authority, path })
    }

    /// The server's host and port.
    pub fn address(&self) -> String {
        // An IPv6 address has colons too, but inside brackets.
        let port = self.authority.rsplit(']').next().unwrap_or_default();
        match port.contains(':') {
            true => self.authority.to_owned(),
            false => format!("{}:80", self.authority),
        }
    }
}

/// Why a response is incomplete.
pub enum Error {
    Timeout,
    /// The server closed the connection, or the connection failed.
    Ended(io::Error),
    /// The response is not valid HTTP, or its end is ambiguous.
    Malformed(String),
    Oversized,
    TooLarge(u64),
}

impl Error {
    /// Converts to the error of a download that failed in this phase.
    pub fn during(self, phase: Failure) -> DownloadError {
        match self {
            Self::Timeout => Status::Failed(Failure::Timeout).into(),
            Self::Ended(error) => DownloadError::failed(phase, error),
            Self::Malformed(why) => DownloadError::failed(phase, why),
            Self::Oversized if phase == Failure::Transport => DownloadError::head_too_large(),
            Self::Oversized => DownloadError::failed(phase, "the trailer is too large"),
            Self::TooLarge(limit) => {
                DownloadError::failed(Failure::TooLarge, format!("more than {limit} bytes"))
            }
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // A socket reports a time limit as `WouldBlock`.
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::Timeout,
            _ => Self::Ended(error),
        }
    }
}

impl From<httparse::Error> for Error {
    fn from(error: httparse::Error) -> Self {
        match error {
            httparse::Error::TooManyHeaders => Self::Oversized,
            _ => Self::Malformed(error.to_string()),
        }
    }
}

fn malformed<T>(why: &str) -> Result<T, Error> {
    Err(Error::Malformed(why.to_owned()))
}

/// The HTTP state of a connection. Its buffers for requests and reads are allocated once; each
/// response has its own body, of the size of its `Content-Length`, since the store takes it.
pub struct Http {
    authority: String,
    max_body: u64,
    request: Vec<u8>,
    buffer: Box<[u8]>,
    /// The bytes in the buffer that are not yet parsed.
    arrived: Range<usize>,
    response: Response,
}

#[derive(Default)]
struct Response {
    next: Next,
    status: u16,
    keep_alive: bool,
    body: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Next {
    #[default]
    Head,
    /// This many bytes, of a body with a length (`false`) or of a chunk (`true`).
    Bytes(u64, bool),
    ChunkSize,
    ChunkEnd,
    Trailer,
    /// The rest of a body that ends with the connection.
    UntilClosed,
    Nothing,
}

impl Http {
    /// The state of a new connection to the server of this URL.
    pub fn new(url: &Url<'_>, setup: &Setup) -> Self {
        Self {
            authority: url.authority.to_owned(),
            max_body: setup.max_body,
            request: Vec::new(),
            buffer: vec![0; BUFFER].into(),
            arrived: 0..0,
            response: Response::default(),
        }
    }

    pub fn leads_to(&self, url: &Url<'_>) -> bool {
        self.authority == url.authority
    }

    /// Begins a GET request and returns the bytes to send.
    pub fn get(&mut self, url: &Url<'_>) -> &[u8] {
        self.arrived = 0..0;
        self.response = Response::default();
        self.request.clear();
        // Writing to a vector cannot fail.
        let _ = write!(
            self.request,
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: flagrace/{}\r\n\r\n",
            url.path,
            url.authority,
            env!("CARGO_PKG_VERSION")
        );
        &self.request
    }

    /// The free part of the buffer, for the next read.
    pub fn space(&mut self) -> &mut [u8] {
        self.buffer.copy_within(self.arrived.clone(), 0);
        self.arrived = 0..self.arrived.len();
        &mut self.buffer[self.arrived.end..]
    }

    /// Handles the result of a read into [`space`](Self::space); 0 is the end of the stream.
    pub fn received(&mut self, count: io::Result<usize>) -> Result<(), Error> {
        match count {
            Ok(0) if self.response.next == Next::UntilClosed => self.response.next = Next::Nothing,
            Ok(0) => {
                let closed = io::Error::other("the server closed the connection");
                return Err(Error::Ended(closed));
            }
            Ok(count) => self.arrived.end += count,
            // A signal interrupted the read; the connection is fine.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Parses the head as far as it has arrived, and returns whether it is complete.
    pub fn head(&mut self) -> Result<bool, Error> {
        self.take_while(|next| next == Next::Head)
    }

    /// Same as [`head`](Self::head), for the body.
    pub fn body(&mut self) -> Result<bool, Error> {
        self.take_while(|next| next != Next::Nothing)
    }

    /// Parses buffered bytes while the next part is wanted.
    fn take_while(&mut self, is_wanted: fn(Next) -> bool) -> Result<bool, Error> {
        while is_wanted(self.response.next) {
            let arrived = &self.buffer[self.arrived.clone()];
            match self.response.take(arrived, self.max_body)? {
                0 if arrived.len() == BUFFER => return Err(Error::Oversized),
                0 => return Ok(false),
                count => self.arrived.start += count,
            }
        }
        Ok(true)
    }

    /// Whether the connection ended before the response head, so that the request may be resent
    /// (RFC 9112, 9.3.1).
    pub fn died(&self, read: &Result<(), Error>) -> bool {
        matches!(read, Err(Error::Ended(_))) && self.response.next == Next::Head
    }

    pub fn can_be_kept(&self) -> bool {
        // Extra bytes after the response mean that the connection is out of sync.
        let nothing_is_left = self.response.next == Next::Nothing && self.arrived.is_empty();
        nothing_is_left && self.response.keep_alive
    }

    /// The result of the request: the whole body of a 200, or an error. A status other than 200
    /// takes precedence over the cause, and the cause over the phase.
    pub fn finish(&mut self, read: Result<(), Error>) -> Result<Vec<u8>, DownloadError> {
        let mut phase = Failure::Transport;
        if self.response.next != Next::Head {
            Status::from_http(self.response.status)?;
            phase = Failure::Truncated;
        }
        match read {
            Ok(()) => Ok(mem::take(&mut self.response.body)),
            Err(error) => Err(error.during(phase)),
        }
    }
}

impl Response {
    /// Parses the next part and returns its size; 0 if it is incomplete.
    fn take(&mut self, input: &[u8], max_body: u64) -> Result<usize, Error> {
        match self.next {
            Next::Head => self.take_head(input, max_body),
            Next::Bytes(left, in_chunk) => {
                let count = left.min(input.len() as u64);
                self.next = match left - count {
                    0 if in_chunk => Next::ChunkEnd,
                    0 => Next::Nothing,
                    left => Next::Bytes(left, in_chunk),
                };
                self.take_body(&input[..count as usize], max_body)
            }
            Next::UntilClosed => self.take_body(input, max_body),
            // httparse accepts a size without digits as 0.
            Next::ChunkSize if input.first().is_some_and(|byte| !byte.is_ascii_hexdigit()) => {
                malformed("a chunk without a size")
            }
            Next::ChunkSize => match httparse::parse_chunk_size(input) {
                Ok(Complete((count, size))) => {
                    self.next = match size {
                        0 => Next::Trailer,
                        size => Next::Bytes(size, true),
                    };
                    Ok(count)
                }
                Ok(Partial) => Ok(0),
                Err(_) => malformed("an invalid chunk size"),
            },
            Next::ChunkEnd => match input {
                [] | [b'\r'] => Ok(0),
                [b'\r', b'\n', ..] => {
                    self.next = Next::ChunkSize;
                    Ok(2)
                }
                _ => malformed("a chunk is longer than its size"),
            },
            Next::Trailer => {
                let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
                let Complete((count, _)) = httparse::parse_headers(input, &mut headers)? else {
                    return Ok(0);
                };
                self.next = Next::Nothing;
                Ok(count)
            }
            Next::Nothing => Ok(0),
        }
    }

    fn take_body(&mut self, input: &[u8], max_body: u64) -> Result<usize, Error> {
        self.body.extend_from_slice(input);
        match self.body.len() as u64 > max_body {
            true => Err(Error::TooLarge(max_body)),
            false => Ok(input.len()),
        }
    }

    fn take_head(&mut self, input: &[u8], max_body: u64) -> Result<usize, Error> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let Complete(count) = head.parse(input)? else {
            return Ok(0);
        };
        self.status = head.code.unwrap_or_default();
        match self.status {
            ..100 => return malformed("an invalid status"),
            // An interim response: the final one follows.
            100 | 102..200 => return Ok(count),
            _ => {}
        }
        let is_1_1 = head.version == Some(1);
        self.keep_alive = is_1_1;
        let (mut length, mut coding) = (None, None);
        for header in head.headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            let mut words = header.value.split(|&byte| byte == b',');
            if is("content-length") {
                if length.replace(number(header.value)?).is_some() {
                    return malformed("two content lengths");
                }
            } else if is("transfer-encoding") {
                coding = words.next_back();
            } else if is("connection") {
                self.keep_alive &= !words.any(|word| is_word(word, "close"));
            }
        }
        // Reject an ambiguous end of the body: another client could read it differently.
        self.next = match (length, coding) {
            (Some(_), Some(_)) => return malformed("both a content length and chunks"),
            (None, Some(coding)) if !(is_1_1 && is_word(coding, "chunked")) => {
                return malformed("an unsupported transfer coding");
            }
            _ if [204, 304].contains(&self.status) => Next::Nothing,
            (None, Some(_)) => Next::ChunkSize,
            (Some(0), None) => Next::Nothing,
            (Some(left), None) => {
                self.body.reserve(left.min(max_body) as usize);
                Next::Bytes(left, false)
            }
            (None, None) => {
                self.keep_alive = false;
                Next::UntilClosed
            }
        };
        Ok(count)
    }
}

/// Parses a length, which contains only digits.
fn number(text: &[u8]) -> Result<u64, Error> {
    let digits = str::from_utf8(text).unwrap_or_default();
    match digits.parse() {
        Ok(number) if !digits.starts_with('+') => Ok(number),
        _ => malformed("an invalid content length"),
    }
}

fn is_word(text: &[u8], word: &str) -> bool {
    text.trim_ascii().eq_ignore_ascii_case(word.as_bytes())
}

#[cfg(test)]
mod tests {
    use flagrace_fuzz::mutated;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// The result of a GET whose response arrives in pieces of these sizes in turn, followed by a
    /// close: the body or the status, and whether the connection may be kept.
    fn result_of(input: &[u8], pieces: &[usize]) -> (String, bool) {
        let url = Url::parse("http://a/").unwrap();
        let setup = Setup {
            max_body: 10,
            ..Setup::default()
        };
        let mut http = Http::new(&url, &setup);
        http.get(&url);
        let mut rest = input;
        let mut pieces = pieces.iter().cycle();
        let mut read = || {
            while !(http.head()? && http.body()?) {
                let piece = *pieces.next().unwrap();
                let count = http.space().len().min(piece).min(rest.len());
                let (next, later) = rest.split_at(count);
                http.space()[..count].copy_from_slice(next);
                http.received(Ok(count))?;
                rest = later;
            }
            Ok(())
        };
        let read = read();
        let kept = http.can_be_kept();
        match http.finish(read) {
            Ok(body) => (body.escape_ascii().to_string(), kept),
            Err(error) => (error.status.to_string(), kept),
        }
    }

    const KEPT: bool = true;
    const ENDED: bool = false;
    const CUT: &str = "the body was cut short";
    const TOO_LARGE: &str = "the body is too large";

    #[rstest]
    // Bodies with a length, or ended by the close.
    #[case("\nGIF", "GIF", ENDED)]
    #[case("Content-Length: 3\n\nGIF", "GIF", KEPT)]
    #[case("Content-Length: 3\n\nGIFX", "GIF", ENDED)]
    #[case("Content-Length: 3\nConnection: x, close\n\nGIF", "GIF", ENDED)]
    #[case("HTTP/1.0 200 X\nContent-Length: 3\n\nGIF", "GIF", ENDED)]
    #[case("HTTP/1.1 100 X\n\nHTTP/1.1 200 X\n\nGIF", "GIF", ENDED)]
    #[case("Content-Length: 0\n\n", "", KEPT)]
    #[case("Content-Length: 10\n\n0123456789", "0123456789", KEPT)]
    // Chunked bodies.
    #[case("CHUNKS\n2\nGI\n01;x=y\nF\n0\n\n", "GIF", KEPT)]
    #[case("CHUNKS\n3\nGIF\n0\nA: b\n\n", "GIF", KEPT)]
    #[case("Transfer-Encoding: gzip, chunked\n\n3\nGIF\n0\n\n", "GIF", KEPT)]
    // A status other than 200 takes precedence, even if the body is too large.
    #[case("HTTP/1.1 500 X\nContent-Length: 3\n\nno!", "HTTP 500", KEPT)]
    #[case("HTTP/1.1 304 X\nContent-Length: 3\n\n", "HTTP 304", KEPT)]
    #[case("HTTP/1.1 500 X\nContent-Length: 11\n\n01234567890", "HTTP 500", ENDED)]
    // Invalid heads.
    #[case("HTTP/1.1 2", "no response", ENDED)]
    #[case("no\n\n", "no response", ENDED)]
    #[case("HTTP/1.1 099 X\n\n", "no response", ENDED)]
    #[case("HTTP/1.1 101 X\n\n", "HTTP 101", ENDED)]
    #[case("MANY\n", "the head is too large", ENDED)]
    #[case("A: LONG\n\n", "the head is too large", ENDED)]
    // Ambiguous body lengths.
    #[case("Content-Length: 3\nContent-Length: 3\n\nGIF", "no response", ENDED)]
    #[case("Content-Length: +3\n\nGIF", "no response", ENDED)]
    #[case("Content-Length: 18446744073709551616\n\nGIF", "no response", ENDED)]
    #[case("Content-Length: 3\nCHUNKS\n3\nGIF\n0\n\n", "no response", ENDED)]
    #[case("Transfer-Encoding: chunked, gzip\n\nGIF", "no response", ENDED)]
    #[case("HTTP/1.0 200 X\nCHUNKS\n3\nGIF\n0\n\n", "no response", ENDED)]
    // Truncated or malformed bodies.
    #[case("Content-Length: 4\n\nGIF", CUT, ENDED)]
    #[case("CHUNKS\n3\nGIFF\n0\n\n", CUT, ENDED)]
    #[case("CHUNKS\n+3\nGIF\n0\n\n", CUT, ENDED)]
    #[case("CHUNKS\n\n\n", CUT, ENDED)]
    #[case("CHUNKS\n3\rGIF\n0\n\n", CUT, ENDED)]
    #[case("CHUNKS\n3\nGIF\n0\nA: LONG", CUT, ENDED)]
    #[case("CHUNKS\n3;LONG", CUT, ENDED)]
    // Bodies of more than 10 bytes.
    #[case("\n01234567890", TOO_LARGE, ENDED)]
    #[case("Content-Length: 9999999999999999999\n\n01234567890", TOO_LARGE, ENDED)]
    #[case("CHUNKS\n3\nGIF\n8\n01234567", TOO_LARGE, ENDED)]
    #[case("CHUNKS\n3\nGIF\nffffffffffffffff\n01234567", TOO_LARGE, ENDED)]
    fn a_response_has_this_result_in_pieces_of_any_size(
        #[case] input: &str,
        #[case] result: &str,
        #[case] kept: bool,
    ) {
        let mut input = input.replace("CHUNKS", "Transfer-Encoding: Chunked\n");
        input = input.replace("MANY", &"A: b\n".repeat(MAX_HEADERS + 1));
        input = input.replace("LONG", &"b".repeat(BUFFER));
        if !input.starts_with("HTTP") {
            input.insert_str(0, "HTTP/1.1 200 OK\n");
        }
        let input = input.replace('\n', "\r\n").into_bytes();
        assert_eq!(result_of(&input, &[BUFFER]), (result.to_owned(), kept));
        // One byte at a time, or a thousandth of a long input.
        assert_pieces(&input, &[1 + input.len() / 1000]);
    }

    /// Asserts that the result is the same in pieces. Bytes after it may not have been read yet.
    fn assert_pieces(input: &[u8], pieces: &[usize]) {
        let (result, kept) = result_of(input, &[BUFFER]);
        let (in_pieces, kept_in_pieces) = result_of(input, pieces);
        assert_eq!(in_pieces, result);
        assert!(kept <= kept_in_pieces);
    }

    const RESPONSES: [&str; 4] = [
        "HTTP/1.0 200 OK\n\nGIF",
        "HTTP/1.1 200 OK\nContent-Length: 3\n\nGIF",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2;x=y\nGI\n1\nF\n0\nA: b\n\n",
        "HTTP/1.1 100 X\n\nHTTP/1.1 404 X\nConnection: close\nContent-Length: 2\n\nno",
    ];

    proptest! {
        #[test]
        fn any_response_has_the_same_result_in_any_pieces(
            input in mutated(RESPONSES.map(|one| one.replace('\n', "\r\n")).into()),
            pieces in prop::collection::vec(prop_oneof![1..40usize, 40..BUFFER], 1..8),
        ) {
            assert_pieces(&input, &pieces);
        }
    }

    #[test]
    fn a_request_is_over_http_and_names_its_host_and_its_path() {
        for (url, path, host, address) in [
            ("http://a/b/c.gif?d", "/b/c.gif?d", "a", "a:80"),
            ("http://127.0.0.1:8/", "/", "127.0.0.1:8", "127.0.0.1:8"),
            ("http://[::1]/?d", "/?d", "[::1]", "[::1]:80"),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(url.address(), address);
            let mut http = Http::new(&url, &Setup::default());
            let sent = String::from_utf8(http.get(&url).to_vec()).unwrap();
            let lines = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n");
            assert!(sent.starts_with(&lines) && sent.ends_with("\r\n\r\n"));
        }
        for other in ["https://a/", "", "a/b"] {
            assert!(Url::parse(other).is_err());
        }
    }
}
