//! Turns a request into its response.

use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use flagrace_core::CountryCode;
use http_body_util::Full;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use socket2::SockRef;
use tokio::sync::Semaphore;

use crate::counters::Counters;
use crate::{Config, Fault, FlagSet, Plan, Profile, Stats, Then};

/// What all threads of a server share.
pub(crate) struct Site {
    flags: FlagSet,
    pub(crate) profile: Profile,
    pub(crate) head_timeout: Option<Duration>,
    /// Has no permits; closing it opens the gate, since waits for a permit then end.
    gate: Semaphore,
    pub(crate) counters: Counters,
}

#[derive(Clone, Copy, PartialEq)]
enum File {
    Image,
    Metadata,
}

impl Site {
    pub(crate) fn new(config: Config) -> Self {
        let mut flags = config.flags;
        if let Some(size) = config.profile.body {
            // One image for all, so that it is in memory once.
            let mut image = b"GIF89a".to_vec();
            image.resize(size as usize, 0);
            let image = Bytes::from(image);
            for flag in flags.0.values_mut() {
                flag.gif = image.clone();
            }
        }
        Self {
            gate: Semaphore::new(0),
            flags,
            profile: config.profile,
            head_timeout: config.head_timeout,
            counters: Counters::new(),
        }
    }

    /// Responds to one request. An error closes the connection without a response.
    ///
    /// `socket` is the connection's socket, if the profile has faults.
    pub(crate) async fn answer<B>(
        &self,
        socket: Option<&TcpStream>,
        request: Request<B>,
    ) -> io::Result<Response<Full<Bytes>>> {
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/stats") => json(&self.counters.take()),
            (&Method::GET | &Method::HEAD, "/stats") => json(&self.counters.stats()),
            (&Method::GET | &Method::HEAD, path) => {
                let in_flight = self.counters.request();
                if !self.gate.is_closed() {
                    if in_flight.number >= self.profile.gate {
                        self.gate.close();
                    }
                    let _ = self.gate.acquire().await;
                }
                let response = self.flag(socket, path).await?;
                self.counters.answered(response.status());
                Ok(response)
            }
            _ => {
                let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
                let allowed = HeaderValue::from_static("GET, HEAD");
                response.headers_mut().insert(ALLOW, allowed);
                Ok(response)
            }
        }
    }

    async fn flag(
        &self,
        socket: Option<&TcpStream>,
        path: &str,
    ) -> io::Result<Response<Full<Bytes>>> {
        let Some((code, file)) = parse(path) else {
            return Ok(text(StatusCode::NOT_FOUND, "not found\n"));
        };
        if file == File::Image {
            self.counters.image_requested(code);
        }
        let Plan { delay, fault } = self.profile.plan(code);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        match (fault, socket) {
            (Some(Fault::Status(status)), _) => {
                let status = StatusCode::from_u16(status).map_err(io::Error::other)?;
                return Ok(text(status, status.canonical_reason().unwrap_or("refused")));
            }
            (Some(Fault::Raw(bytes, then)), Some(socket)) => {
                return Err(send_raw(socket, bytes, then).await);
            }
            _ => {}
        }
        let Some(flag) = self.flags.0.get(&code) else {
            return Ok(text(StatusCode::NOT_FOUND, "no such flag\n"));
        };
        Ok(match (file, fault) {
            (File::Image, _) => whole("image/gif", flag.gif.clone()),
            (File::Metadata, Some(Fault::Metadata(other))) => {
                whole("application/json", other.into())
            }
            (File::Metadata, _) => whole("application/json", flag.metadata.clone()),
        })
    }
}

/// Accepts `/flags/br/br.gif` and `/flags/br/metadata.json`, in lower case only, like a directory
/// on a case-sensitive file system.
fn parse(path: &str) -> Option<(CountryCode, File)> {
    let (cc, file) = path.strip_prefix("/flags/")?.split_once('/')?;
    let code = cc.parse().ok()?;
    if !cc.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    match file.strip_suffix(".gif") {
        Some(name) => (name == cc).then_some((code, File::Image)),
        None => (file == "metadata.json").then_some((code, File::Metadata)),
    }
}

fn whole(content_type: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn json(stats: &Stats) -> io::Result<Response<Full<Bytes>>> {
    let stats = serde_json::to_vec_pretty(stats)?;
    Ok(whole("application/json", stats.into()))
}

fn text(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = whole("text/plain; charset=utf-8", body.into());
    *response.status_mut() = status;
    response
}

/// Sends bytes that hyper would not. The error closes the connection.
async fn send_raw(mut socket: &TcpStream, bytes: &str, then: Then) -> io::Error {
    let mut sent = socket.write_all(bytes.as_bytes());
    match then {
        Then::Close => {}
        // Closing a socket with a linger time of zero sends RST instead of FIN.
        Then::Reset => sent = sent.and(SockRef::from(socket).set_linger(Some(Duration::ZERO))),
        Then::Hold => std::future::pending().await,
        Then::Repeat(more, pause) => {
            while sent.is_ok() {
                tokio::time::sleep(pause).await;
                sent = match socket.write(more.as_bytes()) {
                    // The client does not read as fast as this.
                    Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
                    written => written.map(drop),
                };
            }
        }
    }
    sent.err()
        .unwrap_or_else(|| io::Error::other("ended on purpose"))
}
