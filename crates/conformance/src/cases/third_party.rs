//! The same claims before a server without a library: with hyper alone, on which our own
//! server is, client and server could agree on a mistake.

use flagrace_core::{CountryCode, Failure, Job, Setup, Status};

use crate::Subject;
use crate::harness::*;
use crate::site::{Reply, Site, Then, with_length};

/// Every image, byte for byte; and one plain GET for each, in lower case.
pub fn images_from_another_server_are_whole(subject: &Subject) {
    let server = Site::scripted(|path, _| sound(path));
    assert_images_are_whole(subject, &server);
    let paths = all_codes().into_iter().map(|code| {
        let cc = code.lower();
        format!("/flags/{cc}/{cc}.gif")
    });
    assert_eq!(server.asked(), paths.collect::<Vec<_>>());
}

/// The second request, and the names that come of it.
pub fn metadata_from_another_server_names_the_files(subject: &Subject) {
    let server = Site::scripted(|path, _| sound(path));
    let (engine, _) = subject.engine(CONCURRENCY);
    let job = Job {
        metadata: true,
        ..Job::new(server.base_url(), codes(["BR", "US"]))
    };
    let (report, files) = download_files(&engine, &job);
    assert_predicted(&report, |_| Status::Ok);
    let names: Vec<_> = files.keys().collect();
    assert_eq!(names, ["Brazil-BR.gif", "United_States-US.gif"]);
    let expected = [
        "/flags/br/br.gif",
        "/flags/br/metadata.json",
        "/flags/us/metadata.json",
        "/flags/us/us.gif",
    ];
    assert_eq!(server.asked(), expected);
}

/// 404, 418 and 500 among sound flags; their pages are never kept as flags.
pub fn refusals_of_another_server_are_understood(subject: &Subject) {
    let refused = [("DE", 418), ("FR", 500), ("JP", 418)];
    let status_of = move |asked| {
        let found = refused.iter().find(|(text, _)| code(text) == asked);
        found.map(|&(_, status)| status)
    };
    let server = Site::scripted(move |path, _| match status_of(code_in(path)) {
        Some(status) => with_length(&status.to_string(), "", b"a page that is no flag"),
        None => sound(path),
    });
    let (engine, _) = subject.engine(CONCURRENCY);
    let codes = [all_codes(), unknown_codes()].concat();
    let job = Job::new(server.base_url(), codes.clone());
    let (report, files) = download_files(&engine, &job);
    assert_predicted(&report, |asked| match status_of(asked) {
        Some(status) => Status::Failed(Failure::Http(status)),
        None if image(asked).is_some() => Status::Ok,
        None => Status::NotFound,
    });
    assert_eq!(files.len(), report.tally().ok);
    assert_eq!(server.asked().len(), codes.len());
}

/// Large pages, which are still on their way when the status is known, are read too. The
/// short ones of our own server show less: hyper may have read them before it is asked to.
pub fn large_error_pages_do_not_cost_their_connections(subject: &Subject) {
    let server = Site::scripted(|_, _| with_length("418", "", &[b' '; 500_000]));
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let report = download(&engine, &Job::new(server.base_url(), all_codes()));
    assert_predicted(&report, |_| Status::Failed(Failure::Http(418)));
    subject.assert_bounded(server.connections(), server.asked().len(), concurrency);
}

/// A 302 that says where to go instead: nobody goes there.
pub fn a_redirect_is_not_followed(subject: &Subject) {
    let server =
        Site::scripted(|_, _| with_length("302", "Location: /flags/br/br.gif\r\n", b"over there"));
    let (engine, _) = subject.engine(CONCURRENCY);
    let report = download(&engine, &Job::new(server.base_url(), codes(["FR"])));
    assert_predicted(&report, |_| Status::Failed(Failure::Http(302)));
    assert_eq!(server.asked(), ["/flags/fr/fr.gif"]);
}

/// A body in chunks, whose length is not promised, is read to its end.
pub fn a_body_of_unknown_length_is_whole(subject: &Subject) {
    assert_images_are_whole(subject, &Site::scripted(|path, _| in_chunks(path)));
}

/// The largest body is a limit on what is read, not on what was promised.
pub fn a_body_of_unknown_length_has_a_limit_too(subject: &Subject) {
    let size = image(code("BR")).map_or(0, <[u8]>::len) as u64;
    let server = Site::scripted(|path, _| in_chunks(path));
    let expected = [
        (size, Status::Ok),
        (size - 1, Status::Failed(Failure::TooLarge)),
    ];
    for (max_body, status) in expected {
        let engine = subject.engine_with(&Setup {
            max_body,
            ..Setup::default()
        });
        let report = download(&engine, &Job::new(server.base_url(), codes(["BR"])));
        assert_predicted(&report, |_| status);
    }
}

fn assert_images_are_whole(subject: &Subject, server: &Site) {
    let (engine, _) = subject.engine(CONCURRENCY);
    let (report, files) = download_files(&engine, &Job::new(server.base_url(), all_codes()));
    assert_predicted(&report, |_| Status::Ok);
    assert_images(files, &all_codes());
}

/// What the catalog has below this path.
pub(crate) fn sound(path: &str) -> Reply {
    match flagrace_catalog::find(code_in(path).as_str()) {
        Some(flag) if path.ends_with("metadata.json") => {
            with_length("200", "", flag.metadata.as_bytes())
        }
        Some(flag) => with_length("200", "", flag.gif),
        None => with_length("404", "", b"a page that is no flag"),
    }
}

/// The code in a path such as `/flags/br/br.gif`.
fn code_in(path: &str) -> CountryCode {
    code(&path["/flags/".len()..][..2])
}

fn in_chunks(path: &str) -> Reply {
    let mut words = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in image(code_in(path)).unwrap().chunks(1000) {
        words.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        words.extend([chunk, b"\r\n"].concat());
    }
    words.extend(b"0\r\n\r\n");
    (words, Then::Stay)
}
