//! What is called faster, slower and a tie: counted on rounds whose truth is planted.

use crate::common::compare::{Dice, comparison, failure, rounds, scenario, trial};
use flagrace_report::comparison::{Kind, Metric, Row, Table, Trial, Verdict, findings};
use proptest::prelude::*;

/// How long the trials of a round differ by themselves, and all of them from round to round.
const NOISE: (f64, f64) = (0.03, 0.08);

fn table(rounds_of: usize, factors: &[(&str, f64)], seed: u64) -> Table {
    let mut one = scenario("planted");
    one.rounds = rounds_of;
    let trials = rounds(&one, 0.0107, factors, NOISE, &mut Dice(seed));
    findings(&comparison(vec![one], trials)).tables.remove(0)
}

fn row<'a>(table: &'a Table, engine: &str) -> &'a Row {
    let mut rows = table.rows.iter();
    rows.find(|row| row.engine == engine && row.kind != Kind::Noise)
        .unwrap()
}

/// How many of 1,000 comparisons say this of an engine that takes so many times as long.
fn said(verdict: Verdict, rounds: usize, factor: f64) -> usize {
    let factors = [("threads", 1.0), ("other", factor)];
    let says = |seed: &u64| row(&table(rounds, &factors, *seed), "other").verdict == verdict;
    (0..1000).filter(says).count()
}

#[test]
fn a_slow_down_of_10_percent_is_found_and_one_of_0_is_a_tie() {
    assert!(said(Verdict::Slower, 20, 1.10) >= 950);
    assert!(said(Verdict::Faster, 20, 1.0 / 1.10) >= 950);
    for rounds in [6, 7, 10, 20, 30] {
        // One 95 % interval alone would err 50 times.
        let ties = said(Verdict::Tie, rounds, 1.0);
        assert!(ties >= 990, "{rounds} rounds: {ties} ties");
    }
}

#[test]
fn intervals_cover_the_truth_as_often_as_they_say() {
    for rounds in [6, 13, 20] {
        let covers = |seed: &u64| {
            let factors = [("threads", 1.0), ("other", 1.3)];
            let ratio = row(&table(rounds, &factors, *seed), "other").ratio.unwrap();
            let interval = ratio.interval.unwrap();
            interval.low <= 1.3 && 1.3 <= interval.high
        };
        let covered = (0..1000).filter(covers).count();
        // Three deviations below 95 of 100.
        assert!(covered >= 929, "{rounds} rounds: {covered}");
    }
}

#[test]
fn fewer_than_six_rounds_say_nothing() {
    let factors = [("threads", 1.0), ("other", 9.0)];
    let table = table(5, &factors, 1);
    assert_eq!(row(&table, "other").verdict, Verdict::TooFew);
    assert_eq!((table.noise, table.drift), (None, None));
    assert_eq!(row(&table, "other").ratio.unwrap().n, 5);
}

#[test]
fn ratios_are_taken_within_rounds() {
    // Each round is twice as slow as the one before; the engine takes half in each.
    let mut one = scenario("planted");
    one.rounds = 12;
    let mut trials: Vec<Trial> = Vec::new();
    for round in 1..=12 {
        let wall_s = 0.001 * f64::from(1 << round);
        trials.push(trial("planted", round, "threads", wall_s));
        trials.push(Trial {
            noise: true,
            ..trial("planted", round, "threads", wall_s)
        });
        trials.push(trial("planted", round, "async", wall_s / 2.0));
    }
    // A round in which one of them failed counts for neither.
    trials.retain(|trial| !(trial.round == 3 && trial.engine == "async"));
    trials.push(failure("planted", 3, "async", "reset"));
    let table = findings(&comparison(vec![one], trials)).tables.remove(0);
    let async_ = row(&table, "async");
    let ratio = async_.ratio.unwrap();
    let interval = ratio.interval.unwrap();
    assert_eq!((ratio.n, ratio.median), (11, 0.5));
    assert_eq!((interval.low, interval.high), (0.5, 0.5));
    assert_eq!(async_.verdict, Verdict::Faster);
    assert_eq!((async_.failed(), async_.trials), (1, 12));
    // Such a drift is told: rounds 7 to 12 took 64 times as long as 1 to 6.
    let drift = table.drift.unwrap();
    assert_eq!((drift.ratio, drift.notable), (64.0, true));
}

