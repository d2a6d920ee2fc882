//! What the server puts on the wire, seen through a plain socket: the engines' clients
//! are not asked to judge the server they are tested with.

#![allow(clippy::unwrap_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use flagrace_server::{Config, Delay, Fault, FlagSet, Profile, Server, ServerError};

fn start(profile: Profile) -> Server {
    Server::start(Config {
        profile,
        ..Config::default()
    })
    .unwrap()
}

fn broken(code: &str, fault: Fault) -> Server {
    start(Profile {
        faults: [(code.parse().unwrap(), fault)].into(),
        ..Profile::default()
    })
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

/// Waits for a state. The time is only where a test that would wait for ever fails.
fn wait_until(state: impl Fn() -> bool) {
    let start = Instant::now();
    while !state() {
        assert!(start.elapsed() < Duration::from_secs(20), "it never came");
        std::thread::yield_now();
    }
}

fn send(stream: &mut TcpStream, request_line: &str) {
    write!(stream, "{request_line} HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
}

/// One answer, by its promised length.
fn receive(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length = length.lines().next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

fn ask(server: &Server, request_line: &str) -> (String, Vec<u8>) {
    let mut stream = connect(server);
    send(&mut stream, request_line);
    receive(&mut stream)
}

#[test]
fn a_flag_and_its_metadata_come_whole_over_one_connection() {
    let server = start(Profile::default());
    let mut stream = connect(&server);
    let brazil = flagrace_catalog::find("BR").unwrap();

    send(&mut stream, "GET /flags/br/br.gif");
    let (head, body) = receive(&mut stream);
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: image/gif"), "{head}");
    assert_eq!(body, brazil.gif);

    send(&mut stream, "GET /flags/br/metadata.json");
    assert_eq!(receive(&mut stream).1, brazil.metadata.as_bytes());
    assert_eq!(server.stats().connections_accepted, 1);
}

#[test]
fn what_is_not_there_is_404_and_counted_by_its_code() {
    let server = start(Profile::default());
    for path in [
        "/flags/xx/xx.gif",
        "/flags/xx/metadata.json",
        "/flags",
        "/favicon.ico",
    ] {
        let (head, _) = ask(&server, &format!("GET {path}"));
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
    }
    let stats = server.stats();
    assert_eq!(stats.by_status, [(404, 4)].into());
    assert_eq!(stats.by_code, [("XX".to_owned(), 1)].into());
}

#[test]
fn other_methods_are_refused() {
    let server = start(Profile::default());
    let (head, _) = ask(&server, "DELETE /flags/br/br.gif");
    assert!(head.starts_with("http/1.1 405"), "{head}");
    assert!(head.contains("allow: get, head"), "{head}");
}

#[test]
fn the_gallery_shows_every_flag_and_who_drew_them() {
    let server = start(Profile::default());
    let page = String::from_utf8(ask(&server, "GET /").1).unwrap();
    let codes: Vec<_> = FlagSet::embedded().codes().collect();
    assert!(codes.len() > 200);
    for code in codes {
        let cc = code.lower();
        assert!(page.contains(&format!("src=\"/flags/{cc}/{cc}.gif\"")));
    }
    assert!(page.contains("CC-BY-4.0"));
}

#[test]
fn the_counts_are_json_and_count_neither_themselves_nor_the_gallery() {
    let server = start(Profile::default());
    ask(&server, "GET /flags/br/br.gif");
    ask(&server, "GET /");
    let stats: flagrace_server::Stats =
        serde_json::from_slice(&ask(&server, "GET /stats").1).unwrap();
    assert_eq!((stats.requests, stats.peak_in_flight), (1, 1));
    assert_eq!(stats.connections_accepted, 3);
    assert_eq!(stats.by_status, [(200, 1)].into());
    if cfg!(target_os = "linux") {
        let by_thread = &stats.cpu_seconds_by_thread;
        // The thread that accepts, and at least one that serves; others may not have begun.
        assert!((2..=Config::default().threads + 1).contains(&by_thread.len()));
        let all = stats.cpu_seconds.unwrap();
        // serde_json may read a number one bit off, but for its feature `float_roundtrip`.
        assert!(all > 0.0 && (all - by_thread.iter().sum::<f64>()).abs() < 1e-9);
    }
    // Who asks by POST is told the same, and starts them anew.
    let taken: flagrace_server::Stats =
        serde_json::from_slice(&ask(&server, "POST /stats").1).unwrap();
    assert_eq!((taken.requests, taken.connections_accepted), (1, 4));
    assert_eq!(server.stats().requests, 0);
    assert_eq!(server.stats().connections_accepted, 0);
}

#[test]
fn a_delayed_answer_waits_at_least_as_long_as_its_plan_says() {
    let delay = Duration::from_millis(40);
    let server = start(Profile::delayed_by(Delay::fixed(delay)));
    let start = Instant::now();
    ask(&server, "GET /flags/br/br.gif");
    assert!(start.elapsed() >= delay);
}

#[test]
fn a_gate_holds_every_answer_back_until_enough_wait() {
    let server = start(Profile {
        gate: 50,
        ..Profile::default()
    });
    let mut streams: Vec<_> = (0..50).map(|_| connect(&server)).collect();
    let (last, rest) = streams.split_last_mut().unwrap();
    rest.iter_mut()
        .for_each(|stream| send(stream, "GET /flags/br/br.gif"));
    wait_until(|| server.stats().in_flight == 49);
    assert_eq!(server.stats().by_status, [].into());
    send(last, "GET /flags/br/br.gif");
    streams.iter_mut().for_each(|stream| drop(receive(stream)));
    assert_eq!(server.stats().peak_in_flight, 50);
}

#[test]
fn a_status_fault_answers_and_keeps_the_connection() {
    let server = broken("BR", Fault::Status(418));
    let mut stream = connect(&server);
    send(&mut stream, "GET /flags/br/br.gif");
    assert!(receive(&mut stream).0.starts_with("http/1.1 418"));
    send(&mut stream, "GET /flags/fr/fr.gif");
    assert!(receive(&mut stream).0.starts_with("http/1.1 200"));
}

#[test]
fn a_reset_is_a_reset_and_not_a_close() {
    let server = broken("BR", Fault::Reset);
    let mut stream = connect(&server);
    send(&mut stream, "GET /flags/br/br.gif");
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_cut_image_promises_all_and_sends_half() {
    let server = broken("BR", Fault::Cut);
    let mut stream = connect(&server);
    send(&mut stream, "GET /flags/br/br.gif");
    let mut answer = Vec::new();
    // A close or a reset: the connection is over either way.
    let _ = stream.read_to_end(&mut answer);
    let gif = flagrace_catalog::find("BR").unwrap().gif;
    let text = String::from_utf8_lossy(&answer);
    assert!(
        text.contains(&format!("content-length: {}", gif.len())),
        "{text}"
    );
    assert!(answer.ends_with(&gif[..gif.len() / 2]));
}

#[test]
fn a_stalled_request_is_in_flight_until_its_client_leaves() {
    let server = broken("BR", Fault::Stall);
    let mut stalled = connect(&server);
    send(&mut stalled, "GET /flags/br/br.gif");
    // The other thread may be first to read its request: wait for the state, not a time.
    wait_until(|| server.stats().in_flight > 0);
    drop(stalled);
    wait_until(|| server.stats().in_flight == 0);
    assert_eq!(server.stats().by_status, [].into());
}

#[test]
fn a_taken_port_is_named() {
    let first = start(Profile::default());
    let second = Server::start(Config {
        port: first.address().port(),
        ..Config::default()
    });
    let error = second.err().unwrap();
    assert!(matches!(error, ServerError::InUse(_)));
    assert!(error.to_string().contains("--port"));
}

#[test]
fn stopping_lets_a_request_end_and_closes_idle_connections() {
    let server = start(Profile::delayed_by(Delay::fixed(Duration::from_millis(
        100,
    ))));
    let mut idle = connect(&server);
    let mut stream = connect(&server);
    send(&mut stream, "GET /flags/br/br.gif");
    wait_until(|| server.stats().in_flight > 0);
    server.stop(Duration::from_secs(20));
    assert!(receive(&mut stream).0.starts_with("http/1.1 200"));
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
}

#[test]
fn dropping_stops_at_once_even_with_a_request_that_never_ends() {
    let server = broken("BR", Fault::Stall);
    let mut stream = connect(&server);
    send(&mut stream, "GET /flags/br/br.gif");
    wait_until(|| server.stats().in_flight > 0);
    drop(server);
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.is_empty());
}
