//! The protocol, and each server on real sockets.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread::sleep;
use std::time::Duration;

use flagrace_chars::{BUSY, Conversation, MAX_LINE, Model, Next, PIECE, Server, THREADS, find};
use rstest::rstest;

const HBAR: &str = "U+210F\tℏ\tPLANCK CONSTANT OVER TWO PI\r\n1 match for";
const FOREVER: Duration = Duration::from_secs(3600);

/// All that is sent for these bytes, received so many at a time, and what comes next.
fn sent(bytes: &[u8], at_a_time: usize) -> (String, Next) {
    let mut conversation = Conversation::default();
    let mut bytes = bytes.chunks(at_a_time);
    let (mut sent, mut full) = (Vec::new(), false);
    loop {
        match (conversation.proceed(), bytes.len()) {
            (Next::Send(piece), _) => {
                assert!(!full && piece.len() <= PIECE + 2 * MAX_LINE);
                full = piece.len() >= PIECE;
                sent.extend(piece);
            }
            (Next::Pause, _) => full = false,
            (Next::Receive, 1..) => conversation.receive(bytes.next().unwrap()),
            (next, _) => return (String::from_utf8(sent).unwrap(), next),
        }
    }
}

#[rstest]
#[case::in_any_order(b"two planck\r\n", format!("{HBAR} 'two planck'\r\n?> "), Next::Receive)]
#[case::by_part(b" Planck-TWO \n", format!("{HBAR} 'Planck-TWO'\r\n?> "), Next::Receive)]
#[case::no_words(b"-\n", "0 matches for '-'\r\n?> ".into(), Next::Receive)]
#[case::blank_lines(b"\r\n \n\n", "?> ?> ?> ".into(), Next::Receive)]
#[case::two_bytes("é\n".as_bytes(), "0 matches for 'é'\r\n?> ".into(), Next::Receive)]
#[case::not_a_line(b"cat\xc3", String::new(), Next::Receive)]
#[case::control_character(b"-\nca\x03", "0 matches for '-'\r\n?> ".into(), Next::Close)]
#[case::ctrl_c_of_telnet(b"\n\xff\xf4\xff\xfd\x06", "?> ".into(), Next::Close)]
#[case::half_a_character(b"\xc3\n\n", String::new(), Next::Close)]
#[case::too_long(&[b'a'; 2000], "A line has at most 1024 bytes.\r\n".into(), Next::Finish)]
fn a_line_gets_this(#[case] bytes: &[u8], #[case] text: String, #[case] next: Next) {
    for size in [1, 2, 5, 2000] {
        assert_eq!(sent(bytes, size), (text.clone(), next.clone()), "{size}");
    }
}

#[test]
fn the_end_of_input_closes() {
    let mut conversation = Conversation::default();
    conversation.receive(b"ca");
    conversation.receive(b"");
    assert_eq!(conversation.proceed(), Next::Close);
}

/// `sent` checks that each piece is small, and that others have a turn after a full one.
#[test]
fn a_flood_is_sent_in_pieces_and_in_code_point_order() {
    let (flood, _) = sent(b"letter\n", 512);
    let codes = flood.lines().filter_map(|line| line.split_once('\t'));
    let codes = codes.map(|(code, _)| u32::from_str_radix(&code[2..], 16).unwrap());
    let codes: Vec<_> = codes.collect();
    assert!(codes.is_sorted() && codes.len() > 10_000);
    assert_eq!(codes.len(), find("LETTER").count());
}

fn start(model: Model, threads: usize, patience: Duration) -> Server {
    Server::start(model, 0, threads, patience).unwrap()
}

/// A client that has sent this.
fn client(server: &Server, text: &str) -> TcpStream {
    let mut client = TcpStream::connect(server.address).unwrap();
    // A test fails before it hangs.
    client
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
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
    // A reader that never reads is cut off: after that, it cannot send either.
    let server = start(model, THREADS, Duration::from_millis(50));
    let mut deaf = client(&server, &"cjk\n".repeat(20));
    let is_cut_off = |_| {
        sleep(Duration::from_millis(1));
        deaf.write_all(b"\n").is_err()
    };
    assert!((0..60_000).any(is_cut_off));
    let long = client(&server, &"a".repeat(1_000_000));
    assert_eq!(received(long), "?> A line has at most 1024 bytes.\r\n");

    // It stops although clients are silent, are within a line, or do not read.
    let server = start(model, THREADS, FOREVER);
    let clients = ["", "ca", &"cjk\n".repeat(20)].map(|text| client(&server, text));
    // Closing with bytes unread resets the connection.
    client(&server, "cjk\n").read_exact(&mut [0; 100]).unwrap();
    let last = client(&server, "two planck\n");
    last.shutdown(Shutdown::Write).unwrap();
    assert_eq!(received(last), format!("?> {HBAR} 'two planck'\r\n?> "));
    let address = server.address;
    drop(server);
    TcpStream::connect(address).unwrap_err();
    drop(clients);
}

#[test]
fn beyond_the_limit_of_threads_a_connection_is_refused() {
    let server = start(Model::Thread, 1, FOREVER);
    let mut first = client(&server, "");
    first.read_exact(&mut [0; 3]).unwrap();
    assert_eq!(received(client(&server, "")).as_bytes(), BUSY);
    first.shutdown(Shutdown::Both).unwrap();
    let served = |mut client: TcpStream| {
        let mut byte = [0];
        client.read_exact(&mut byte).is_ok() && byte == *b"?"
    };
    assert!((0..60_000).any(|_| served(client(&server, ""))));
}

#[test]
fn http_has_a_page_and_json() {
    let server = start(Model::Http, THREADS, FOREVER);
    let get = |path| {
        received(client(
            &server,
            &format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"),
        ))
    };
    let json = r#"{"characters":[{"char":"ℏ","code":"U+210F","name":"PLANCK CONSTANT OVER TWO PI"}],"count":1,"query":"two planck"}"#;
    assert!(get("/search?q=two+planck").ends_with(json));
    assert_eq!(get("/search?q=cjk").matches("U+").count(), 1000);
    let page = get("/?q=%3Cb%3E%22");
    assert!(page.contains("0 matches for '&lt;b&gt;&quot;'") && !page.contains("<b>"));
    assert!(get("/?q=two+planck").contains("<bdi>ℏ</bdi>"));
    assert!(get("/favicon.ico").starts_with("HTTP/1.1 404 "));
    let _silent = client(&server, "GET /");
    drop(server);
}

#[test]
fn a_model_is_short() {
    let models = [
        include_str!("../src/thread.rs"),
        include_str!("../src/task.rs"),
    ];
    assert!(models.iter().all(|model| model.lines().count() <= 120));
}