#[test]
fn what_lies_between_1_and_the_noise_is_a_tie() {
    // The second trial of each round takes a tenth more, always: whoever takes less than
    // that more cannot be told from it, nor can whoever takes as long as the first.
    let mut one = scenario("planted");
    one.rounds = 6;
    let factors = [
        ("same", 1.0),
        ("between", 1.05),
        ("less", 0.99),
        ("more", 1.11),
    ];
    let mut trials: Vec<Trial> = Vec::new();
    for round in 1..=6 {
        let base_s = 0.001 * round as f64;
        trials.push(trial("planted", round, "threads", base_s));
        trials.push(Trial {
            noise: true,
            ..trial("planted", round, "threads", base_s * 1.1)
        });
        let others = factors.map(|(engine, times)| trial("planted", round, engine, base_s * times));
        trials.extend(others);
    }
    let table = findings(&comparison(vec![one], trials)).tables.remove(0);
    let said = factors.map(|(engine, _)| row(&table, engine).verdict);
    assert_eq!(
        said,
        [Verdict::Tie, Verdict::Tie, Verdict::Faster, Verdict::Slower]
    );
}

#[test]
fn a_drift_is_not_seen_where_there_is_none() {
    let notable = |seed: &u64| {
        let table = table(20, &[("threads", 1.0)], *seed);
        table.drift.unwrap().notable
    };
    let told = (0..1000).filter(notable).count();
    assert!(told <= 10, "{told}");
}

#[test]
fn a_failure_has_its_words_and_no_numbers() {
    let mut one = scenario("planted");
    one.rounds = 6;
    let mut trials = rounds(&one, 0.01, &[("threads", 1.0)], NOISE, &mut Dice(1));
    for round in 1..=6 {
        let error = if round == 2 { "reset" } else { "no file left" };
        trials.push(failure("planted", round, "rayon", error));
    }
    let table = findings(&comparison(vec![one], trials)).tables.remove(0);
    let rayon = row(&table, "rayon");
    let told: Vec<(&str, usize)> = (rayon.failures.iter())
        .map(|failure| (failure.error.as_str(), failure.trials))
        .collect();
    assert_eq!(told, [("no file left", 5), ("reset", 1)]);
    assert!(Metric::ALL.iter().all(|m| rayon.figure(*m).is_none()));
    assert_eq!((rayon.ratio, rayon.verdict), (None, Verdict::None));
}

#[test]
fn two_heaps_of_wall_times_are_told_and_one_is_not() {
    let mut one = scenario("planted");
    one.rounds = 20;
    let mut dice = Dice(3);
    let mut trials = rounds(&one, 0.01, &[("threads", 1.0)], (0.02, 0.0), &mut dice);
    for round in 1..=20 {
        let heap = if round % 3 == 0 { 0.016 } else { 0.010 };
        // One that is held up is no third speed, and hides no second one.
        let held_up = if round == 7 { 5.0 } else { 1.0 };
        let wall_s = held_up * heap * (1.0 + 0.01 * dice.normal());
        trials.push(trial("planted", round, "async", wall_s));
    }
    let both = findings(&comparison(vec![one], trials)).tables.remove(0);
    let two = row(&both, "async").two_speeds.unwrap();
    assert_eq!(two.slow, 7);
    assert!((two.fast_s / 0.010 - 1.0).abs() < 0.01, "{two:?}");
    assert!((two.slow_s / 0.016 - 1.0).abs() < 0.02, "{two:?}");

    let told = |seed: &u64| {
        let table = table(20, &[("threads", 1.0), ("async", 1.0)], *seed);
        table.rows.iter().any(|row| row.two_speeds.is_some())
    };
    let told = (0..1000).filter(told).count();
    assert!(told <= 10, "{told}");
}

