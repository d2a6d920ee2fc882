//! Analyses of planted numbers.

use flagrace_report::analysis::{Margins, Verdict, analyse, compare};
use flagrace_report::metric;
use rstest::rstest;

use crate::planted::{add, analysed, empty, noise, sample, scenario, two_engines, with};

#[rstest]
#[case::the_same(1.0, Verdict::Equal)]
#[case::within_the_margin(1.02, Verdict::Equal)]
#[case::slower(1.2, Verdict::More)]
#[case::faster(0.8, Verdict::Less)]
fn a_planted_difference_is_found_in_time_and_processor_time(
    #[case] factor: f64,
    #[case] expected: Verdict,
) {
    let analysis = two_engines(|round, engine, control| {
        let factor = if engine == "async" { factor } else { 1.0 };
        // Some rounds are slow as a whole, which cancels out.
        let spell = if round % 7 == 0 { 3.0 } else { 1.0 };
        0.01 * factor * spell * noise(round, engine, control, 0.02)
    });
    let row = analysis.row("async").unwrap();
    for key in [metric::WALL, metric::CPU] {
        let ratio = row.ratios[key];
        assert_eq!((ratio.verdict, ratio.strict), (expected, expected), "{key}");
        let interval = ratio.interval.unwrap();
        assert!(interval.low <= ratio.median && ratio.median <= interval.high);
        assert!((ratio.median / factor - 1.0).abs() < 0.02, "{ratio:?}");
    }
}

#[test]
fn a_ratio_is_over_the_geometric_mean_of_both_baselines() {
    let analysis = two_engines(|_, engine, control| match (engine, control) {
        ("async", _) => 0.03,
        (_, false) => 0.01,
        (_, true) => 0.04,
    });
    let ratio = analysis.row("async").unwrap().ratios[metric::WALL];
    assert!((ratio.median - 1.5).abs() < 1e-12, "{ratio:?}");
    let against_itself = analysis.control().unwrap().ratios[metric::WALL];
    assert!((against_itself.median - 4.0).abs() < 1e-12);
    assert_eq!(against_itself.verdict, Verdict::None);
    assert!(analysis.row("threads").unwrap().ratios.is_empty());
    // The baseline against itself differs by more than the margin: no verdict.
    assert_eq!(ratio.verdict, Verdict::TooNoisy);
}

/// The verdicts of 20 ratios spread evenly between two ends, with no noise. Each round is `step`
/// steps after the one before.
#[rstest]
#[case::steady(0.1, 0.5, 7, Verdict::More, Verdict::More)]
#[case::rising(0.1, 0.5, 1, Verdict::Unsteady, Verdict::Unsteady)]
// The 6th and the 15th lie at 0.26 and 0.74 of the way.
// The median is 0.04 and the interval reaches 0.066 to either side: 20 * (0.066 / 0.04)^2.
#[case::across(-0.1, 0.18, 7, Verdict::Undecided(55), Verdict::Undecided(83))]
// The 6th is above 1, but not the 5th.
#[case::slower(-0.05, 0.16, 7, Verdict::More, Verdict::Undecided(25))]
// The wider interval leaves the margin, but does not reach 1.
#[case::equal(0.0, 0.063, 7, Verdict::Equal, Verdict::Undecided(20))]
fn a_sentence_needs_more_than_a_table(
    #[case] low: f64,
    #[case] high: f64,
    #[case] step: usize,
    #[case] table: Verdict,
    #[case] sentence: Verdict,
) {
    let ratio = |at| low + (high - low) * (at * step % 20) as f64 / 19.0;
    let ratios: Vec<f64> = (0..20).map(ratio).collect();
    let ratio = compare(&ratios, Some(&[0.0; 20]), 0.05).unwrap();
    assert_eq!((ratio.verdict, ratio.strict), (table, sentence));
}

#[rstest]
#[case::the_engine(None, 0.01, "async", Verdict::Server)]
#[case::the_baseline(None, 0.005, "threads", Verdict::Server)]
#[case::slower_than_a_limited_baseline(None, 0.02, "threads", Verdict::More)]
#[case::faster_and_limited(None, 0.005, "async", Verdict::Server)]
#[case::a_server(Some(0), 0.01, "async", Verdict::Generator)]
#[case::a_faster_server(Some(0), 0.005, "async", Verdict::Less)]
fn a_saturated_server_or_load_generator_hides_time_and_latency(
    #[case] idle: Option<usize>,
    #[case] wall: f64,
    #[case] full: &str,
    #[case] expected: Verdict,
) {
    let mut engines = scenario("local", &["threads", "async"]);
    engines.workload.idle = idle;
    let analysis = analysed(engines, |_, engine, _| {
        let wall = if engine == "async" { wall } else { 0.01 };
        // The download is 0.8 of the wall time.
        let busy = if engine == full { 0.9 } else { 0.1 };
        let mut sample = with(wall, "server_busiest_s", wall * 0.8 * busy);
        sample.insert(metric::P99.to_owned(), wall);
        // Of servers, it is late by 0.54 of the latency.
        sample.extend(idle.map(|_| (metric::LATE.to_owned(), wall * 0.6 * busy)));
        Some(sample)
    });
    let row = analysis.row("async").unwrap();
    assert_eq!(row.ratios[metric::WALL].verdict, expected);
    let of_latency = row.ratios[metric::P99].verdict;
    assert_eq!(of_latency == expected, expected != Verdict::Server);
    assert_ne!(row.ratios[metric::CPU].verdict, Verdict::Server);
}

