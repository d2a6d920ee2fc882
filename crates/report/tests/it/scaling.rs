//! Families: curves, the ideal, and where an engine leaves it or fails.

use crate::common::compare::{comparison, failure, member, trial};
use flagrace_report::comparison::{Curves, NOT_RUN, Trial, findings};

const FULL: &str = "cannot start a thread: Resource temporarily unavailable (os error 11)";

/// The server's busiest core is at half of its time where this one takes 1.0.
const SERVED: &str = "async-multi";

/// Three waves of 0.1 s each at 10, 100 and 1,000 at a time; an engine takes so many times
/// that, fails where it is 0, or was not run at all below that.
fn curves(engines: &[(&str, [f64; 3])], rounds: usize) -> Curves {
    let mut scenarios = Vec::new();
    let mut trials: Vec<Trial> = Vec::new();
    // Not in the order of their numbers.
    for (place, at_once) in [(2, 1000), (0, 10), (1, 100)] {
        let mut one = member("concurrency", "requests at a time", at_once);
        (one.flags, one.concurrency, one.rounds) = (3 * at_once, at_once, rounds);
        for (engine, times) in engines {
            for round in 1..=rounds {
                // From 1 % below to 1 % above.
                let apart = 0.99 + 0.02 * (round - 1) as f64 / (rounds - 1) as f64;
                trials.push(match times[place] {
                    0.0 => failure(&one.name, round, engine, FULL),
                    ..0.0 => failure(&one.name, round, engine, &format!("{NOT_RUN}{FULL}")),
                    times => trial(&one.name, round, engine, 0.3 * times * apart),
                });
                if let (SERVED, Some(trial)) = (*engine, trials.last_mut()) {
                    let measured = trial.measured.as_mut().unwrap();
                    measured.server_busiest_s = Some(measured.download_s * times[place] / 2.0);
                }
            }
        }
        scenarios.push(one);
    }
    let mut families = findings(&comparison(scenarios, trials)).families;
    assert_eq!(families.len(), 1);
    families.remove(0)
}

#[test]
fn where_each_engine_leaves_the_ideal_and_fails_is_said() {
    let curves = curves(
        &[
            ("threads", [1.0, 1.1, 3.0]),
            ("async", [1.0, 1.0, 1.4]),
            ("rayon", [1.6, 1.7, 9.0]),
            ("callbacks", [2.0, 1.1, 1.2]),
            ("threads-bare", [1.0, 2.0, 0.0]),
            ("async-bare", [0.0, 0.0, 0.0]),
        ],
        6,
    );
    assert_eq!(curves.numbers, [10.0, 100.0, 1000.0]);
    assert_eq!(
        curves.scenarios,
        ["concurrency-10", "concurrency-100", "concurrency-1000"]
    );
    // Three waves, whatever the concurrency.
    for ((x, ideal), at_once) in curves.ideal.iter().zip([10.0, 100.0, 1000.0]) {
        assert_eq!(*x, at_once);
        assert!((ideal - 0.1 / at_once).abs() < 1e-12);
    }
    assert_eq!(
        curves.sentences(),
        [
            "threads takes more than 1.5 times the ideal from 1,000 on; at 1,000 it takes 3.00x the ideal.",
            "rayon takes more than 1.5 times the ideal from 10 on; at 1,000 it takes 9.00x the ideal.",
            "async stays within 1.5 times the ideal up to 1,000.",
            &format!("async-bare fails at 10: {FULL}."),
            "callbacks takes more than 1.5 times the ideal at 10, and nowhere else up to 1,000.",
            "threads-bare takes more than 1.5 times the ideal from 100 on; at 100 it takes 2.00x the ideal.",
            &format!("threads-bare fails at 1,000: {FULL}."),
        ]
    );
}

#[test]
fn a_family_has_a_headline() {
    let all = curves(
        &[
            ("threads", [1.0, 1.1, 3.0]),
            ("async", [1.0, 1.0, 1.4]),
            ("threads-bare", [1.0, 1.0, 0.0]),
        ],
        6,
    );
    assert_eq!(
        all.headline().unwrap(),
        "At 1,000 requests at a time a flag takes 140 µs with async and 300 µs with threads; the \
         ideal is 100 µs. threads-bare fails. Up to 100 every engine stays within 1.5 times \
         the ideal."
    );
    let until = |threads, tasks| {
        let two = curves(&[("threads", threads), ("async", tasks)], 6);
        let headline = two.headline().unwrap();
        let found = headline.split(" Up to ").nth(1);
        found.map(|found| found.split(' ').next().unwrap().to_owned())
    };
    let stays = [1.0, 1.0, 1.0];
    let some = |until: &str| Some(until.to_owned());
    assert_eq!(until(stays, [1.0, 1.0, 2.0]), some("100"));
    assert_eq!(until(stays, [1.0, 1.0, 0.0]), some("100"));
    assert_eq!(until(stays, [1.0, 2.0, 0.0]), some("10"));
    assert_eq!(until(stays, [1.0, 0.0, 2.0]), some("10"));
    // The first that leaves decides.
    assert_eq!(until([1.0, 1.0, 2.0], [1.0, 2.0, 2.0]), some("10"));
    // Never left, left at once, or come back: there is no such number.
    assert_eq!(until(stays, stays), None);
    assert_eq!(until(stays, [2.0, 2.0, 2.0]), None);
    assert_eq!(until(stays, [1.0, 2.0, 1.0]), None);
    assert_eq!(until([1.0, 1.0, 2.0], [2.0, 1.0, 1.0]), None);
    assert_eq!(curves(&[("threads", [1.0, 1.0, 0.0])], 6).headline(), None);

    // Who was not run has not failed there.
    let skipped = curves(&[("async", stays), ("rayon", [1.0, 0.0, -1.0])], 6);
    let headline = skipped.headline().unwrap();
    let said = " rayon was not run there, after taking too long before. Up to 10 every";
    assert!(headline.contains(said), "{headline}");
    assert!(!headline.contains("fail"), "{headline}");
}

