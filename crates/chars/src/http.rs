//! The characters over HTTP: a page, and `/search?q=` as JSON.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use maud::{DOCTYPE, PreEscaped, html};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use url::form_urlencoded;

use crate::index::{self, Character};
use crate::{PAUSE, Site, protocol};

/// The most characters of a response, about 70 kB; it has the number of all.
const SHOWN: usize = 1000;
/// The browser loads nothing and runs no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'self'";

/// Accepts connections until the server stops. Each has one request.
pub async fn serve(listener: TcpListener, site: Arc<Site>) {
    while site.is_open() {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let service = service_fn(async |request| Ok::<_, Infallible>(respond(&request)));
        let mut http = http1::Builder::new();
        let http = http.keep_alive(false).max_buf_size(16 * 1024);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        // The client has this time to send its request and to read the response.
        tokio::spawn(timeout(site.config.patience, connection));
    }
}

fn respond(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let query = request.uri().query().unwrap_or_default();
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let query = fields.find_map(|(name, value)| (name == "q").then_some(value));
    let found = Found::new(query.as_deref().unwrap_or_default().trim());
    let (status, content_type, body) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/") => (StatusCode::OK, "text/html", found.page()),
        (&Method::GET | &Method::HEAD, "/search") => {
            let json = serde_json::to_string(&found).unwrap_or_default();
            (StatusCode::OK, "application/json", json)
        }
        (&Method::GET | &Method::HEAD, _) => {
            (StatusCode::NOT_FOUND, "text/plain", "try /\n".to_owned())
        }
        _ => (
            StatusCode::METHOD_NOT_ALLOWED,
            "text/plain",
            "only GET and HEAD\n".to_owned(),
        ),
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

/// A query and what it found.
#[derive(Serialize)]
struct Found<'a> {
    query: &'a str,
    count: usize,
    characters: Vec<Character>,
}

impl<'a> Found<'a> {
    fn new(query: &'a str) -> Self {
        let mut matches = index::find(query);
        let shown = matches.by_ref().take(SHOWN);
        let characters: Vec<_> = shown.map(Character::from).collect();
        Self {
            query,
            count: characters.len() + matches.count(),
            characters,
        }
    }

    fn page(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.query) " – characters by name" }
                    link rel="icon" href="data:,";
                    style { (PreEscaped(include_str!("page.css"))) }
                }
                body {
                    h1 { "Characters by name" }
                    form {
                        label for="q" { "Words of the name" }
                        input #q type="search" name="q" value=(self.query) placeholder="cat face" autofocus;
                        button { "Find" }
                    }
                    @if !self.query.is_empty() {
                        p role="status" {
                            (protocol::summary(self.count, self.query))
                            @if self.count > SHOWN { ", the first " (SHOWN) " below" } "."
                        }
                    }
                    @if !self.characters.is_empty() {
                        table {
                            tr { th scope="col" { "Code" } th scope="col" { "Character" } th scope="col" { "Name" } }
                            @for one in &self.characters {
                                tr { td { (one.code) } td { bdi { (one.char) } } td { (one.name) } }
                            }
                        }
                    }
                }
            }
        };
        page.into_string()
    }
}
