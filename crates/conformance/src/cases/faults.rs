//! What can go wrong, and what it is called. ureq and reqwest word it differently; the
//! failure must be the same.

use std::time::Duration;

use flagrace_core::{BaseUrl, Failure, Job, Setup, Status, Timeouts};
use flagrace_server::Fault;
use socket2::{Domain, Socket, Type};

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, Then};

/// An error of the server is a failure with its code.
pub fn status_500_is_http_500(subject: &Subject) {
    alone(subject, Fault::Status(500), Failure::Http(500));
}

/// So is a redirect; `a_redirect_is_not_followed` is the same with a place to go.
pub fn status_302_is_http_302(subject: &Subject) {
    alone(subject, Fault::Status(302), Failure::Http(302));
}

/// A success without a body is no flag.
pub fn status_204_is_http_204(subject: &Subject) {
    alone(subject, Fault::Status(204), Failure::Http(204));
}

/// A part of a flag, which nobody asked for, is no flag.
pub fn status_206_is_http_206(subject: &Subject) {
    alone(subject, Fault::Status(206), Failure::Http(206));
}

/// The connection is reset in place of an answer.
pub fn a_reset_is_a_transport_failure(subject: &Subject) {
    alone(subject, Fault::Reset, Failure::Transport);
}

/// The connection ends in the middle of the image.
pub fn a_cut_body_is_truncated(subject: &Subject) {
    alone(subject, Fault::Cut, Failure::Truncated);
}

/// No answer within the time for a request.
pub fn no_answer_is_a_timeout(subject: &Subject) {
    let server = serve(faults([("BR", Fault::Stall)]));
    // Only the flag that stalls: on a busy machine a sound one might not make it in time.
    fails_with(subject, &impatient(), server.base_url(), Failure::Timeout);
}

/// The same limit holds for the body: the head is there, and half the image.
pub fn a_body_that_stops_is_a_timeout(subject: &Subject) {
    let words = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nGIF89a";
    let server = Site::answering(words, Then::Hold);
    fails_with(subject, &impatient(), server.base_url(), Failure::Timeout);
}

/// One byte more than the largest body that is read.
pub fn a_body_over_the_limit_is_too_large(subject: &Subject) {
    let larger = Setup::default().max_body as usize + 1;
    alone(subject, Fault::Oversized(larger), Failure::TooLarge);
}

/// The limit itself is allowed, to the byte.
pub fn a_body_as_large_as_the_limit_is_ok(subject: &Subject) {
    let limit = Setup::default().max_body;
    let server = serve(faults([("BR", Fault::Oversized(limit as usize))]));
    let (engine, _) = subject.engine(CONCURRENCY);
    let job = Job::new(server.base_url(), codes(["BR"]));
    let report = download(&engine, &job);
    assert_predicted(&report, |_| Status::Ok);
    assert_eq!(report.outcomes[0].bytes, limit);
}

/// The image is sound, but nobody can say what to call it; it is not kept.
pub fn metadata_that_is_no_json_is_a_metadata_failure(subject: &Subject) {
    let server = serve(faults([("BR", Fault::BadMetadata)]));
    let (engine, _) = subject.engine(CONCURRENCY);
    let job = Job {
        metadata: true,
        ..Job::new(server.base_url(), codes(["FR", "BR", "JP"]))
    };
    let (report, files) = download_files(&engine, &job);
    assert_only_br_fails(&report, Failure::Metadata);
    let kept: Vec<_> = files.keys().collect();
    assert_eq!(kept, ["France-FR.gif", "Japan-JP.gif"]);
}

/// The connection is refused.
pub fn nobody_listening_is_a_transport_failure(subject: &Subject) {
    // Bound, so that no other case is given the port, but not listening.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let anywhere = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&anywhere.into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let base_url = format!("http://{address}/flags").parse().unwrap();
    fails_with(subject, &Setup::default(), base_url, Failure::Transport);
}

/// What comes back is the greeting of an SSH server.
pub fn a_server_that_speaks_no_http_is_a_transport_failure(subject: &Subject) {
    is_no_response(subject, "SSH-2.0-OpenSSH_9.9\r\n");
}

/// The connection ends before the head does: there was no response.
pub fn a_head_that_is_cut_is_a_transport_failure(subject: &Subject) {
    is_no_response(subject, "HTTP/1.1 200 OK\r\nContent-Le");
}

fn is_no_response(subject: &Subject, words: &str) {
    let server = Site::answering(words, Then::Close(Duration::ZERO));
    let setup = Setup::default();
    fails_with(subject, &setup, server.base_url(), Failure::Transport);
}

/// Brazil alone meets this fault, between two flags that are sound.
fn alone(subject: &Subject, fault: Fault, expected: Failure) {
    let server = serve(faults([("BR", fault)]));
    for concurrency in [1, CONCURRENCY] {
        let (engine, _) = subject.engine(concurrency);
        let job = Job::new(server.base_url(), codes(["FR", "BR", "JP"]));
        let (report, files) = download_files(&engine, &job);
        assert_only_br_fails(&report, expected);
        assert_images(files, &codes(["FR", "JP"]));
    }
}

fn assert_only_br_fails(report: &flagrace_core::Report, failure: Failure) {
    assert_predicted(report, |asked| {
        if asked == code("BR") {
            Status::Failed(failure)
        } else {
            Status::Ok
        }
    });
}

/// Brazil is all that is asked for here, and it fails like this.
fn fails_with(subject: &Subject, setup: &Setup, base_url: BaseUrl, expected: Failure) {
    let engine = subject.engine_with(setup);
    let report = download(&engine, &Job::new(base_url, codes(["BR"])));
    assert_predicted(&report, |_| Status::Failed(expected));
}

fn impatient() -> Setup {
    Setup {
        timeouts: Timeouts {
            request: Duration::from_millis(200),
            ..Timeouts::default()
        },
        ..Setup::default()
    }
}
