//! `flagrace chars`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use flagrace_measure::{Cost, raise_open_files};

use crate::common::{interrupt, spawn, wait_until};

/// A client that has sent this, and received the first bytes.
fn client(address: &str, text: &str) -> TcpStream {
    let mut client = TcpStream::connect(address).unwrap();
    let minute = Some(Duration::from_secs(60));
    client.set_read_timeout(minute).unwrap();
    client.write_all(text.as_bytes()).unwrap();
    client.read_exact(&mut [0; 3]).unwrap();
    client
}

fn ask(address: &str, text: &str) {
    let mut client = client(address, text);
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("SNOWMAN"), "{answer}");
}

/// One model after the other: each has half of the open files that are allowed.
#[test]
fn it_answers_within_a_bound_on_memory_until_ctrl_c() {
    for (model, each) in [("thread", 16), ("task", 4)] {
        let mut child = spawn(&format!("chars --port 0 --model {model}"));
        raise_open_files();
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let words = limits.split_whitespace();
        let files = words.skip_while(|word| *word != "files").nth(1);
        let idle = files.map_or(0, |files| 10_000.min(files.parse::<u64>().unwrap() / 2));
        let shown = BufReader::new(child.stdout.take().unwrap());
        let shown: Vec<_> = shown.lines().take(3).map(Result::unwrap).collect();
        let tcp = shown[1].strip_prefix("telnet ").unwrap().replace(' ', ":");
        let http = shown[2].strip_prefix("http://").unwrap();
        let peak = || Cost::of_process(child.id())?.peak_resident_kib;
        let most = peak().map(|begun| begun + each * idle + 256 * 50);
        let _idle: Vec<_> = (0..idle).map(|_| client(&tcp, "")).collect();
        // Each gets 15 MB, of which the system buffers 4.
        let text = "a".repeat(1_000_000) + "\n" + &"cjk\n".repeat(4);
        let _never_read = [(); 50].map(|()| client(&tcp, &text));
        wait_until("all threads of the server wait", || {
            assert!(peak() <= most, "{model}: {:?} of {most:?} KiB", peak());
            let threads = fs::read_dir(format!("/proc/{}/task", child.id()));
            threads.into_iter().flatten().all(|thread| {
                let stat = fs::read_to_string(thread.unwrap().path().join("stat"));
                stat.is_ok_and(|stat| stat.contains(") S "))
            })
        });
        ask(&tcp, "snowman\n");
        ask(http, "GET /search?q=snowman HTTP/1.1\r\nHost: h\r\n\r\n");
        interrupt(&child);
        assert!(child.wait().unwrap().success());
    }
}
