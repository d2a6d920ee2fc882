//! How responses and connections end.

use std::sync::Arc;
use std::time::Duration;

use flagrace_core::{Failure, Job, Memory, Setup, Status};
use flagrace_server::{Fault, Then::Repeat};

use crate::harness::*;
use crate::site::{Site, Then, code_in, in_chunks, sound};
use crate::{Connections, Subject};

/// The end of the connection ends the body.
const NO_LENGTH: &str = "HTTP/1.1 200 OK\r\n\r\n";
const NO_LENGTH_1_0: &str = "HTTP/1.0 200 OK\r\n\r\n";
const LENGTH_7: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const CAPITALS: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
const TWO_LINES: &str =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Nothing is saved, for an image or metadata.
pub fn a_body_with_an_uncertain_end_is_truncated(subject: &Subject) {
    let cases = [
        // A reset is not an end.
        (NO_LENGTH, "{\"country\": \"Brazil\"}", Then::RESET),
        (NO_LENGTH_1_0, "{\"country\": \"Brazil\"}", Then::RESET),
        (NO_LENGTH, "", Then::RESET),
        // A byte is missing.
        (LENGTH_7, "GIF89a", Then::CLOSE),
        (LENGTH_7, "GIF89a", Then::RESET),
        // The last chunk is missing or incomplete, or the trailer has no end.
        (CHUNKED, "6\r\nGIF", Then::CLOSE),
        (CAPITALS, "6\r\nGIF", Then::CLOSE),
        (TWO_LINES, "6\r\nGIF", Then::CLOSE),
        (CHUNKED, "6\r\nGIF89a\r\n", Then::CLOSE),
        (CHUNKED, "6\r\nGIF89a\r\n", Then::RESET),
        (CHUNKED, "6\r\nGIF89a\r\n0", Then::CLOSE),
        (CHUNKED, "6\r\nGIF89a\r\n0\r\n", Then::CLOSE),
        (CHUNKED, "6\r\nGIF89a\r\n0\r\n", Then::RESET),
        (CHUNKED, "6\r\nGIF89a\r\n0\r\nA: b\r\n", Then::CLOSE),
    ];
    for (head, body, then) in cases {
        for metadata in [false, true] {
            let server = Site::scripted(move |path, _| match metadata && path.ends_with(".gif") {
                true => sound(path),
                false => ([head, body].concat().into(), then),
            });
            let mut job = Job::new(server.base_url(), codes(["BR", "FR"]));
            job.metadata = metadata;
            println!("{head:?}, {body:?}, {then:?}, metadata: {metadata}");
            let (report, files) = download_files(&subject.engine(CONCURRENCY), &job);
            assert_all(&report, Status::Failed(Failure::Truncated));
            assert!(files.is_empty());
        }
    }
}

/// A body without a length ends with a close, and a chunked one with the last chunk, whatever
/// happens to the connection afterwards.
pub fn a_body_with_a_certain_end_is_ok(subject: &Subject) {
    let cases = [
        (NO_LENGTH, "GIF89a", Then::CLOSE),
        (NO_LENGTH_1_0, "GIF89a", Then::CLOSE),
        (CHUNKED, "6\r\nGIF89a\r\n0\r\n\r\n", Then::RESET),
    ];
    for (head, body, then) in cases {
        let server = Site::answering([head, body].concat(), then);
        let report = subject.download(&Job::new(server.base_url(), codes(["BR"])));
        assert_all(&report, Status::Ok);
        assert_eq!(report.outcomes[0].bytes, 6, "{head:?}");
    }
    let server = Site::scripted(|path, _| in_chunks(image(code_in(path)).unwrap()));
    assert_nothing_is_lost(subject, &server);
}

/// It never begins, stops within the body, or trickles bytes until the time limit of the request.
pub fn a_response_that_does_not_end_is_a_timeout(subject: &Subject) {
    let mut setup = Setup::with_concurrency(CONCURRENCY);
    setup.request_timeout = Duration::from_millis(200);
    let engine = subject.engine_with(&setup);
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGIF89a";
    for fault in [
        Fault::STALL,
        Fault::Raw(begun, flagrace_server::Then::Hold),
        Fault::Raw(NO_LENGTH, Repeat(" ", Duration::from_millis(10))),
    ] {
        let server = faulty(&[("BR", fault)]);
        let report = download(&engine, &Job::new(server.base_url(), codes(["BR"])));
        assert_all(&report, Status::Failed(Failure::Timeout));
    }
}

