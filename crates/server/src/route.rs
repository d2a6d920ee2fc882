//! From a request to its answer.

use std::io;

use bytes::Bytes;
use flagrace_core::CountryCode;
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use crate::counters::Counters;
use crate::gate::Gate;
use crate::profile::{Fault, Plan};
use crate::reply::Reply;
use crate::socket::ResetSwitch;
use crate::{FlagSet, Profile, gallery};

/// Everything that an answer is made of, shared by all threads of a server.
pub(crate) struct Site {
    flags: FlagSet,
    profile: Profile,
    gallery: Bytes,
    gate: Gate,
    pub(crate) counters: Counters,
}

impl Site {
    pub(crate) fn new(flags: FlagSet, profile: Profile) -> Self {
        Self {
            gallery: gallery::page(&flags, &profile).into(),
            gate: Gate::new(profile.gate),
            flags,
            profile,
            counters: Counters::default(),
        }
    }
}

/// What is asked for of a flag.
#[derive(Clone, Copy, PartialEq)]
enum File {
    Image,
    Metadata,
}

/// Answers one request. An error ends the connection without an answer.
pub(crate) async fn answer<B>(
    site: &Site,
    reset: &ResetSwitch,
    request: Request<B>,
) -> io::Result<Response<Reply>> {
    // Asking for the counts and starting them anew changes something, so it is a POST.
    if *request.method() == Method::POST && request.uri().path() == "/stats" {
        let response = stats(site);
        site.counters.reset();
        return response;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        let allowed = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, allowed);
        return Ok(response);
    }
    match request.uri().path() {
        "/" => Ok(whole("text/html; charset=utf-8", site.gallery.clone())),
        "/stats" => stats(site),
        path => {
            let in_flight = site.counters.request();
            site.gate.pass(in_flight.number()).await;
            let response = flag(site, reset, path).await?;
            site.counters.answered(response.status().as_u16());
            Ok(response)
        }
    }
}

async fn flag(site: &Site, reset: &ResetSwitch, path: &str) -> io::Result<Response<Reply>> {
    let Some((code, file)) = parse(path) else {
        return Ok(text(StatusCode::NOT_FOUND, "not found\n"));
    };
    if file == File::Image {
        site.counters.image_asked(code);
    }
    let Plan { delay, fault } = site.profile.plan(code);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match fault {
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(status).map_err(io::Error::other)?;
            return Ok(text(status, status.canonical_reason().unwrap_or("refused")));
        }
        Some(Fault::Reset) => {
            reset.throw();
            return Err(io::Error::other("reset on purpose"));
        }
        Some(Fault::Stall) => std::future::pending().await,
        _ => {}
    }
    let Some(flag) = site.flags.get(code) else {
        return Ok(text(StatusCode::NOT_FOUND, "no such flag\n"));
    };
    Ok(match (file, fault) {
        (File::Image, Some(Fault::Cut)) => cut(&flag.gif),
        (File::Image, Some(Fault::Oversized(size))) => {
            let mut body = flag.gif.to_vec();
            body.resize(size, 0);
            whole("image/gif", body.into())
        }
        (File::Image, _) => whole("image/gif", flag.gif.clone()),
        (File::Metadata, Some(Fault::BadMetadata)) => {
            whole("application/json", Bytes::from_static(b"{\"country\": "))
        }
        (File::Metadata, _) => whole("application/json", flag.metadata.clone()),
    })
}

/// `/flags/br/br.gif` or `/flags/br/metadata.json`, in lower case as file systems have it.
fn parse(path: &str) -> Option<(CountryCode, File)> {
    let (cc, file) = path.strip_prefix("/flags/")?.split_once('/')?;
    if !cc.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let code = cc.parse().ok()?;
    if file == "metadata.json" {
        Some((code, File::Metadata))
    } else {
        (file.strip_suffix(".gif")? == cc).then_some((code, File::Image))
    }
}

fn stats(site: &Site) -> io::Result<Response<Reply>> {
    let stats = serde_json::to_vec_pretty(&site.counters.stats()).map_err(io::Error::other)?;
    Ok(whole("application/json", stats.into()))
}

fn whole(content_type: &'static str, body: Bytes) -> Response<Reply> {
    let mut response = Response::new(Reply::Whole(body));
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn text(status: StatusCode, words: &'static str) -> Response<Reply> {
    let mut response = whole("text/plain; charset=utf-8", words.into());
    *response.status_mut() = status;
    response
}

/// Promises the whole image and sends the first half.
fn cut(gif: &Bytes) -> Response<Reply> {
    let mut response = whole("image/gif", Bytes::new());
    let promised = HeaderValue::from(gif.len());
    response.headers_mut().insert(CONTENT_LENGTH, promised);
    *response.body_mut() = Reply::Cut(gif.slice(..gif.len() / 2));
    response
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/flags/br/br.gif", true)]
    #[case("/flags/br/metadata.json", true)]
    #[case("/flags/br/fr.gif", false)]
    #[case("/flags/BR/BR.gif", false)]
    #[case("/flags/bra/bra.gif", false)]
    #[case("/flags/../br.gif", false)]
    #[case("/flags/br/", false)]
    #[case("/flags", false)]
    #[case("/br/br.gif", false)]
    fn paths(#[case] path: &str, #[case] is_file: bool) {
        assert_eq!(parse(path).is_some(), is_file);
    }
}
