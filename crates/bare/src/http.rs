//! HTTP/1.1 without I/O: the words of a GET, and its answer as it arrives, in any pieces.

use std::io::{self, ErrorKind, Write};
use std::mem;
use std::ops::Range;

use flagrace_core::{DownloadError, Failure, Setup, Status};
use httparse::Status::{Complete, Partial};

/// The size of the read buffer. A head, a trailer and a chunk's size line must fit into it.
const BUFFER: usize = 16 * 1024;

/// The most headers of one head.
const HEADERS: usize = 100;

/// What a GET asks for, and from which server.
pub struct Url<'a> {
    authority: &'a str,
    path: &'a str,
}

impl<'a> Url<'a> {
    /// Splits a URL in two. [`Job::url`](flagrace_core::Job::url) has checked the rest.
    pub fn parse(url: &'a str) -> Result<Self, DownloadError> {
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("http") {
            let why = "bare asks for URLs that begin with http://";
            return Err(DownloadError::failed(Failure::Transport, why));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // A port may be left empty.
        let authority = authority.strip_suffix(':').unwrap_or(authority);
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

/// Why there is no whole answer.
pub enum Error {
    /// No byte came in time, or not all of them.
    Timeout,
    /// The connection ended: closed by the server in good order, or broken.
    Ended(Option<io::Error>),
    /// What came is not HTTP, or does not say where it ends.
    Malformed(String),
    /// The body is larger than this limit.
    TooLarge(u64),
}

impl Error {
    /// What the download makes of it, if it happened in this phase.
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
            // A socket whose time limit passed says that it would block.
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

/// What a connection must know of HTTP, for any number of requests, one after another.
pub struct Http {
    /// The host and port that it leads to.
    authority: String,
    max_body: u64,
    request: Vec<u8>,
    buffer: Box<[u8]>,
    /// The bytes in the buffer that are not yet parsed.
    arrived: Range<usize>,
    answer: Answer,
}

/// One answer, as far as it has arrived.
#[derive(Default)]
struct Answer {
    next: Next,
    status: u16,
    keep_alive: bool,
    body: Vec<u8>,
}

/// What must come next.
#[derive(Clone, Copy, Default, PartialEq)]
enum Next {
    #[default]
    Head,
    /// So many bytes, of a body with a length (`false`) or of a chunk (`true`).
    Bytes(u64, bool),
    ChunkSize,
    ChunkEnd,
    Trailer,
    /// A body that ends where the connection does.
    UntilClosed,
    Nothing,
}

impl Http {
    /// For a connection to the server of this URL.
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

    /// Whether the URL is of the same server.
    pub fn leads_to(&self, url: &Url<'_>) -> bool {
        self.authority == url.authority
    }

    /// Begins a GET: the bytes to be sent.
    pub fn get(&mut self, url: &Url<'_>) -> &[u8] {
        self.arrived = 0..0;
        self.answer = Answer::default();
        self.request.clear();
        // Cannot fail: a vector takes all that is written.
        let _ = write!(
            self.request,
            "GET /{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: flagrace/{}\r\n\r\n",
            url.path.strip_prefix('/').unwrap_or(url.path),
            url.authority,
            env!("CARGO_PKG_VERSION")
        );
        &self.request
    }

    /// Where to read to.
    pub fn space(&mut self) -> &mut [u8] {
        self.buffer.copy_within(self.arrived.clone(), 0);
        self.arrived = 0..self.arrived.len();
        &mut self.buffer[self.arrived.end..]
    }

    /// Takes the result of a read into [`space`](Self::space); 0 is the end of the connection.
    pub fn received(&mut self, count: io::Result<usize>) -> Result<(), Error> {
        match count {
            Ok(0) if self.answer.next == Next::UntilClosed => self.answer.next = Next::Nothing,
            Ok(0) => return Err(Error::Ended(None)),
            Ok(count) => self.arrived.end += count,
            // A signal: nothing has happened to the connection.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Takes what has arrived of the head, and says whether all of it has.
    pub fn head(&mut self) -> Result<bool, Error> {
        self.take_while(|next| next == Next::Head)
    }

    /// The same for the body, after the head.
    pub fn body(&mut self) -> Result<bool, Error> {
        self.take_while(|next| next != Next::Nothing)
    }

    /// Goes on while what must come next is wanted, and there.
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

    /// Whether the connection ended where another request may be sent on a fresh one: before
    /// the head of the answer (RFC 9112, 9.3.1).
    pub fn died(&self, read: &Result<(), Error>) -> bool {
        matches!(read, Err(Error::Ended(_))) && self.answer.next == Next::Head
    }

    /// Whether the next request may be sent over this connection.
    pub fn can_be_kept(&self) -> bool {
        // Bytes after the answer: the connection is out of step.
        let nothing_is_left = self.answer.next == Next::Nothing && self.arrived.is_empty();
        nothing_is_left && self.answer.keep_alive
    }

    /// What became of the request: the body of a 200 that was read whole, or a failure. Its
    /// status comes first, then what the client is certain of, then how far it came.
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
    /// Takes what it can from the beginning of the input, and says how many bytes that was: 0,
    /// where what must come next is not there as a whole.
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
            // httparse takes a size without digits for 0.
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
                Err(_) => malformed("a chunk's size that is no number"),
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
            // The answer is still to come.
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
        // What another client could understand in another way is refused.
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

/// A length: digits, and nothing else.
fn number(text: &[u8]) -> Result<u64, Error> {
    let digits = str::from_utf8(text)
        .ok()
        .filter(|text| !text.starts_with('+'));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(number) => Ok(number),
        None => malformed("a length that is no number"),
    }
}

fn is_word(text: &[u8], word: &str) -> bool {
    text.trim_ascii().eq_ignore_ascii_case(word.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// What becomes of a GET whose answer arrives in pieces of this size, and whether the
    /// connection can be kept. After the last piece the server closes it.
    fn answer(input: &[u8], piece: usize) -> (Result<Vec<u8>, DownloadError>, bool) {
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

    /// The same however it arrives. Lines end in `\r\n`, and the first may be left out.
    fn in_any_pieces(input: &str) -> (Result<Vec<u8>, DownloadError>, bool) {
        let input = match input.starts_with("HTTP") {
            true => input.to_owned(),
            false => format!("HTTP/1.1 200 OK\n{input}"),
        };
        let input = input.replace('\n', "\r\n");
        let (whole, kept) = answer(input.as_bytes(), 1 << 14);
        // A byte at a time; a thousandth, where that would take long.
        for piece in [1 + input.len() / 1000, 7] {
            let (result, kept_too) = answer(input.as_bytes(), piece);
            assert_eq!(format!("{whole:?}"), format!("{result:?}"), "{input:?}");
            // What comes too much may not have been read.
            assert!(kept <= kept_too, "{input:?}");
        }
        (whole, kept)
    }

    fn chunked(body: &str) -> String {
        format!("Transfer-Encoding: Chunked\n\n{body}")
    }

    #[test]
    fn a_url_without_a_port_is_of_port_80() {
        let address = |url| Url::parse(url).map(|url| url.address()).unwrap();
        assert_eq!(address("http://a/b"), "a:80");
        assert_eq!(address("http://a:/b"), "a:80");
        assert_eq!(address("http://[::1]?b"), "[::1]:80");
        assert_eq!(address("http://a:8080"), "a:8080");
    }

    #[test]
    fn a_body_ends_by_its_length_its_last_chunk_or_the_close() {
        let answer = "HTTP/1.1 200 X\nContent-Length: 3\n\nGIF";
        for input in [
            answer,
            &format!("HTTP/1.1 100 Continue\n\nHTTP/1.1 103 X\nA: b\n\n{answer}"),
            "HTTP/1.0 200 X\ncontent-length:3\nConnection: Keep-Alive\n\nGIF",
            &chunked("2\nGI\n01;x=y\nF\n0\n\n"),
            &chunked("3\nGIF\n0\nA: b\n\n"),
            "Transfer-Encoding: gzip, chunked\n\n3\nGIF\n0\n\n",
        ] {
            let (body, kept) = in_any_pieces(input);
            assert_eq!((&*body.unwrap(), kept), (&b"GIF"[..], true), "{input:?}");
        }
        for input in [
            "Content-Length: 3\n\nGIFX",
            "Content-Length: 3\nConnection: x, close\n\nGIF",
            "HTTP/1.0 200 X\nContent-Length: 3\n\nGIF",
            "\nGIF",
        ] {
            let (body, kept) = in_any_pieces(input);
            assert_eq!((&*body.unwrap(), kept), (&b"GIF"[..], false), "{input:?}");
        }
        // Nothing, and as much as is allowed.
        assert_eq!(in_any_pieces("Content-Length: 0\n\n").0.unwrap(), b"");
        let most = in_any_pieces("Content-Length: 10\n\n0123456789");
        assert_eq!(most.0.unwrap(), b"0123456789");
    }

    #[test]
    fn a_status_other_than_200_is_the_failure() {
        let refused = |status| Status::Failed(Failure::Http(status));
        for (input, status, kept) in [
            ("404 X\nContent-Length: 3\n\nno!", Status::NotFound, true),
            ("418 X\nContent-Length: 3\n\nno!", refused(418), true),
            ("204 X\n\n", refused(204), true),
            ("304 X\nContent-Length: 3\n\n", refused(304), true),
            // A page too large to be read.
            ("500 X\nContent-Length: 11\n\n", refused(500), false),
        ] {
            let (result, is_kept) = in_any_pieces(&format!("HTTP/1.1 {input}"));
            let seen = (result.unwrap_err().status, is_kept);
            assert_eq!(seen, (status, kept), "{input:?}");
        }
    }

    fn assert_fails<const N: usize>(failure: Failure, inputs: [&str; N]) {
        for input in inputs {
            let (result, kept) = in_any_pieces(input);
            let seen = (result.unwrap_err().status, kept);
            assert_eq!(seen, (Status::Failed(failure), false), "{input:.80?}");
        }
    }

    #[test]
    fn what_is_no_head_or_does_not_say_where_the_body_ends_is_refused() {
        let many = "A: b\n".repeat(HEADERS + 1) + "\n";
        assert_fails(
            Failure::Transport,
            ["HTTP/1.1 2", "SSH-2.0", "Content-Le", "no\n\n", &many],
        );
        assert_fails(
            Failure::Transport,
            [
                "Content-Length: 3\nContent-Length: 4\n\nGIF",
                "Content-Length: 3\nContent-Length: 3\n\nGIF",
                "Content-Length: 3, 3\n\nGIF",
                "Content-Length: -3\n\nGIF",
                "Content-Length: +3\n\nGIF",
                "Content-Length: 0x3\n\nGIF",
                "Content-Length: \n\nGIF",
                "Content-Length: 18446744073709551616\n\nGIF",
                "Transfer-Encoding: chunked, gzip\n\nGIF",
                "Content-Length: 3\nTransfer-Encoding: chunked\n\n3\nGIF\n0\n\n",
                "HTTP/1.0 200 X\nTransfer-Encoding: chunked\n\n3\nGIF\n0\n\n",
            ],
        );
        let (result, _) = in_any_pieces(&format!("A: {}\n\n", "b".repeat(BUFFER)));
        let why = result.unwrap_err().detail.unwrap();
        assert!(why.contains("more than 16 KiB"), "{why}");
    }

    #[test]
    fn a_body_that_is_cut_or_too_large_is_a_failure() {
        let long = "b".repeat(BUFFER);
        assert_fails(Failure::Truncated, ["Content-Length: 4\n\nGIF"]);
        assert_fails(
            Failure::TooLarge,
            ["\n01234567890", "Content-Length: 11\n\n"],
        );
        assert_fails(
            Failure::TooLarge,
            ["Content-Length: 18446744073709551615\n\n"],
        );
        for (failure, body) in [
            (Failure::Truncated, "3\nGIF"),
            (Failure::Truncated, "3\nGIFF\n0\n\n"),
            (Failure::Truncated, "+3\nGIF\n0\n\n"),
            (Failure::Truncated, "\n\n"),
            (Failure::Truncated, "3\rGIF\n0\n\n"),
            (Failure::Truncated, "3\nGIF\n0\n"),
            (Failure::Truncated, &format!("3\nGIF\n0\nA: {long}")),
            (Failure::Truncated, &format!("3;{long}")),
            (Failure::TooLarge, "3\nGIF\n8\n"),
            (Failure::TooLarge, "3\nGIF\nffffffffffffffff\n"),
        ] {
            assert_fails(failure, [&chunked(body)]);
        }
    }

    #[test]
    fn a_request_names_its_host_and_its_path() {
        for (url, path, host, address) in [
            ("http://a/b/c.gif?d", "/b/c.gif?d", "a", "a:80"),
            ("HTTP://127.0.0.1:8", "/", "127.0.0.1:8", "127.0.0.1:8"),
            ("http://[::1]?d", "/?d", "[::1]", "[::1]:80"),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(url.address(), address);
            let mut http = Http::new(&url, &Setup::default());
            let sent = String::from_utf8(http.get(&url).to_vec()).unwrap();
            let lines = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n");
            assert!(
                sent.starts_with(&lines) && sent.ends_with("\r\n\r\n"),
                "{sent:?}"
            );
        }
        for url in ["https://a/", "", "a/b"] {
            assert!(Url::parse(url).is_err(), "{url:?}");
        }
    }
}