/// Cancelling closes the socket of a blocked read, which must not count as the end of the body.
pub fn a_cancelled_body_without_a_length_is_cancelled(subject: &Subject) {
    // More than the sockets' buffers hold: once everything is sent, the client is reading.
    let response = [NO_LENGTH.as_bytes(), &vec![b' '; 32 << 20]].concat();
    let server = Site::answering(response, Then::Hold);
    let engine = subject.engine_with(&Setup {
        max_body: 64 << 20,
        ..Setup::default()
    });
    let store = Arc::new(Memory::default());
    let mut job = Job::new(server.base_url(), codes(["BR"]));
    job.store = store.clone();
    let is_reading = || server.waiting() == 1;
    let report = download_until(&engine, &job, "the client reads", is_reading);
    assert_all(&report, CANCELLED);
    assert!(store.take().is_empty());
}

/// The server answers once on each connection and closes it, at once or when the next request may
/// already be on its way.
pub fn a_server_that_closes_its_connections_loses_no_flag(subject: &Subject) {
    for pause in [Duration::ZERO, Duration::from_millis(50)] {
        for then in [Then::Close(pause), Then::Reset(pause)] {
            let server = Site::scripted(move |path, _| (sound(path).0, then));
            assert_nothing_is_lost(subject, &server);
        }
    }
}

/// The server closes the connection when the next request arrives, or within the head of its
/// response.
pub fn a_request_on_a_dead_connection_is_resent(subject: &Subject) {
    for then in [Then::CLOSE, Then::RESET] {
        for begun in ["", "HTTP/1.1 200 OK\r\nConte"] {
            let server = Site::scripted(move |path, number| match number {
                1 => sound(path),
                _ => (begun.into(), then),
            });
            let resent = assert_nothing_is_lost(subject, &server);
            assert_eq!(server.asked().len(), 20 + resent, "{then:?}");
            // A raced pool may reuse no connection.
            let raced = subject.connections == Connections::Raced;
            assert!(resent > 0 || raced, "{then:?}");
        }
    }
}

pub fn a_request_is_resent_at_most_once(subject: &Subject) {
    for then in [Then::CLOSE, Then::RESET] {
        let server = Site::scripted(move |path, _| match path.starts_with("/flags/br/") {
            true => sound(path),
            false => (Vec::new(), then),
        });
        let engine = subject.engine(1);
        let report = download(&engine, &Job::new(server.base_url(), codes(["BR", "FR"])));
        assert_alone(&report, "FR", Failure::Transport);
        let resent = report.resent() as usize;
        assert_eq!(server.asked().len(), 2 + resent);
        // Otherwise both may be requested on new connections.
        let reused = engine.concurrency() == 1 && subject.connections == Connections::Reused;
        assert!(resent == 1 || resent == 0 && !reused, "{resent}");
    }
}

/// A new connection cannot have died while idle, so its end is the server's response: without a
/// head, with part of one, or in another protocol.
pub fn a_request_that_fails_on_a_new_connection_is_not_resent(subject: &Subject) {
    for head in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "SSH-2.0-OpenSSH_9.9\r\n",
    ] {
        for then in [Then::CLOSE, Then::RESET] {
            let server = Site::answering(head, then);
            let report = subject.download(&Job::new(server.base_url(), all_codes()));
            assert_all(&report, Status::Failed(Failure::Transport));
            let requests = server.asked().len();
            assert_eq!((report.resent(), requests), (0, all_codes().len()));
        }
    }
}

/// Downloads 20 flags, and returns how many requests were resent.
fn assert_nothing_is_lost(subject: &Subject, server: &Site) -> usize {
    let codes = &all_codes()[..20];
    let job = Job::new(server.base_url(), codes.iter().copied());
    let (report, files) = download_files(&subject.engine(CONCURRENCY), &job);
    assert_all(&report, Status::Ok);
    assert_images(files, codes);
    report.resent() as usize
}
