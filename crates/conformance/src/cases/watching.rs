//! Observers and timings.

use std::sync::Arc;

use flagrace_core::{CountryCode, Job};
use flagrace_server::Fault;

use crate::Subject;
use crate::harness::*;
use crate::stores::{Failing, Recorder};

/// `started`, then `finished`, each once, whatever the outcome.
pub fn each_item_is_observed_once(subject: &Subject) {
    let server = faulty(&[
        ("BR", Fault::Status(418)),
        ("FR", Fault::RESET),
        ("JP", Fault::CUT),
    ]);
    let recorder = Arc::new(Recorder::default());
    let mut job = Job::new(server.base_url(), CountryCode::every());
    job.metadata = true;
    job.observer = recorder.clone();
    let outcomes = subject.download(&job).outcomes.into_iter();
    let expected = outcomes.flat_map(|o| [(o.item, None), (o.item, Some(o.status))]);
    assert_eq!(recorder.events(), expected.collect::<Vec<_>>());
}

/// Each step of a flag follows the previous one, all precede the end of the job, and those that
/// were not reached are absent.
pub fn steps_are_in_order(subject: &Subject) {
    let server = faulty(&[("BR", Fault::RESET), ("FR", Fault::CUT)]);
    for metadata in [false, true] {
        let codes = all_codes().into_iter().chain([code("XX")]);
        let mut job = Job::new(server.base_url(), codes);
        job.metadata = metadata;
        job.store = Arc::new(Failing(code("JP")));
        let report = subject.download(&job);
        for outcome in &report.outcomes {
            let reached = match flag(outcome).as_str() {
                "BR" => 1,
                "FR" | "XX" => 2,
                "JP" => 3,
                _ => 4,
            };
            let it = outcome.timing;
            let steps = [it.started, it.first_byte, it.body_read, it.saved];
            let (done, others) = steps.split_at(reached);
            assert!(others.iter().all(Option::is_none), "{outcome:?}");
            let done = done.iter().map(|step| step.expect("it was reached"));
            let times = done.chain([it.finished, report.elapsed]);
            assert!(times.is_sorted(), "{outcome:?}");
        }
    }
}
