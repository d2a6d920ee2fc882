//! What the server sends, seen through a plain socket: the engines' HTTP clients must not judge the
//! server that tests them.

#![allow(clippy::unwrap_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use flagrace_conformance::{faulty, wait_until};
use flagrace_server::{Config, Delay, Fault, Profile, Server, Stats, Then};

const BR: &str = "GET /flags/br/br.gif";

fn start(profile: Profile) -> Server {
    Server::start(profile.into()).unwrap()
}

/// Opens a connection. The limit only ends a test that would hang.
fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    let timeout = Some(Duration::from_secs(15));
    stream.set_read_timeout(timeout).unwrap();
    stream
}

fn request(server: &Server, request_line: &str) -> TcpStream {
    let mut stream = connect(server);
    send(&mut stream, request_line);
    stream
}

fn send(stream: &mut TcpStream, request_line: &str) {
    write!(stream, "{request_line} HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
}

/// Reads one response: its head in lower case, and a body of the announced length.
fn receive(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0].into());
    }
    head.make_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length = length.lines().next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

fn get(server: &Server, request_line: &str) -> (String, Vec<u8>) {
    receive(&mut request(server, request_line))
}

#[test]
fn one_connection_serves_flags_and_errors() {
    let server = faulty(&[("BR", Fault::Status(418))]);
    let france = flagrace_catalog::find("FR").unwrap();
    let mut stream = request(&server, "GET /flags/fr/fr.gif");
    let (head, body) = receive(&mut stream);
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: image/gif"), "{head}");
    assert_eq!(body, france.gif);
    send(&mut stream, "GET /flags/fr/metadata.json");
    assert_eq!(receive(&mut stream).1, france.metadata.as_bytes());
    send(&mut stream, BR);
    assert!(receive(&mut stream).0.starts_with("http/1.1 418"));
    send(&mut stream, "DELETE /flags/fr/fr.gif");
    let (head, _) = receive(&mut stream);
    assert!(head.starts_with("http/1.1 405"), "{head}");
    assert!(head.contains("allow: get, head"), "{head}");
    let stats = server.stats();
    assert_eq!(stats.connections_accepted, 1);
    assert_eq!(stats.by_status, [(200, 2), (418, 1)].into());
}

#[test]
fn other_paths_are_not_found_and_counted() {
    let server = start(Profile::default());
    let paths = [
        "/",
        "/flags/xx/xx.gif",
        "/flags/xx/metadata.json",
        "/flags/fr/br.gif",
        "/flags/FR/FR.gif",
        "/flags/../fr.gif",
        "/flags/fr/",
        "/flags/fr/../br/br.gif",
        "/flags/%2e%2e/%2e%2e/etc/passwd",
        "/flags/fr/..%2fbr%2fbr.gif",
    ];
    for path in paths {
        let (head, _) = get(&server, &format!("GET {path}"));
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
    }
    let stats = server.stats();
    assert_eq!(stats.by_status, [(404, paths.len() as u64)].into());
    assert_eq!(stats.by_code, [("XX".to_owned(), 1)].into());
}

#[test]
fn the_counters_are_json_and_a_post_resets_them() {
    let server = start(Profile::default());
    get(&server, BR);
    let stats = |method| -> Stats {
        let (_, body) = get(&server, &format!("{method} /stats"));
        serde_json::from_slice(&body).unwrap()
    };
    // Those for the counters are not counted as requests.
    let first = stats("GET");
    assert_eq!((first.requests, first.connections_accepted), (1, 2));
    assert_eq!(first.by_status, [(200, 1)].into());
    let taken = stats("POST");
    assert_eq!((taken.requests, taken.connections_accepted), (1, 3));
    let stats = server.stats();
    assert_eq!((stats.requests, stats.connections_accepted), (0, 0));
}

#[test]
fn a_raw_response_is_sent_as_it_is_and_ends_as_it_says() {
    let server = faulty(&[("BR", Fault::Raw("no HTTP", Then::Close))]);
    let mut response = String::new();
    let closed = request(&server, BR).read_to_string(&mut response);
    assert_eq!((closed.unwrap(), &*response), (7, "no HTTP"));
    let server = faulty(&[("BR", Fault::RESET)]);
    let error = request(&server, BR).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let repeat = Then::Repeat("bc", Duration::from_millis(1));
    let server = faulty(&[("BR", Fault::Raw("a", repeat))]);
    let mut beginning = [0; 7];
    let mut endless = request(&server, BR);
    endless.read_exact(&mut beginning).unwrap();
    assert_eq!(&beginning, b"abcbcbc");
    assert_eq!(server.stats().connections_open, 1);
    drop(endless);
    wait_until("the end", || server.stats().connections_open == 0);
}

#[test]
fn stopping_lets_a_request_end_and_closes_idle_connections() {
    let delay = Delay::fixed(Duration::from_millis(100));
    let server = start(Profile::delayed_by(delay));
    let mut idle = connect(&server);
    let mut stream = request(&server, BR);
    wait_until("a request", || server.stats().in_flight > 0);
    server.stop(Duration::from_secs(20));
    assert!(receive(&mut stream).0.starts_with("http/1.1 200"));
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
}

#[test]
fn dropping_stops_at_once_even_with_a_stalled_request() {
    let server = faulty(&[("BR", Fault::STALL)]);
    let mut stream = request(&server, BR);
    wait_until("a request", || server.stats().in_flight > 0);
    drop(server);
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn slow_clients_and_endless_heads_are_closed() {
    let config = Config {
        head_timeout: Some(Duration::from_millis(100)),
        ..Config::default()
    };
    let server = Server::start(config).unwrap();
    let mut slow = connect(&server);
    slow.write_all(b"GET /flags/br").unwrap();
    assert!(slow.read_to_end(&mut Vec::new()).is_ok());
    // This client sends requests, and never reads.
    let mut unread = connect(&server);
    let requests = format!("{BR} HTTP/1.1\r\n\r\n").repeat(1_000);
    let _ = unread.write_all(requests.as_bytes());
    #[cfg(target_os = "linux")]
    wait_until("the end", || {
        server.stats().requests > 0 && server.stats().connections_open == 0
    });

    let server = start(Profile::default());
    let mut endless = connect(&server);
    write!(endless, "{BR} HTTP/1.1\r\nX: {}", "x".repeat(20_000)).unwrap();
    assert!(receive(&mut endless).0.starts_with("http/1.1 431"));
}

#[test]
fn abuse_does_not_delay_other_requests() {
    let server = start(Profile::default());
    let idle: Vec<_> = (0..300).map(|_| connect(&server)).collect();
    for line in ["\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        let mut bad = connect(&server);
        bad.write_all(line.as_bytes()).unwrap();
        assert!(receive(&mut bad).0.starts_with("http/1.1 400"));
    }
    // Pipelined requests are answered in order.
    let mut stream = connect(&server);
    for flag in flagrace_catalog::all() {
        let cc = flag.code.to_lowercase();
        send(&mut stream, &format!("GET /flags/{cc}/{cc}.gif"));
    }
    for flag in flagrace_catalog::all() {
        assert_eq!(receive(&mut stream).1, flag.gif, "{}", flag.code);
    }
    drop(idle);
    wait_until("one is left", || server.stats().connections_open == 1);
}
