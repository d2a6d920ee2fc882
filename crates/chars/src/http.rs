//! The characters over HTTP: a page, and `/search?q=` as JSON.

use std::sync::Arc;

use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, http};
use hyper_util::rt::TokioIo;
use maud::html;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::index::{describe, find};
use crate::{PAUSE, Site, protocol};

/// The most characters in a response, about 100 kB; the count is of all.
const SHOWN: usize = 1000;

/// Accepts connections until the server stops. Each has one request, and a limit of time.
pub async fn serve(listener: TcpListener, site: Arc<Site>) {
    while site.is_open() {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let mut http = http1::Builder::new();
        let http = http.keep_alive(false).max_buf_size(16 * 1024);
        let service = service_fn(async |request| respond(&request));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(timeout(site.patience, connection));
    }
}

fn respond<B>(request: &Request<B>) -> http::Result<Response<String>> {
    let fields = request.uri().query().unwrap_or_default();
    let mut fields = url::form_urlencoded::parse(fields.as_bytes());
    let query = fields.find_map(|(name, value)| (name == "q").then_some(value));
    let query = query.unwrap_or_default();
    let (status, content_type, body) = match request.uri().path() {
        "/" => (200, "text/html; charset=utf-8", page(query.trim())),
        "/search" => (200, "application/json", json(query.trim())),
        _ => (404, "text/plain", "not found\n".to_owned()),
    };
    let response = Response::builder().status(status);
    response.header(CONTENT_TYPE, content_type).body(body)
}

/// The first characters that match, and the number of all.
fn search(query: &str) -> (impl Iterator<Item = [String; 3]>, usize) {
    let count = find(query).count();
    (find(query).take(SHOWN).map(describe), count)
}

fn json(query: &str) -> String {
    let (characters, count) = search(query);
    let characters: Vec<_> = characters
        .map(|[code, char, name]| json!({"code": code, "char": char, "name": name}))
        .collect();
    json!({"query": query, "count": count, "characters": characters}).to_string()
}

/// The page; maud escapes the query.
fn page(query: &str) -> String {
    let (characters, count) = search(query);
    let found = html! {
        form role="search" {
            label for="q" { "Words of the name" }
            input #q type="search" name="q" value=(query) placeholder="cat face" autofocus;
            button { "Find" }
        }
        @if !query.is_empty() {
            p role="status" {
                (protocol::summary(count, query))
                @if count > SHOWN { "; the first " (SHOWN) " are below" }
            }
        }
        table {
            @for [code, char, name] in characters {
                tr { th scope="row" { (code) } td { bdi { (char) } } td { (name) } }
            }
        }
    };
    include_str!("page.html").replacen("{found}", &found.into_string(), 1)
}
