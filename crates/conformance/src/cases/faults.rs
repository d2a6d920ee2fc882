//! Faults and their failures. Clients word their errors differently; the failure must be the same.

use std::time::Duration;

use flagrace_core::{Failure, Job, Setup, Status};
use flagrace_server::Fault;

use crate::Subject;
use crate::harness::*;
use crate::site::{Site, Then, with_length};

pub fn a_redirect_is_not_followed(subject: &Subject) {
    let server =
        Site::scripted(|_, _| with_length("302", "Location: /flags/br/br.gif\r\n", b"over there"));
    let report = subject.download(&Job::new(server.base_url(), codes(["FR"])));
    assert_all(&report, Status::Failed(Failure::Http(302)));
    assert_eq!(server.asked(), ["/flags/fr/fr.gif"]);
}

/// It never begins, stops within the body, or trickles bytes until the time limit of the request.
pub fn a_response_that_does_not_end_is_a_timeout(subject: &Subject) {
    let mut setup = Setup::with_concurrency(CONCURRENCY);
    setup.request_timeout = Duration::from_millis(200);
    let engine = subject.engine_with(&setup);
    for (begun, then) in [
        ("", Then::Hold),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nGIF89a",
            Then::Hold,
        ),
        ("HTTP/1.1 200 OK\r\n\r\n", Then::Trickle),
    ] {
        let server = Site::answering(begun, then);
        let report = download(&engine, &Job::new(server.base_url(), codes(["BR"])));
        assert_all(&report, Status::Failed(Failure::Timeout));
    }
}

/// An image without a name is not saved.
pub fn metadata_that_is_not_json_is_a_metadata_failure(subject: &Subject) {
    let server = serve(faults([("BR", Fault::BadMetadata)]));
    let mut job = Job::new(server.base_url(), codes(["FR", "BR", "JP"]));
    job.metadata = true;
    let (report, files) = download_files(&subject.engine(CONCURRENCY), &job);
    assert_alone(&report, "BR", Failure::Metadata);
    assert!(files.keys().eq(["France-FR.gif", "Japan-JP.gif"]));
}