#[rstest]
#[case(14, Verdict::Equal)]
#[case(15, Verdict::TooFew)]
fn rounds_without_both_engines_are_left_out(#[case] failed: usize, #[case] expected: Verdict) {
    let engines = scenario("local", &["threads", "async"]);
    let analysis = analysed(engines, |round, engine, _| {
        (engine != "async" || round > failed).then(|| sample(0.01))
    });
    let row = analysis.row("async").unwrap();
    assert_eq!((row.trials, analysis.rounds), (20, 20));
    let why = "too many open files".to_owned();
    assert_eq!(row.failures, [(why, failed)].into());
    assert_eq!(row.estimates[metric::WALL].n, 20 - failed);
    assert_eq!(row.ratios[metric::WALL].verdict, expected);
}

#[test]
fn memory_has_a_margin_of_its_own() {
    let mut run = empty();
    let engines = scenario("local", &["threads", "async"]);
    add(&mut run, engines, |_, engine, _| {
        let mib = if engine == "async" { 8.6 } else { 8.0 };
        Some(with(0.01, metric::MEMORY, mib * 1024.0 * 1024.0))
    });
    // Twice that of time.
    let verdict = |time| {
        let analysis = analyse(&run, Margins(time)).remove(0);
        analysis.row("async").unwrap().ratios[metric::MEMORY].verdict
    };
    assert_eq!([0.05, 0.025].map(verdict), [Verdict::Equal, Verdict::More]);
}

#[test]
fn rounds_that_resemble_the_next_are_correlated() {
    let with = |noise: fn(usize) -> f64| {
        let wall = |round, _: &str, control| 0.01 * if control { noise(round) } else { 1.0 };
        two_engines(wall).lag1.unwrap()
    };
    assert!(with(|round| 1.0 + 0.001 * (round % 2) as f64) < -0.9);
    assert!(with(|round| 1.0 + 0.001 * f64::from(u8::from(round > 10))) > 0.8);
    assert_eq!(two_engines(|_, _, _| 0.01).lag1, None);
}

#[test]
fn what_follows_from_measured_numbers_is_derived() {
    let mut planted = scenario("local", &["threads", "seq"]);
    let work = &mut planted.workload;
    (work.requests, work.concurrency, work.store) = (41, 20, "null".to_owned());
    (work.delay_s, work.client_cores) = (Some(0.002), Some(1));
    let mib = 1024.0 * 1024.0;
    let analysis = analysed(planted, |_, _, _| {
        Some(with(0.01, "idle_memory_bytes", mib))
    });
    for (engine, key, expected) in [
        ("threads", metric::SERVER_BUSY, 0.1),
        // 0.5 of the time in the client, on one core, and 0.1 in the server, on two cores.
        ("threads", metric::CLIENT_BUSY, 0.5),
        ("threads", metric::MACHINE, 0.3),
        ("threads", metric::PER_CONNECTION, 7.0 * mib / 20.0),
        ("threads", metric::SWITCHES, 2.0),
        // Three waves of 2 ms; one flag at a time has 41.
        ("threads", metric::EXCESS, 0.008 - 0.006),
        ("seq", metric::EXCESS, 0.008 - 0.082),
    ] {
        let median = analysis.row(engine).unwrap().median(key).unwrap();
        let off = (median / expected - 1.0).abs();
        assert!(off < 1e-9, "{engine}, {key}: {median}");
    }
}

#[test]
fn steal_is_a_share_of_all_trials() {
    let with = |steal_s: f64| {
        let analysis = analysed(scenario("local", &["threads"]), |round, _, _| {
            // A tick is longer than a trial.
            let ticks = if round == 1 { steal_s } else { 0.0 };
            Some(with(0.01, "steal_s", ticks))
        });
        analysis.disturbances
    };
    // 40 downloads of 8 ms on two cores: 0.64 s.
    assert!(with(0.003).is_empty());
    let share = with(0.02)["steal_s"];
    assert!((share - 0.0625).abs() < 1e-9, "{share}");
}
