//! Faults and the failures they cause. Clients word their errors differently; the failure must be
//! the same.

use std::net::SocketAddr;
use std::time::Duration;

use flagrace_core::{BaseUrl, Failure, Job, Setup, Status, Timeouts};
use flagrace_server::Fault;
use socket2::{Domain, Socket, Type};

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, Then, flag_at, in_chunks, sound, with_length};

/// 204 and 206 are successes, but have no whole flag.
pub fn a_fault_fails_its_flag_alone(subject: &Subject) {
    for (fault, failure) in [
        (Fault::Status(204), Failure::Http(204)),
        (Fault::Status(206), Failure::Http(206)),
        (Fault::Status(418), Failure::Http(418)),
        (Fault::Status(500), Failure::Http(500)),
        (Fault::Reset, Failure::Transport),
        (Fault::Cut, Failure::Truncated),
    ] {
        let server = serve(faults([("BR", fault)]));
        for concurrency in [1, CONCURRENCY] {
            let engine = subject.engine(concurrency);
            let job = Job::new(server.base_url(), codes(["FR", "BR", "JP"]));
            let (report, files) = download_files(&engine, &job);
            assert_alone(&report, "BR", failure);
            assert_images(files, &codes(["FR", "JP"]));
        }
    }
}

pub fn a_redirect_is_not_followed(subject: &Subject) {
    let server =
        Site::scripted(|_, _| with_length("302", "Location: /flags/br/br.gif\r\n", b"over there"));
    assert_fails(subject, server.base_url(), Failure::Http(302));
    assert_eq!(server.asked(), ["/flags/fr/fr.gif"]);
}

pub fn a_refused_connection_is_a_transport_failure(subject: &Subject) {
    // Bound, so that no other case gets the port, but not listening.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&any_port.into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let base_url = format!("http://{address}/flags").parse().unwrap();
    assert_fails(subject, base_url, Failure::Transport);
}

/// A server for another protocol, and one that closes the connection within the head.
pub fn a_response_without_a_whole_head_is_a_transport_failure(subject: &Subject) {
    for head in ["SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 200 OK\r\nContent-Le"] {
        let server = Site::answering(head, Then::CLOSE);
        assert_fails(subject, server.base_url(), Failure::Transport);
    }
}

/// Whether it never begins or stops within the body.
pub fn a_response_that_stops_is_a_timeout(subject: &Subject) {
    let engine = subject.engine_with(&Setup {
        timeouts: Timeouts {
            request: Duration::from_millis(200),
            ..Timeouts::default()
        },
        ..Setup::default()
    });
    for begun in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nGIF89a"] {
        let server = Site::answering(begun, Then::Hold);
        let report = download(&engine, &Job::new(server.base_url(), codes(["BR"])));
        assert_all(&report, Status::Failed(Failure::Timeout));
    }
}

/// Whether the body's length is promised or not.
pub fn the_largest_body_is_a_limit_to_the_byte(subject: &Subject) {
    let size = image(code("BR")).map_or(0, <[u8]>::len) as u64;
    let sites = [
        Site::scripted(|path, _| sound(path)),
        Site::scripted(|path, _| in_chunks(flag_at(path).unwrap())),
    ];
    let too_large = Status::Failed(Failure::TooLarge);
    for site in sites {
        for (max_body, status) in [(size, Status::Ok), (size - 1, too_large)] {
            let engine = subject.engine_with(&Setup {
                max_body,
                ..Setup::default()
            });
            let report = download(&engine, &Job::new(site.base_url(), codes(["BR"])));
            assert_all(&report, status);
        }
    }
}

/// An image without a name is not kept.
pub fn metadata_that_is_not_json_is_a_metadata_failure(subject: &Subject) {
    let server = serve(faults([("BR", Fault::BadMetadata)]));
    let mut job = Job::new(server.base_url(), codes(["FR", "BR", "JP"]));
    job.metadata = true;
    let (report, files) = subject.download_files(&job);
    assert_alone(&report, "BR", Failure::Metadata);
    assert!(files.keys().eq(["France-FR.gif", "Japan-JP.gif"]));
}

fn assert_fails(subject: &Subject, base_url: BaseUrl, failure: Failure) {
    let report = subject.download(&Job::new(base_url, codes(["FR"])));
    assert_all(&report, Status::Failed(failure));
}
