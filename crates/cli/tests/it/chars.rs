//! `flagrace chars`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::common::{interrupt, spawn};

#[test]
fn it_answers_over_tcp_and_http_until_ctrl_c() {
    let mut child = spawn("chars --port 0 --model thread");
    let shown = BufReader::new(child.stdout.take().unwrap());
    let shown: Vec<_> = shown.lines().take(3).map(Result::unwrap).collect();
    let ask = |address: &str, text: &str| {
        let mut stream = TcpStream::connect(address.replace(' ', ":")).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("SNOWMAN"), "{answer}");
    };
    ask(shown[1].strip_prefix("telnet ").unwrap(), "snowman\n");
    let page = shown[2].strip_prefix("http://").unwrap();
    ask(page, "GET /search?q=snowman HTTP/1.1\r\nHost: h\r\n\r\n");
    let _silent = TcpStream::connect(page).unwrap();
    interrupt(&child);
    assert!(child.wait().unwrap().success());
}
