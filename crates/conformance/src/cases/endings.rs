//! How an answer ends, and how a connection does.

use std::sync::Arc;
use std::time::Duration;

use flagrace_core::{Directory, Failure, Job, Memory, Setup, Status};

use super::third_party::sound;
use crate::harness::*;
use crate::site::{Site, Then};
use crate::{Connections, Subject};

const CLOSE: Then = Then::Close(Duration::ZERO);
const RESET: Then = Then::Reset(Duration::ZERO);

/// The end of a body that the server may not have meant: it is called cut, and no file is
/// there, whether it is an image or metadata.
pub fn a_body_whose_end_is_not_certain_is_truncated(subject: &Subject) {
    let cases = [
        // A body that ends where the connection does, which was reset.
        ("HTTP/1.1 200 OK\r\n\r\n{\"country\": \"Brazil\"}", RESET),
        ("HTTP/1.0 200 OK\r\n\r\n{\"country\": \"Brazil\"}", RESET),
        ("HTTP/1.1 200 OK\r\n\r\n", RESET),
        // Fewer bytes than were promised.
        ("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGIF89a", CLOSE),
        ("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGIF89a", RESET),
        // The last chunk is not there, or half of it, or a trailer has no end.
        ("6\r\nGIF", CLOSE),
        ("Chunked\r\n\r\n6\r\nGIF", CLOSE),
        ("gzip\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nGIF", CLOSE),
        ("6\r\nGIF89a\r\n", CLOSE),
        ("6\r\nGIF89a\r\n", RESET),
        ("6\r\nGIF89a\r\n0", CLOSE),
        ("6\r\nGIF89a\r\n0\r\n", CLOSE),
        ("6\r\nGIF89a\r\n0\r\n", RESET),
        ("6\r\nGIF89a\r\n0\r\nA: b\r\n", CLOSE),
    ];
    for (words, then) in cases {
        let coded = "HTTP/1.1 200 OK\r\nTransfer-Encoding: ";
        let words = match words.as_bytes() {
            [b'H', ..] => words.to_owned(),
            [b'0'..=b'9', ..] => format!("{coded}chunked\r\n\r\n{words}"),
            _ => format!("{coded}{words}"),
        };
        for metadata in [false, true] {
            let cut = words.clone();
            let server = Site::scripted(move |path, _| match metadata && path.ends_with(".gif") {
                true => sound(path),
                false => (cut.clone().into_bytes(), then),
            });
            let folder = tempfile::tempdir().unwrap();
            let (engine, _) = subject.engine(CONCURRENCY);
            let job = Job {
                metadata,
                store: Arc::new(Directory::create(folder.path()).unwrap()),
                ..Job::new(server.base_url(), codes(["BR", "FR"]))
            };
            let report = download(&engine, &job);
            for outcome in &report.outcomes {
                let cut = Status::Failed(Failure::Truncated);
                assert_eq!(outcome.status, cut, "{words:?}, {then:?}: {outcome:?}");
            }
            assert_eq!(names_in(folder.path()), [""; 0], "{words:?}, {then:?}");
        }
    }
}

/// What ends as it should is ok: a body without a length by a close, and one in chunks by the
/// last of them, whatever becomes of the connection.
pub fn a_body_whose_end_is_certain_is_ok(subject: &Subject) {
    for (words, then) in [
        ("HTTP/1.1 200 OK\r\n\r\nGIF89a", CLOSE),
        ("HTTP/1.0 200 OK\r\n\r\nGIF89a", CLOSE),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nGIF89a\r\n0\r\n\r\n",
            RESET,
        ),
    ] {
        let server = Site::answering(words, then);
        let (engine, _) = subject.engine(CONCURRENCY);
        let report = download(&engine, &Job::new(server.base_url(), codes(["BR"])));
        assert_predicted(&report, |_| Status::Ok);
        assert_eq!(report.outcomes[0].bytes, 6, "{words:?}");
    }
}

