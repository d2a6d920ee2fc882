//! What one forgotten call costs: the flags of that branch, without a trace.

#![allow(clippy::unwrap_used)] // helpers of tests, too

use std::iter;
use std::sync::Arc;

use flagrace_core::{CountryCode, Failure, Job, Memory, Report, Setup, Status};
use flagrace_lessons::EventLoop;
use flagrace_lessons::callbacks::{Style, download};
use flagrace_server::{Config, Fault, Profile, Server};

const FAULTY: [&str; 2] = ["DE", "JP"];

fn code(text: &str) -> CountryCode {
    text.parse().unwrap()
}

/// Downloads four flags, from a server that spoils the metadata of two; and how many files
/// there are then.
fn run(style: Style) -> (Report, usize) {
    let faults = FAULTY.map(|text| (code(text), Fault::BadMetadata));
    let server = Server::start(Config {
        profile: Profile {
            faults: faults.into(),
            ..Profile::default()
        },
        ..Config::default()
    })
    .unwrap();
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
    (report, names.len())
}

#[test]
fn each_flag_has_an_outcome_with_callbacks_and_with_await() {
    for style in [Style::Callbacks, Style::Awaited] {
        let (report, files) = run(style);
        assert_eq!(report.tally().ok, files);
        assert_eq!(report.tally().failed_with(Failure::Metadata), FAULTY.len());
    }
}

#[test]
fn a_forgotten_call_loses_the_flags_of_its_branch_and_no_others() {
    let (report, files) = run(Style::Forgotten);
    assert_eq!(report.outcomes.len(), files);
    assert!(report.outcomes.iter().all(|one| one.status == Status::Ok));
}

#[test]
fn the_mistake_is_one_line() {
    let code = |text: &'static str| {
        let lines = text.lines();
        lines.filter(|line| !line.trim_start().starts_with("//"))
    };
    let right = code(include_str!("../src/callbacks/callbacks.rs"));
    let wrong = code(include_str!("../src/callbacks/forgotten.rs"));
    assert_eq!(right.clone().count(), wrong.clone().count());
    let differ = iter::zip(right, wrong).filter(|(right, wrong)| right != wrong);
    let differ = differ.map(|(right, wrong)| (right.trim(), wrong.trim()));
    let mistake = (
        "Err(error) => done(Err(error)),",
        "Err(error) => drop(error),",
    );
    assert_eq!(differ.collect::<Vec<_>>(), [mistake]);
}

/// Mend `src/callbacks/forgotten.rs`. The two tests above fail then, as they should.
#[test]
#[ignore = "exercise 3: cargo test -p flagrace-lessons --test callbacks -- --ignored"]
fn exercise_3_every_flag_has_an_outcome() {
    let (report, files) = run(Style::Forgotten);
    assert_eq!(report.tally().ok, files);
    assert_eq!(report.tally().failed_with(Failure::Metadata), FAULTY.len());
}
