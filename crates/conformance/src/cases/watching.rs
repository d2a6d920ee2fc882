//! What an observer hears, and what the timings say.

use std::collections::BTreeMap;
use std::sync::Arc;

use flagrace_core::{Cancel, CountryCode, Item, Job, Outcome, Status};
use flagrace_server::{Fault, Profile};

use crate::Subject;
use crate::harness::*;
use crate::recorder::{Event, Recorder};
use crate::stores::Failing;

/// `started` once and then `finished` once, for every flag and whatever becomes of it.
pub fn the_observer_hears_of_each_flag_once(subject: &Subject) {
    let server = serve(faults([
        ("BR", Fault::Status(418)),
        ("FR", Fault::Reset),
        ("JP", Fault::Cut),
    ]));
    let (engine, _) = subject.engine(CONCURRENCY);
    let recorder = Recorder::new();
    let job = Job {
        metadata: true,
        observer: recorder.clone(),
        ..Job::new(server.base_url(), [all_codes(), unknown_codes()].concat())
    };
    let report = download(&engine, &job);

    let mut heard: BTreeMap<Item, Vec<Event>> = BTreeMap::new();
    for event in recorder.events() {
        let (Event::Started(item) | Event::Finished(item, _)) = event;
        heard.entry(item).or_default().push(event);
    }
    for Outcome { item, status, .. } in report.outcomes {
        let expected = [Event::Started(item), Event::Finished(item, status)];
        assert_eq!(heard.remove(&item).as_deref(), Some(&expected[..]));
    }
    assert!(heard.is_empty(), "never asked for: {heard:?}");
}

/// Each step of a flag that is ok comes after the one before, and all of them before the
/// job's end.
pub fn steps_are_in_order(subject: &Subject) {
    let (engine, _) = subject.engine(CONCURRENCY);
    for metadata in [false, true] {
        let server = serve(Profile::default());
        let job = Job {
            metadata,
            ..Job::new(server.base_url(), all_codes())
        };
        let report = download(&engine, &job);
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

/// A flag that failed has the steps that it got to, and no others.
pub fn steps_that_were_not_reached_are_absent(subject: &Subject) {
    let (engine, _) = subject.engine(CONCURRENCY);
    let profile = faults([("BR", Fault::Reset), ("FR", Fault::Cut)]);
    let server = serve(profile);
    let job = Job {
        store: Arc::new(Failing(code("JP"))),
        ..Job::new(server.base_url(), codes(["BR", "FR", "JP", "US", "XX"]))
    };
    let steps = steps_by_code(&download(&engine, &job).outcomes);
    // Begun, head, body, saved.
    assert_eq!(steps[&code("BR")], [true, false, false, false]);
    assert_eq!(steps[&code("FR")], [true, true, false, false]);
    assert_eq!(steps[&code("JP")], [true, true, true, false]);
    assert_eq!(steps[&code("US")], [true, true, true, true]);
    assert_eq!(steps[&code("XX")], [true, true, false, false]);

    let cancel = Cancel::default();
    cancel.cancel();
    let report = download(&engine, &Job { cancel, ..job });
    assert!(report.outcomes.iter().all(|o| o.status != Status::Ok));
    let steps = steps_by_code(&report.outcomes);
    assert!(steps.values().all(|steps| *steps == [false; 4]));
}

fn steps_by_code(outcomes: &[Outcome]) -> BTreeMap<CountryCode, [bool; 4]> {
    let steps = outcomes.iter().map(|outcome| {
        let timing = outcome.timing;
        let steps = [
            timing.started,
            timing.first_byte,
            timing.body_read,
            timing.saved,
        ];
        (flag(outcome), steps.map(|step| step.is_some()))
    });
    steps.collect()
}