#[test]
fn where_the_server_was_the_limit_no_time_is_told() {
    let served = (SERVED, [1.0, 1.0, 2.0]);
    let alone = curves(&[served], 6);
    let at_last = "At 1,000 requests at a time the server was the limit with async-multi.";
    assert_eq!(alone.headline().unwrap(), at_last);
    let told = [
        "async-multi stays within 1.5 times the ideal up to 100.",
        "async-multi: the server was the limit at 1,000.",
    ];
    assert_eq!(alone.sentences(), told);
    let both = curves(&[served, ("threads", [1.0, 1.0, 3.0])], 6);
    let at_last = "At 1,000 requests at a time a flag takes 300 µs with threads; the ideal is \
                   100 µs; there the server was the limit with async-multi. Up to 100 every \
                   engine stays within 1.5 times the ideal.";
    assert_eq!(both.headline().unwrap(), at_last);
    let early = [(SERVED, [1.0, 2.0, 1.0]), ("threads", [1.0, 1.0, 3.0])];
    assert!(!curves(&early, 6).headline().unwrap().contains("Up to"));
}

#[test]
fn an_interval_that_reaches_the_line_has_not_left() {
    // 1.51 times, within 1 %.
    let near = curves(&[("threads", [1.51, 1.51, 1.53])], 6);
    assert_eq!(near.curves[0].leaves_at(), Some(1000.0));
    // With too few rounds for an interval every trial must be above.
    let few = curves(&[("threads", [1.51, 1.53, 1.53])], 3);
    assert_eq!(few.curves[0].leaves_at(), Some(100.0));
    assert_eq!(
        few.curves[0].points[0].wall_per_flag.unwrap().interval,
        None
    );
}

#[test]
fn what_a_flag_takes_is_over_flags_and_what_it_holds_over_those_in_flight() {
    let mut one = member("flags", "flags", 40);
    (one.flags, one.concurrency, one.rounds) = (40, 100, 1);
    let name = one.name.clone();
    let mut between = member("flags", "flags", 200);
    (between.flags, between.concurrency, between.rounds) = (200, 100, 1);
    let mut more = member("flags", "flags", 400);
    (more.flags, more.concurrency, more.rounds) = (400, 100, 1);
    let mut trials = Vec::new();
    for engine in ["seq", "async"] {
        trials.push(trial(&name, 1, engine, 8.0));
        trials.push(trial("flags-200", 1, engine, 8.0));
        let mut later = trial("flags-400", 1, engine, 8.0);
        let measured = later.measured.as_mut().unwrap();
        measured.peak_memory = Some(18 << 20);
        trials.push(later);
    }
    let curves = findings(&comparison(vec![one, between, more], trials))
        .families
        .remove(0);
    let of = |engine: &str, place: usize| {
        let curve = curves.curves.iter().find(|curve| curve.engine == engine);
        let point = &curve.unwrap().points[place];
        [
            point.wall_per_flag,
            point.cpu_per_flag,
            point.memory_per_flag,
        ]
        .map(|summary| summary.unwrap().median)
    };
    let mib = f64::from(1 << 20);
    // 7 MiB more than before, 0.7 of the wall time is the client's.
    let near = |found: [f64; 3], expected: [f64; 3]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found / expected - 1.0).abs() < 1e-12,
                "{found} for {expected}"
            );
        }
    };
    near(of("async", 0), [0.2, 0.14, 7.0 * mib / 40.0]);
    near(of("async", 2), [0.02, 0.014, 13.0 * mib / 100.0]);
    near(of("seq", 2), [0.02, 0.014, 13.0 * mib]);
    assert!(
        curves.sentences().contains(
            &"async: peak memory is 12.0 MiB at 200 flags and 18.0 MiB at 400 (1.50x).".to_owned()
        ),
        "{:?}",
        curves.sentences()
    );
}