/// Cancelling closes the socket under a blocked read. To a body without a length that is not
/// its end.
pub fn a_cancelled_body_without_a_length_is_cancelled(subject: &Subject) {
    // More than the sockets hold: when all of it is sent, the client has begun to read.
    let words = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 32 << 20]].concat();
    let server = Site::answering(words, Then::Hold);
    let engine = subject.engine_with(&Setup {
        max_body: 64 << 20,
        ..Setup::default()
    });
    let store = Arc::new(Memory::default());
    let job = Job {
        store: store.clone(),
        ..Job::new(server.base_url(), codes(["BR"]))
    };
    let is_reading = || server.waiting() == 1;
    let report = download_until(&engine, &job, "the client reads", is_reading);
    assert_predicted(&report, |_| Status::Failed(Failure::Cancelled));
    assert!(store.take().is_empty());
}

/// A server that answers once on each connection and closes it, at once or a little later, when
/// the next request may be on its way: no flag is lost.
pub fn a_server_that_closes_its_connections_loses_no_flag(subject: &Subject) {
    for pause in [Duration::ZERO, Duration::from_millis(50)] {
        for then in [Then::Close(pause), Then::Reset(pause)] {
            assert_nothing_is_lost(
                subject,
                &Site::scripted(move |path, _| (sound(path).0, then)),
            );
        }
    }
}

/// The same when it closes the connection as the next request arrives, or in the head of its
/// answer. Each that had no answer is sent once more, and counted.
pub fn a_request_whose_connection_had_died_is_sent_once_more(subject: &Subject) {
    for then in [CLOSE, RESET] {
        for begun in ["", "HTTP/1.1 200 OK\r\nConte"] {
            let server = Site::scripted(move |path, number| match number {
                1 => sound(path),
                _ => (begun.into(), then),
            });
            let resent = assert_nothing_is_lost(subject, &server);
            assert_eq!(server.asked().len(), 20 + resent, "{then:?}");
            // Where connections are raced it is not certain that any is used again.
            let raced = subject.connections == Connections::Raced;
            assert!(resent > 0 || raced, "{then:?}");
        }
    }
}

/// Once, and no more: also the fresh connection fails.
pub fn a_request_is_not_sent_a_third_time(subject: &Subject) {
    for then in [CLOSE, RESET] {
        let server = Site::scripted(move |path, _| match path.starts_with("/flags/br/") {
            true => sound(path),
            false => (Vec::new(), then),
        });
        let (engine, concurrency) = subject.engine(1);
        let report = download(&engine, &Job::new(server.base_url(), codes(["BR", "FR"])));
        assert_predicted(&report, |asked| match asked == code("BR") {
            true => Status::Ok,
            false => Status::Failed(Failure::Transport),
        });
        let resent = report.resent() as usize;
        assert_eq!(server.asked().len(), 2 + resent);
        // Else both may be asked for on fresh connections.
        let reused = concurrency == 1 && subject.connections == Connections::Reused;
        assert!(resent == 1 || resent == 0 && !reused, "{resent}");
    }
}

/// It was never idle, so it had not died: this is what the server says to this request.
pub fn a_request_that_fails_on_a_fresh_connection_is_not_sent_again(subject: &Subject) {
    for then in [CLOSE, RESET] {
        let server = Site::answering("", then);
        let (engine, _) = subject.engine(CONCURRENCY);
        let report = download(&engine, &Job::new(server.base_url(), all_codes()));
        assert_predicted(&report, |_| Status::Failed(Failure::Transport));
        assert_eq!(
            (report.resent(), server.asked().len()),
            (0, all_codes().len())
        );
    }
}

/// Downloads 20 flags, and returns how many requests were sent once more.
fn assert_nothing_is_lost(subject: &Subject, server: &Site) -> usize {
    let (engine, _) = subject.engine(CONCURRENCY);
    let codes = &all_codes()[..20];
    let job = Job::new(server.base_url(), codes.iter().copied());
    let (report, files) = download_files(&engine, &job);
    assert_predicted(&report, |_| Status::Ok);
    assert_images(files, codes);
    report.resent() as usize
}
