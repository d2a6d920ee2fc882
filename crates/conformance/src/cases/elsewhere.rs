//! The same claims before a server that is not ours, on a library that is not hyper: with
//! ours alone, client and server could agree on a mistake.

use std::sync::Arc;

use flagrace_core::{Failure, Job, Memory, Setup, Status, file_name};

use crate::foreign::{Answer, Room};
use crate::harness::*;
use crate::{Connections, Subject};

/// Every image, byte for byte; and one plain GET for each, in lower case.
pub fn images_from_another_server_are_whole(subject: &Subject) {
    let room = Room::open([]);
    assert_images_are_whole(subject, &room);
    let paths = all_codes().into_iter().map(|code| {
        let cc = code.lower();
        format!("GET /{cc}/{cc}.gif")
    });
    assert_eq!(room.asked(), paths.collect::<Vec<_>>());
}

/// The second request, and the names that come of it.
pub fn metadata_from_another_server_names_the_files(subject: &Subject) {
    let room = Room::open([]);
    let (engine, _) = subject.engine(CONCURRENCY);
    let store = Arc::new(Memory::default());
    let job = Job {
        metadata: true,
        store: store.clone(),
        ..Job::new(room.base_url(), codes(["BR", "US"]))
    };
    assert_predicted(&download(&*engine, &job), |_| Status::Ok);
    let mut names: Vec<_> = store.take().into_keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["Brazil-BR.gif", "United_States-US.gif"]);
    let expected = [
        "GET /br/br.gif",
        "GET /br/metadata.json",
        "GET /us/metadata.json",
        "GET /us/us.gif",
    ];
    assert_eq!(room.asked(), expected);
}

/// 404, 418 and 500 among sound flags; their pages are never kept as flags.
pub fn refusals_of_another_server_are_understood(subject: &Subject) {
    let refused = [("DE", 418), ("FR", 500), ("JP", 418)];
    let room = Room::open(refused.map(|(text, status)| (code(text), Answer::Status(status))));
    let (engine, _) = subject.engine(CONCURRENCY);
    let store = Arc::new(Memory::default());
    let codes = [all_codes(), unknown_codes()].concat();
    let job = Job {
        store: store.clone(),
        ..Job::new(room.base_url(), codes.clone())
    };
    let report = download(&*engine, &job);
    assert_predicted(&report, |asked| {
        match refused.iter().find(|(text, _)| code(text) == asked) {
            Some(&(_, status)) => Status::Failed(Failure::Http(status)),
            None if image(asked).is_some() => Status::Ok,
            None => Status::NotFound,
        }
    });
    assert_eq!(store.take().len(), report.tally().ok);
    assert_eq!(room.asked().len(), codes.len());
}

/// Large pages, which are still on their way when the status is known, are read too. The
/// short ones of our own server show less: hyper may have read them before it is asked to.
pub fn large_error_pages_do_not_cost_their_connections(subject: &Subject) {
    let room = Room::open(
        all_codes()
            .into_iter()
            .map(|code| (code, Answer::LargePage)),
    );
    let (engine, concurrency) = subject.engine(CONCURRENCY);
    let report = download(&*engine, &Job::new(room.base_url(), all_codes()));
    assert_predicted(&report, |_| Status::Failed(Failure::Http(418)));
    let requests = room.asked().len();
    let most = match subject.connections {
        Connections::Reused => concurrency,
        // No bound but the requests is certain, and that is what it would come to if each
        // page cost its connection. Races alone come nowhere near the half of it.
        Connections::Raced => requests / 2,
    };
    let connections = room.connections();
    println!("{connections} connections for {requests} requests, {concurrency} at a time");
    assert!(connections <= most, "{connections}, not at most {most}");
}

/// A 302 that says where to go instead: nobody goes there.
pub fn a_redirect_is_not_followed(subject: &Subject) {
    let room = Room::open([(code("FR"), Answer::Redirect)]);
    let (engine, _) = subject.engine(CONCURRENCY);
    let report = download(&*engine, &Job::new(room.base_url(), codes(["FR"])));
    assert_predicted(&report, |_| Status::Failed(Failure::Http(302)));
    assert_eq!(room.asked(), ["GET /fr/fr.gif"]);
}

/// A body in chunks, whose length is not promised, is read to its end.
pub fn a_body_of_unknown_length_is_whole(subject: &Subject) {
    let room = Room::open(all_codes().into_iter().map(|code| (code, Answer::Chunked)));
    assert_images_are_whole(subject, &room);
}

/// The largest body is a limit on what is read, not on what was promised.
pub fn a_body_of_unknown_length_has_a_limit_too(subject: &Subject) {
    let size = image(code("BR")).map_or(0, <[u8]>::len) as u64;
    let room = Room::open([(code("BR"), Answer::Chunked)]);
    let expected = [
        (size, Status::Ok),
        (size - 1, Status::Failed(Failure::TooLarge)),
    ];
    for (max_body, status) in expected {
        let engine = subject.engine_with(&Setup {
            max_body,
            ..Setup::default()
        });
        let report = download(&*engine, &Job::new(room.base_url(), codes(["BR"])));
        assert_predicted(&report, |_| status);
    }
}

fn assert_images_are_whole(subject: &Subject, room: &Room) {
    let (engine, _) = subject.engine(CONCURRENCY);
    let store = Arc::new(Memory::default());
    let job = Job {
        store: store.clone(),
        ..Job::new(room.base_url(), all_codes())
    };
    assert_predicted(&download(&*engine, &job), |_| Status::Ok);
    let files = store.take();
    for code in all_codes() {
        let name = file_name::plain(code);
        assert!(files.get(&name).map(Vec::as_slice) == image(code), "{name}");
    }
}
