//! A forgotten callback silently loses its flags.

#![allow(clippy::unwrap_used)]

use std::iter;
use std::sync::Arc;

use flagrace_core::{CountryCode, Failure, Job, Memory, Report, Setup, Status};
use flagrace_lessons::EventLoop;
use flagrace_lessons::callbacks::{Style, download};
use flagrace_server::{Config, Fault, Server};
use rstest::rstest;

/// Downloads four flags, two of them with broken metadata.
fn run(style: Style) -> Report {
    let code = |text: &str| -> CountryCode { text.parse().unwrap() };
    let faults = ["DE", "JP"].map(|text| (code(text), Fault::BadMetadata));
    let mut config = Config::default();
    config.profile.faults = faults.into();
    let server = Server::start(config).unwrap();
    let store = Arc::new(Memory::default());
    let job = Job {
        store: store.clone(),
        ..Job::new(server.base_url(), ["BR", "DE", "FR", "JP"].map(code))
    };
    let event_loop = EventLoop::new(&Setup::default()).unwrap();
    let report = download(style, &event_loop, &job);
    let mut names: Vec<_> = store.take().into_keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["Brazil-BR.gif", "France-FR.gif"]);
    report
}

#[rstest]
#[case::callbacks(Style::Callbacks)]
#[case::awaited(Style::Awaited)]
fn every_flag_has_an_outcome(#[case] style: Style) {
    let statuses = run(style).outcomes.into_iter().map(|one| one.status);
    let broken = Status::Failed(Failure::Metadata);
    let expected = [Status::Ok, broken, Status::Ok, broken];
    assert_eq!(Vec::from_iter(statuses), expected);
}

#[test]
fn a_forgotten_callback_loses_the_flags_of_its_branch_only() {
    let outcomes = run(Style::Forgotten).outcomes;
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|one| one.status == Status::Ok));
}

#[test]
fn the_mistake_is_one_line() {
    let is_code = |line: &&str| !line.starts_with("//");
    let code = |text: &'static str| text.lines().map(str::trim).filter(is_code);
    let right = code(include_str!("../src/callbacks/nested.rs"));
    let wrong = code(include_str!("../src/callbacks/forgotten.rs"));
    assert_eq!(right.clone().count(), wrong.clone().count());
    let differ = iter::zip(right, wrong).filter(|(right, wrong)| right != wrong);
    let mistake = (
        "Err(error) => done(Err(error)),",
        "Err(error) => drop(error),",
    );
    assert_eq!(differ.collect::<Vec<_>>(), [mistake]);
}
