//! The characters over HTTP: a page, and `/search?q=` as JSON.

use std::time::Duration;

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
use crate::{PAUSE, protocol};

/// The time for a request and its response.
const LIMIT: Duration = Duration::from_secs(30);
/// The most characters in a response, about 100 kB; the count is of all.
const SHOWN: usize = 1000;

/// Accepts connections until the process ends. Each has one request, and a limit of time.
pub async fn serve(listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let mut http = http1::Builder::new();
        let http = http.keep_alive(false).half_close(true);
        http.max_buf_size(16 * 1024);
        let service = service_fn(async |request| respond(&request));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(timeout(LIMIT, connection));
    }
}

fn respond<B>(request: &Request<B>) -> http::Result<Response<String>> {
    let fields = request.uri().query().unwrap_or_default();
    let mut fields = url::form_urlencoded::parse(fields.as_bytes());
    let query = fields.find_map(|(name, value)| (name == "q").then_some(value));
    let query = query.as_deref().unwrap_or_default().trim();
    let count = find(query).count();
    let shown: Vec<_> = find(query).take(SHOWN).map(describe).collect();
    let (status, content_type, body) = match request.uri().path() {
        "/" => (200, "text/html; charset=utf-8", page(query, count, &shown)),
        "/search" => (200, "application/json", json(query, count, &shown)),
        _ => (404, "text/plain", "not found\n".to_owned()),
    };
    let response = Response::builder().status(status);
    response.header(CONTENT_TYPE, content_type).body(body)
}

fn json(query: &str, count: usize, shown: &[[String; 3]]) -> String {
    let character = |[code, char, name]: &[_; 3]| json!({"code": code, "char": char, "name": name});
    let characters: Vec<_> = shown.iter().map(character).collect();
    json!({"query": query, "count": count, "characters": characters}).to_string()
}

/// The page; maud escapes the query.
fn page(query: &str, count: usize, shown: &[[String; 3]]) -> String {
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
            @for [code, char, name] in shown {
                tr { th scope="row" { (code) } td { bdi { (char) } } td { (name) } }
            }
        }
    };
    include_str!("page.html").replacen("{found}", &found.into_string(), 1)
}
