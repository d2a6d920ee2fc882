//! HTTP/1.1 without I/O: builds a GET request, and parses its response in any pieces.

use std::io::{self, ErrorKind, Write};
use std::mem;
use std::ops::Range;

use flagrace_core::{DownloadError, Failure, Setup, Status};
use httparse::Status::{Complete, Partial};

/// The size of the read buffer. A head, a trailer and a chunk's size line must fit into it.
const BUFFER: usize = 16 * 1024;

/// The most headers of one head.
const HEADERS: usize = 100;

/// An http URL, split into what the connection and the request need.
pub struct Url<'a> {
    authority: &'a str,
    path: &'a str,
}

impl<'a> Url<'a> {
    /// Splits a URL of a [`Job`](flagrace_core::Job), which is normalised.
    pub fn parse(url: &'a str) -> Result<Self, DownloadError> {
        let Some(rest) = url.strip_prefix("http://") else {
            let why = "bare requests only URLs that begin with http://";
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

/// Why there is no whole response.
pub enum Error {
    /// The time limit passed.
    Timeout,
    /// The server closed the connection, or it broke.
    Ended(Option<io::Error>),
    /// The response is not HTTP, or its end is not certain.
    Malformed(String),
    /// The body is larger than this limit.
    TooLarge(u64),
}

impl Error {
    /// The error of the download, if it happened in this phase.
    pub fn during(self, phase: Failure) -> DownloadError {
        match self {
            Self::Timeout => Status::Failed(Failure::Timeout).into(),
            Self::TooLarge(limit) => {
                let why = format!("more than {limit} bytes");
                DownloadError::failed(Failure::TooLarge, why)
            }
            Self::Ended(None) => DownloadError::failed(phase, "the server closed the connection"),
            Self::Ended(Some(error)) => DownloadError::failed(phase, error),
            Self::Malformed(why) => DownloadError::failed(phase, why),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // A socket reports a time limit as `WouldBlock`.
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::Timeout,
            _ => Self::Ended(Some(error)),
        }
    }
}

impl From<httparse::Error> for Error {
    fn from(error: httparse::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

fn malformed<T>(why: &str) -> Result<T, Error> {
    Err(Error::Malformed(why.to_owned()))
}

/// The HTTP state of a connection, for one request after another.
pub struct Http {
    /// The host and port of the server.
    authority: String,
    max_body: u64,
    request: Vec<u8>,
    buffer: Box<[u8]>,
    /// The bytes in the buffer that are not yet parsed.
    arrived: Range<usize>,
    answer: Answer,
}

/// A response, as far as it has arrived.
#[derive(Default)]
struct Answer {
    next: Next,
    status: u16,
    keep_alive: bool,
    body: Vec<u8>,
}

/// What the parser expects next.
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
            answer: Answer::default(),
        }
    }

    /// Whether the connection leads to the server of this URL.
    pub fn leads_to(&self, url: &Url<'_>) -> bool {
        self.authority == url.authority
    }

    /// Begins a GET request and returns the bytes to send.
    pub fn get(&mut self, url: &Url<'_>) -> &[u8] {
        self.arrived = 0..0;
        self.answer = Answer::default();
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

    /// Takes the result of a read into [`space`](Self::space); 0 means that the server closed
    /// the connection.
    pub fn received(&mut self, count: io::Result<usize>) -> Result<(), Error> {
        match count {
            Ok(0) if self.answer.next == Next::UntilClosed => self.answer.next = Next::Nothing,
            Ok(0) => return Err(Error::Ended(None)),
            Ok(count) => self.arrived.end += count,
            // A signal interrupted the read, and the connection is fine.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Parses what has arrived of the head, and returns whether it is complete.
    pub fn head(&mut self) -> Result<bool, Error> {
        self.take_while(|next| next == Next::Head)
    }

    /// The same for the body, after the head.
    pub fn body(&mut self) -> Result<bool, Error> {
        self.take_while(|next| next != Next::Nothing)
    }

    /// Parses what has arrived, while the next part is wanted.
    fn take_while(&mut self, is_wanted: fn(Next) -> bool) -> Result<bool, Error> {
        while is_wanted(self.answer.next) {
            let arrived = &self.buffer[self.arrived.clone()];
            match self.answer.take(arrived, self.max_body)? {
                0 if arrived.len() == BUFFER => {
                    return malformed("a head or a trailer of more than 16 KiB");
                }
                0 => return Ok(false),
                count => self.arrived.start += count,
            }
        }
        Ok(true)
    }

    /// Whether the connection ended before the head of the response, so that the request may be
    /// sent once more (RFC 9112, 9.3.1).
    pub fn died(&self, read: &Result<(), Error>) -> bool {
        matches!(read, Err(Error::Ended(_))) && self.answer.next == Next::Head
    }

    /// Whether the next request may be sent over this connection.
    pub fn can_be_kept(&self) -> bool {
        // With bytes after the response, the connection is out of step.
        let nothing_is_left = self.answer.next == Next::Nothing && self.arrived.is_empty();
        nothing_is_left && self.answer.keep_alive
    }

    /// The result of the request: the whole body of a 200, or an error. A status other than 200
    /// counts first, then the cause, then the phase.
    pub fn finish(&mut self, read: Result<(), Error>) -> Result<Vec<u8>, DownloadError> {
        let mut phase = Failure::Transport;
        if self.answer.next != Next::Head {
            Status::from_http(self.answer.status)?;
            phase = Failure::Truncated;
        }
        match read {
            Ok(()) => Ok(mem::take(&mut self.answer.body)),
            Err(error) => Err(error.during(phase)),
        }
    }
}

impl Answer {
    /// Parses the next part and returns its size; 0 if it has not arrived as a whole.
    fn take(&mut self, input: &[u8], max_body: u64) -> Result<usize, Error> {
        let size = self.body.len() as u64;
        match self.next {
            Next::Head => self.take_head(input, max_body),
            Next::Bytes(left, _) if size.saturating_add(left) > max_body => {
                Err(Error::TooLarge(max_body))
            }
            Next::Bytes(left, in_chunk) => {
                let count = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.body.extend_from_slice(&input[..count]);
                self.next = match left - count as u64 {
                    0 if in_chunk => Next::ChunkEnd,
                    0 => Next::Nothing,
                    left => Next::Bytes(left, in_chunk),
                };
                Ok(count)
            }
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
                Err(_) => malformed("a chunk size that is not a number"),
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
                let mut headers = [httparse::EMPTY_HEADER; HEADERS];
                let Complete((count, _)) = httparse::parse_headers(input, &mut headers)? else {
                    return Ok(0);
                };
                self.next = Next::Nothing;
                Ok(count)
            }
            Next::UntilClosed if size + input.len() as u64 > max_body => {
                Err(Error::TooLarge(max_body))
            }
            Next::UntilClosed => {
                self.body.extend_from_slice(input);
                Ok(input.len())
            }
            Next::Nothing => Ok(0),
        }
    }

    fn take_head(&mut self, input: &[u8], max_body: u64) -> Result<usize, Error> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let Complete(count) = head.parse(input)? else {
            return Ok(0);
        };
        self.status = head.code.unwrap_or_default();
        if (100..200).contains(&self.status) {
            // An interim response: the final one follows.
            return Ok(count);
        }
        let is_1_1 = head.version == Some(1);
        self.keep_alive = is_1_1;
        let (mut length, mut coding) = (None, None);
        for header in head.headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            let mut words = header.value.split(|&byte| byte == b',');
            if is("content-length") {
                if length.replace(number(header.value)?).is_some() {
                    return malformed("two lengths");
                }
            } else if is("transfer-encoding") {
                coding = words.next_back();
            } else if is("connection") && is_1_1 {
                self.keep_alive &= !words.any(|word| is_word(word, "close"));
            } else if is("connection") {
                self.keep_alive |= words.any(|word| is_word(word, "keep-alive"));
            }
        }
        // An ambiguous end of the body is refused: another client could read it differently.
        self.next = match (length, coding) {
            (Some(_), Some(_)) => return malformed("a length and chunks"),
            (None, Some(coding)) if !(is_1_1 && is_word(coding, "chunked")) => {
                return malformed("a transfer coding other than chunks");
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

/// Parses a length: digits, and nothing else.
fn number(text: &[u8]) -> Result<u64, Error> {
    let digits = str::from_utf8(text)
        .ok()
        .filter(|text| !text.starts_with('+'));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(number) => Ok(number),
        None => malformed("a length that is not a number"),
    }
}

fn is_word(text: &[u8], word: &str) -> bool {
    text.trim_ascii().eq_ignore_ascii_case(word.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rstest::rstest;

    use super::*;

    type Answered = (Result<Vec<u8>, DownloadError>, bool);

    /// The result of a GET whose response arrives in pieces of this size before the server
    /// closes the connection, and whether the connection could be kept.
    fn answer(input: &[u8], piece: usize) -> Answered {
        let url = Url::parse("http://a/").unwrap();
        let setup = Setup {
            max_body: 10,
            ..Setup::default()
        };
        let mut http = Http::new(&url, &setup);
        http.get(&url);
        let mut rest = input;
        let mut read = || {
            while !(http.head()? && http.body()?) {
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
        (http.finish(read), kept)
    }

    /// The same in pieces of any size. `\n` stands for `\r\n`, and the first line is optional.
    fn in_any_pieces(input: &str) -> Answered {
        let input = match input.starts_with("HTTP") {
            true => input.to_owned(),
            false => format!("HTTP/1.1 200 OK\n{input}"),
        };
        let input = input.replace('\n', "\r\n");
        let (whole, kept) = answer(input.as_bytes(), 1 << 14);
        // One byte at a time, or a thousandth of a long input.
        for piece in [1 + input.len() / 1000, 7] {
            let (result, kept_too) = answer(input.as_bytes(), piece);
            assert_eq!(format!("{whole:?}"), format!("{result:?}"), "{input:?}");
            // In small pieces, bytes after the response may be unread.
            assert!(kept <= kept_too, "{input:?}");
        }
        (whole, kept)
    }

    fn chunked(body: &str) -> String {
        format!("Transfer-Encoding: Chunked\n\n{body}")
    }

    #[rstest]
    #[case("Content-Length: 3\n\nGIF", true)]
    #[case(
        "HTTP/1.1 100 X\n\nHTTP/1.1 103 X\nA: b\n\nHTTP/1.1 200 X\nContent-Length: 3\n\nGIF",
        true
    )]
    #[case(
        "HTTP/1.0 200 X\ncontent-length:3\nConnection: Keep-Alive\n\nGIF",
        true
    )]
    #[case(chunked("2\nGI\n01;x=y\nF\n0\n\n"), true)]
    #[case(chunked("3\nGIF\n0\nA: b\n\n"), true)]
    #[case("Transfer-Encoding: gzip, chunked\n\n3\nGIF\n0\n\n", true)]
    #[case("Content-Length: 3\n\nGIFX", false)]
    #[case("Content-Length: 3\nConnection: x, close\n\nGIF", false)]
    #[case("HTTP/1.0 200 X\nContent-Length: 3\n\nGIF", false)]
    #[case("\nGIF", false)]
    fn a_body_ends_by_its_length_its_last_chunk_or_the_close(
        #[case] input: impl AsRef<str>,
        #[case] kept: bool,
    ) {
        let (body, is_kept) = in_any_pieces(input.as_ref());
        assert_eq!((&*body.unwrap(), is_kept), (&b"GIF"[..], kept));
    }

    #[rstest]
    #[case("Content-Length: 0\n\n", "")]
    #[case("Content-Length: 10\n\n0123456789", "0123456789")]
    fn a_body_may_be_empty_or_as_large_as_the_limit(#[case] input: &str, #[case] body: &str) {
        assert_eq!(in_any_pieces(input).0.unwrap(), body.as_bytes());
    }

    #[rstest]
    #[case("404 X\nContent-Length: 3\n\nno!", Status::NotFound, true)]
    #[case(
        "418 X\nContent-Length: 3\n\nno!",
        Status::Failed(Failure::Http(418)),
        true
    )]
    #[case("204 X\n\n", Status::Failed(Failure::Http(204)), true)]
    #[case(
        "304 X\nContent-Length: 3\n\n",
        Status::Failed(Failure::Http(304)),
        true
    )]
    // Its body is too large, and is not read.
    #[case(
        "500 X\nContent-Length: 11\n\n",
        Status::Failed(Failure::Http(500)),
        false
    )]
    fn a_status_other_than_200_is_the_error(
        #[case] input: &str,
        #[case] status: Status,
        #[case] kept: bool,
    ) {
        let (result, is_kept) = in_any_pieces(&format!("HTTP/1.1 {input}"));
        assert_eq!((result.unwrap_err().status, is_kept), (status, kept));
    }

    #[rstest]
    #[case("HTTP/1.1 2")]
    #[case("SSH-2.0")]
    #[case("Content-Le")]
    #[case("no\n\n")]
    #[case("A: b\n".repeat(HEADERS + 1) + "\n")]
    #[case(format!("A: {}\n\n", "b".repeat(BUFFER)))]
    #[case("Content-Length: 3\nContent-Length: 4\n\nGIF")]
    #[case("Content-Length: 3\nContent-Length: 3\n\nGIF")]
    #[case("Content-Length: 3, 3\n\nGIF")]
    #[case("Content-Length: -3\n\nGIF")]
    #[case("Content-Length: +3\n\nGIF")]
    #[case("Content-Length: 0x3\n\nGIF")]
    #[case("Content-Length: \n\nGIF")]
    #[case("Content-Length: 18446744073709551616\n\nGIF")]
    #[case("Transfer-Encoding: chunked, gzip\n\nGIF")]
    #[case("Content-Length: 3\nTransfer-Encoding: chunked\n\n3\nGIF\n0\n\n")]
    #[case("HTTP/1.0 200 X\nTransfer-Encoding: chunked\n\n3\nGIF\n0\n\n")]
    fn a_bad_or_ambiguous_head_is_a_transport_failure(#[case] input: impl AsRef<str>) {
        assert_fails(input.as_ref(), Failure::Transport);
    }

    #[rstest]
    #[case("Content-Length: 4\n\nGIF")]
    #[case(chunked("3\nGIF"))]
    #[case(chunked("3\nGIFF\n0\n\n"))]
    #[case(chunked("+3\nGIF\n0\n\n"))]
    #[case(chunked("\n\n"))]
    #[case(chunked("3\rGIF\n0\n\n"))]
    #[case(chunked("3\nGIF\n0\n"))]
    #[case(chunked(&format!("3\nGIF\n0\nA: {}", "b".repeat(BUFFER))))]
    #[case(chunked(&format!("3;{}", "b".repeat(BUFFER))))]
    fn a_body_that_is_cut_is_truncated(#[case] input: impl AsRef<str>) {
        assert_fails(input.as_ref(), Failure::Truncated);
    }

    #[rstest]
    #[case("\n01234567890")]
    #[case("Content-Length: 11\n\n")]
    #[case("Content-Length: 18446744073709551615\n\n")]
    #[case(chunked("3\nGIF\n8\n"))]
    #[case(chunked("3\nGIF\nffffffffffffffff\n"))]
    fn a_body_over_the_limit_is_too_large(#[case] input: impl AsRef<str>) {
        assert_fails(input.as_ref(), Failure::TooLarge);
    }

    fn assert_fails(input: &str, failure: Failure) {
        let (result, kept) = in_any_pieces(input);
        let seen = (result.unwrap_err().status, kept);
        assert_eq!(seen, (Status::Failed(failure), false));
    }

    #[rstest]
    #[case("http://a/b/c.gif?d", "/b/c.gif?d", "a", "a:80")]
    #[case("http://127.0.0.1:8/", "/", "127.0.0.1:8", "127.0.0.1:8")]
    #[case("http://[::1]/?d", "/?d", "[::1]", "[::1]:80")]
    fn a_request_names_its_host_and_its_path(
        #[case] url: &str,
        #[case] path: &str,
        #[case] host: &str,
        #[case] address: &str,
    ) {
        let url = Url::parse(url).unwrap();
        assert_eq!(url.address(), address);
        let mut http = Http::new(&url, &Setup::default());
        let sent = String::from_utf8(http.get(&url).to_vec()).unwrap();
        let lines = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n");
        assert!(sent.starts_with(&lines), "{sent:?}");
        assert!(sent.ends_with("\r\n\r\n"), "{sent:?}");
    }

    #[rstest]
    fn only_http_urls_are_requested(#[values("https://a/", "", "a/b")] url: &str
    ) {
        assert!(Url::parse(url).is_err());
    }
}
