//! What one forgotten `done` costs: the flags of that branch, without a trace.

#![allow(clippy::unwrap_used)] // helpers of tests, too

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::*;
use flagrace_core::{CountryCode, Downloader, Failure, Job, Memory, Setup, Status};
use flagrace_server::Fault;
use flagrace_styles::Forgotten;

/// More faulty flags than permits: had one of them kept its permit, the rest would wait.
const CONCURRENCY: usize = 3;

fn faulty() -> BTreeSet<CountryCode> {
    ["BR", "DE", "FR", "IN", "JP"].map(code).into()
}

fn forgotten() -> Arc<dyn Downloader> {
    let setup = Setup::with_concurrency(CONCURRENCY);
    Arc::new(Forgotten::new(&setup).unwrap())
}

#[test]
fn flags_whose_metadata_name_no_country_vanish_and_no_others() {
    let server = serve(&faulty(), Fault::BadMetadata);
    let heard = Arc::new(Heard::default());
    let job = Job {
        metadata: true,
        observer: heard.clone(),
        ..Job::new(server.base_url(), all_codes())
    };
    let report = download(&forgotten(), &job);

    let asked: BTreeSet<_> = all_codes().into_iter().collect();
    let vanished: BTreeSet<_> = &asked - &reported(&report);
    assert_eq!(vanished, faulty());
    // Nothing went wrong, as far as the report goes.
    assert_eq!(report.tally().ok, report.outcomes.len());
    // A progress bar would wait for them for ever.
    assert_eq!(*heard.started.lock().unwrap(), asked);
    assert_eq!(*heard.finished.lock().unwrap(), reported(&report));
}

#[test]
fn the_other_styles_report_every_one_of_them() {
    let server = serve(&faulty(), Fault::BadMetadata);
    for engine in sound(&Setup::with_concurrency(CONCURRENCY)) {
        let job = Job {
            metadata: true,
            ..Job::new(server.base_url(), all_codes())
        };
        let report = download(&engine, &job);
        let outcomes = report.outcomes.iter();
        let codes: Vec<_> = outcomes.filter_map(|one| one.item.code()).collect();
        assert_eq!(codes, all_codes(), "{}", engine.name());
        for outcome in report.outcomes {
            let expected = match faulty().contains(&outcome.item.code().unwrap()) {
                true => Status::Failed(Failure::Metadata),
                false => Status::Ok,
            };
            assert_eq!(outcome.status, expected, "{}", engine.name());
        }
    }
}

#[test]
fn nothing_is_missing_until_an_error_takes_that_branch() {
    let server = serve(&BTreeSet::new(), Fault::BadMetadata);
    let store = Arc::new(Memory::default());
    let job = Job {
        metadata: true,
        store: store.clone(),
        ..Job::new(server.base_url(), all_codes())
    };
    let report = download(&forgotten(), &job);
    assert_eq!(report.tally().ok, all_codes().len());
    assert_eq!(store.take().len(), all_codes().len());
}

/// Mend `src/forgotten.rs`. The first test of this file fails then, as it should.
#[test]
#[ignore = "exercise 3: cargo test -p flagrace-styles --test forgotten -- --ignored"]
fn exercise_3_every_flag_has_an_outcome() {
    let server = serve(&faulty(), Fault::BadMetadata);
    let job = Job {
        metadata: true,
        ..Job::new(server.base_url(), all_codes())
    };
    let report = download(&forgotten(), &job);
    assert_eq!(report.tally().total(), all_codes().len());
    assert_eq!(
        report.tally().failed_with(Failure::Metadata),
        faulty().len()
    );
}