#[test]
fn the_machine_is_full_at_nine_tenths_and_a_far_server_takes_none_of_it() {
    let full = |client: f64, server: Option<f64>, here: bool| {
        let mut one = scenario("planted");
        (one.rounds, one.server_here) = (6, here);
        let mut trials = rounds(&one, 1.0, &[("threads", 1.0)], (0.0, 0.0), &mut Dice(1));
        for measured in trials
            .iter_mut()
            .filter_map(|trial| trial.measured.as_mut())
        {
            measured.wall_s = 1.0;
            (measured.user_s, measured.system_s) = (client, 0.0);
            measured.server_s = server;
        }
        // Two cores give two seconds in a second.
        let table = findings(&comparison(vec![one], trials)).tables.remove(0);
        let row = row(&table, "threads");
        let share = row.figure(Metric::Machine).map(|share| share.median);
        (share, row.fills_the_machine())
    };
    assert_eq!(full(1.0, Some(0.8), true), (Some(0.9), true));
    assert_eq!(full(1.0, Some(0.75), true), (Some(0.875), false));
    assert_eq!(full(1.0, Some(0.8), false), (Some(0.5), false));
    // Half of the answer is none.
    assert_eq!(full(1.9, None, true), (None, false));
}

#[test]
fn where_the_server_is_the_limit_there_is_no_verdict_on_time() {
    let said_of = |limited: &str, factor: f64, share: Option<f64>| {
        let factors = [("threads", 1.0), ("async", factor)];
        let mut one = scenario("planted");
        one.rounds = 6;
        let mut trials = rounds(&one, 1.0, &factors, (0.0, 0.0), &mut Dice(1));
        for trial in trials.iter_mut().filter(|trial| trial.engine == limited) {
            let measured = trial.measured.as_mut().unwrap();
            (measured.download_s, measured.server_busiest_s) = (1.0, share);
        }
        let table = findings(&comparison(vec![one], trials)).tables.remove(0);
        let share = row(&table, limited).figure(Metric::Busiest);
        (
            share.map(|share| share.median),
            row(&table, "async").verdict,
        )
    };
    let said = |share| said_of("async", 1.5, share);
    assert_eq!(said(Some(0.75)), (Some(0.75), Verdict::Slower));
    assert_eq!(said(Some(0.875)), (Some(0.875), Verdict::Server));
    // What the server does after the download is in its time.
    assert_eq!(said(Some(1.25)), (Some(1.0), Verdict::Server));
    // A run that was recorded without this number keeps its verdict.
    assert_eq!(said(None), (None, Verdict::Slower));
    // Where the server limits the baseline, only an engine that is slower is judged.
    let limited_baseline = |factor| said_of("threads", factor, Some(0.875)).1;
    assert_eq!(limited_baseline(1.5), Verdict::Slower);
    assert_eq!(limited_baseline(1.0), Verdict::Server);
    assert_eq!(limited_baseline(0.5), Verdict::Server);
}

proptest! {
    /// Whoever swaps the names of two engines swaps their rows, and changes nothing else.
    #[test]
    fn a_name_is_only_a_name(seed: u64, factor in 0.8f64..1.2) {
        let factors = [("threads", 1.0), ("left", 1.0), ("right", factor)];
        let mut one = scenario("planted");
        one.rounds = 12;
        let trials = rounds(&one, 0.0107, &factors, NOISE, &mut Dice(seed));
        let mut swapped = trials.clone();
        for trial in &mut swapped {
            trial.engine = match trial.engine.as_str() {
                "left" => "right".to_owned(),
                "right" => "left".to_owned(),
                other => other.to_owned(),
            };
        }
        // Nor does the order in which the trials of a round ran.
        swapped.reverse();
        swapped.sort_by_key(|trial| trial.round);
        let before = findings(&comparison(vec![one.clone()], trials)).tables.remove(0);
        let mut after = findings(&comparison(vec![one], swapped)).tables.remove(0);
        prop_assert_eq!(after.rows[2].engine.as_str(), "left");
        after.rows.swap(2, 3);
        after.rows[2].engine = "left".to_owned();
        after.rows[3].engine = "right".to_owned();
        prop_assert_eq!(before, after);
    }
}
