//! Each server on real sockets.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use flagrace_chars::{Model, start};
use rstest::rstest;

/// A client that has sent this.
fn client(server: SocketAddr, text: &str) -> TcpStream {
    let mut client = TcpStream::connect(server).unwrap();
    // A test fails before it hangs.
    let minute = Some(Duration::from_secs(60));
    client.set_read_timeout(minute).unwrap();
    client.write_all(text.as_bytes()).unwrap();
    client
}

/// What a client receives until the server closes.
fn received(mut client: TcpStream) -> String {
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    text
}

#[rstest]
#[case::threads(Model::Thread)]
#[case::tasks(Model::Task)]
#[case::tasks_on_all_cores(Model::TaskMulti)]
fn a_server_survives_its_clients(#[case] model: Model) {
    let server = start(model, 0).unwrap();
    // Silent, within a line, and one that never reads.
    let _waiting = ["", "ca", &"cjk\n".repeat(20)].map(|text| client(server, text));
    // Closing with bytes unread resets the connection.
    client(server, "cjk\n").read_exact(&mut [0; 100]).unwrap();
    let last = client(server, &("a".repeat(1_000_000) + "\ntwo planck\n"));
    last.shutdown(Shutdown::Write).unwrap();
    let answers = [
        "?> A line has at most 1024 bytes.",
        "?> U+210F\tℏ\tPLANCK CONSTANT OVER TWO PI",
        "1 match for 'two planck'",
        "?> ",
    ];
    assert_eq!(received(last), answers.join("\r\n"));
}

#[test]
fn http_has_a_page_and_json() {
    let server = start(Model::Http, 0).unwrap();
    let _silent = client(server, "GET /");
    let get = |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n");
        received(client(server, &request))
    };
    assert!(get(&format!("/{:a<20000}", "")).starts_with("HTTP/1.1 431 "));
    let json = r#"{"characters":[{"char":"ℏ","code":"U+210F","name":"PLANCK CONSTANT OVER TWO PI"}],"count":1,"query":"two planck"}"#;
    assert!(get("/search?q=two+planck").ends_with(json));
    assert_eq!(get("/search?q=cjk").matches("U+").count(), 1000);
    let page = get("/?q=%3Cb%3E%22");
    assert!(page.contains("0 matches for '&lt;b&gt;&quot;'") && !page.contains("<b>"));
    assert!(get("/?q=two+planck").contains("<bdi>ℏ</bdi>"));
    assert!(get("/favicon.ico").starts_with("HTTP/1.1 404 "));
}

#[test]
fn a_model_is_short() {
    assert!(include_str!("../src/thread.rs").lines().count() <= 120);
    assert!(include_str!("../src/task.rs").lines().count() <= 120);
}
