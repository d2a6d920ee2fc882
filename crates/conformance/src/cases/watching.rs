//! Observers and timings.

use std::sync::Arc;

use flagrace_core::{CountryCode, Job, Outcome};
use flagrace_server::{Fault, Profile};

use crate::Subject;
use crate::harness::*;
use crate::stores::{Failing, Recorder};

/// `started`, then `finished`, each once, whatever the outcome.
pub fn each_item_is_observed_once(subject: &Subject) {
    let server = serve(faults([
        ("BR", Fault::Status(418)),
        ("FR", Fault::Reset),
        ("JP", Fault::Cut),
    ]));
    let recorder = Arc::new(Recorder::default());
    let mut job = Job::new(server.base_url(), CountryCode::every());
    job.metadata = true;
    job.observer = recorder.clone();
    let outcomes = subject.download(&job).outcomes.into_iter();
    let expected = outcomes.flat_map(|o| [(o.item, None), (o.item, Some(o.status))]);
    assert_eq!(recorder.events(), expected.collect::<Vec<_>>());
}

/// Each step of a flag follows the previous one, and all precede the end of the job.
pub fn steps_are_in_order(subject: &Subject) {
    for metadata in [false, true] {
        let server = serve(Profile::default());
        let mut job = Job::new(server.base_url(), all_codes());
        job.metadata = metadata;
        let report = subject.download(&job);
        for Outcome { item, timing, .. } in &report.outcomes {
            let steps = [
                timing.started.unwrap(),
                timing.first_byte.unwrap(),
                timing.body_read.unwrap(),
                timing.saved.unwrap(),
                timing.finished,
                report.elapsed,
            ];
            assert!(steps.is_sorted(), "{item:?}: {steps:?}");
        }
    }
}

pub fn steps_that_were_not_reached_are_absent(subject: &Subject) {
    let server = serve(faults([("BR", Fault::Reset), ("FR", Fault::Cut)]));
    let mut job = Job::new(server.base_url(), codes(["BR", "FR", "JP", "US", "XX"]));
    job.store = Arc::new(Failing(code("JP")));
    let expected = [
        [true, false, false, false],
        [true, true, false, false],
        [true, true, true, false],
        [true, true, true, true],
        [true, true, false, false],
    ];
    let outcomes = subject.download(&job).outcomes;
    for (outcome, expected) in outcomes.iter().zip(expected) {
        let it = outcome.timing;
        let steps = [it.started, it.first_byte, it.body_read, it.saved];
        assert_eq!(steps.map(|step| step.is_some()), expected, "{outcome:?}");
    }
}
