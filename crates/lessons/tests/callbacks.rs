//! A forgotten callback silently loses its flags.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use flagrace_conformance::faulty;
use flagrace_core::{CountryCode, Failure, Job, Memory, Setup, Status};
use flagrace_lessons::EventLoop;
use flagrace_lessons::callbacks::{Style, download};
use flagrace_server::Fault;
use rstest::rstest;

const BROKEN: Status = Status::Failed(Failure::Metadata);

/// Of four flags, two have broken metadata.
#[rstest]
#[case(Style::Callbacks, &[Status::Ok, BROKEN, Status::Ok, BROKEN])]
#[case(Style::Awaited, &[Status::Ok, BROKEN, Status::Ok, BROKEN])]
#[case(Style::Forgotten, &[Status::Ok, Status::Ok])]
fn only_a_forgotten_callback_loses_flags(#[case] style: Style, #[case] expected: &[Status]) {
    let server = faulty(&["DE", "JP"].map(|code| (code, Fault::BAD_METADATA)));
    let store = Arc::new(Memory::default());
    let codes = CountryCode::select(["BR", "DE", "FR", "JP"]).unwrap();
    let mut job = Job::new(server.base_url(), codes);
    job.store = store.clone();
    let event_loop = EventLoop::new(&Setup::default()).unwrap();
    let outcomes = download(style, &event_loop, &job).outcomes.into_iter();
    assert_eq!(Vec::from_iter(outcomes.map(|one| one.status)), expected);
    let mut names: Vec<_> = store.take().into_keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["Brazil-BR.gif", "France-FR.gif"]);
}
