//! The branches of a chain that the suite does not come by: what ends a flag between its
//! two requests, and a panic before the first. Each style has to do what `await` does.

#![allow(clippy::unwrap_used)] // helpers of tests, too

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use common::*;
use flagrace_core::{Failure, Item, Job, Observer, Outcome, Setup, Status};
use flagrace_server::{Config, Fault, FlagSet, Server};

/// The image is small enough and its metadata are not.
#[test]
fn a_second_request_that_fails_ends_its_flag() {
    let folder = tempfile::tempdir().unwrap();
    for (cc, country) in [("br", "Brazil, at great length"), ("fr", "F")] {
        let flag = folder.path().join(cc);
        fs::create_dir(&flag).unwrap();
        fs::write(flag.join(format!("{cc}.gif")), cc).unwrap();
        let metadata = format!("{{\"country\":\"{country}\"}}");
        fs::write(flag.join("metadata.json"), metadata).unwrap();
    }
    let server = Server::start(Config {
        flags: FlagSet::from_directory(folder.path()).unwrap(),
        ..Config::default()
    })
    .unwrap();
    let setup = Setup {
        max_body: 20,
        ..Setup::with_concurrency(1)
    };
    for engine in sound(&setup) {
        let job = Job {
            metadata: true,
            ..Job::new(server.base_url(), ["BR", "FR"].map(code))
        };
        let report = download(&engine, &job);
        let statuses: Vec<_> = report.outcomes.iter().map(|o| o.status).collect();
        let expected = [Status::Failed(Failure::TooLarge), Status::Ok];
        assert_eq!(statuses, expected, "{}", engine.name());
    }
}

/// One permit. Brazil has its image and waits for leave to ask for its metadata, while
/// France has the permit and gets no answer.
#[test]
fn cancelling_between_the_requests_ends_the_flag() {
    for engine in sound(&Setup::with_concurrency(1)) {
        let server = serve(&BTreeSet::from([code("FR")]), Fault::Stall);
        let job = Job {
            metadata: true,
            ..Job::new(server.base_url(), ["BR", "FR"].map(code))
        };
        let report = thread::scope(|scope| {
            scope.spawn(|| {
                wait_until("France is asked for", || {
                    server.stats().by_code.contains_key("FR")
                });
                job.cancel.cancel();
            });
            download(&engine, &job)
        });
        let cancelled = Status::Failed(Failure::Cancelled);
        let statuses: Vec<_> = report.outcomes.iter().map(|o| o.status).collect();
        assert_eq!(statuses, [cancelled, cancelled], "{}", engine.name());
        let [brazil, france] = &report.outcomes[..] else {
            unreachable!("two flags")
        };
        assert!(brazil.bytes > 0 && france.bytes == 0, "{}", engine.name());
    }
}

/// The panic costs one flag; all others are downloaded before it comes out.
#[test]
fn a_panic_at_the_beginning_of_a_flag_costs_no_other() {
    struct Panicking {
        first: Item,
        others: Heard,
    }

    impl Observer for Panicking {
        fn started(&self, item: Item) {
            assert!(item != self.first, "the observer panics on purpose");
        }

        fn finished(&self, outcome: &Outcome) {
            self.others.finished(outcome);
        }
    }

    let server = serve(&BTreeSet::new(), Fault::Stall);
    for engine in sound(&Setup::default()) {
        let observer = Arc::new(Panicking {
            first: all_codes()[0].into(),
            others: Heard::default(),
        });
        let job = Job {
            observer: observer.clone(),
            ..Job::new(server.base_url(), all_codes())
        };
        let panicked = catch_unwind(AssertUnwindSafe(|| download(&engine, &job)));
        let words = panicked.unwrap_err().downcast::<&str>().unwrap();
        assert_eq!(*words, "the observer panics on purpose");
        let finished = observer.others.finished.lock().unwrap();
        assert_eq!(finished.len(), all_codes().len() - 1, "{}", engine.name());
    }
}
