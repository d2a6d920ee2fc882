//! Model and client, told apart where the truth is planted.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests, too

mod common;

use common::compare::{Dice, comparison, rounds, scenario};
use flagrace_report::comparison::{Effects, Metric, findings};
use flagrace_report::stats::Summary;

/// The split of wall time where each corner takes so many times as long as the first.
fn split(corners: [f64; 4], noise: f64, seed: u64) -> Option<Effects> {
    let names = ["threads", "threads-reqwest", "async-ureq", "async"];
    let factors: Vec<(&str, f64)> = names.into_iter().zip(corners).collect();
    let one = scenario("planted");
    let trials = rounds(&one, 0.0107, &factors, (noise, 0.08), &mut Dice(seed));
    let table = findings(&comparison(vec![one], trials)).tables.remove(0);
    table.effects.first().copied()
}

fn encloses(effect: &Summary, truth: f64) -> bool {
    let interval = effect.interval.unwrap();
    interval.low <= truth && truth <= interval.high
}

#[test]
fn known_effects_come_back() {
    // The client costs 25 %, the model 4 %, and both together 10 % more than that.
    let corners = [1.0, 1.25, 1.04, 1.25 * 1.04 * 1.10];
    let half = 1.10_f64.sqrt();
    let truth = [
        1.04 * half,
        1.25 * half,
        1.10,
        corners[3],
        1.04,
        1.04 * 1.10,
    ];
    let of = |effects: &Effects| {
        let [ureq, reqwest] = effects.model_with;
        let effects = [
            effects.model,
            effects.client,
            effects.interaction,
            effects.total,
        ];
        effects
            .into_iter()
            .chain([ureq, reqwest])
            .collect::<Vec<Summary>>()
    };
    let mut covered = [0; 6];
    for seed in 0..300 {
        let effects = split(corners, 0.02, seed).unwrap();
        assert_eq!((effects.metric, effects.total.n), (Metric::Wall, 20));
        for ((effect, truth), covered) in of(&effects).iter().zip(truth).zip(&mut covered) {
            assert!(
                (effect.median / truth - 1.0).abs() < 0.05,
                "{effect:?} for {truth}"
            );
            *covered += usize::from(encloses(effect, truth));
        }
    }
    // 95 of 100, and three deviations below it.
    assert!(covered.iter().all(|covered| *covered >= 274), "{covered:?}");
}

#[test]
fn each_round_multiplies_up() {
    // One round: the median is the round itself.
    let mut one = scenario("planted");
    one.rounds = 1;
    let corners = [
        ("threads", 1.0),
        ("threads-reqwest", 1.4),
        ("async-ureq", 0.7),
        ("async", 2.0),
    ];
    let trials = rounds(&one, 0.01, &corners, (0.2, 0.1), &mut Dice(5));
    let table = findings(&comparison(vec![one], trials)).tables.remove(0);
    let metrics: Vec<Metric> = table.effects.iter().map(|effects| effects.metric).collect();
    assert_eq!(metrics, [Metric::Wall, Metric::Download, Metric::Client]);
    for effects in &table.effects {
        let [model, client, total] =
            [effects.model, effects.client, effects.total].map(|effect| effect.median);
        assert!((model * client / total - 1.0).abs() < 1e-12, "{effects:?}");
        let [ureq, reqwest] = effects.model_with.map(|effect| effect.median);
        assert!((ureq * effects.interaction.median / reqwest - 1.0).abs() < 1e-12);
        assert!(((ureq * reqwest).sqrt() / model - 1.0).abs() < 1e-12);
        assert!(
            effects.sentence().contains("too few to split"),
            "{}",
            effects.sentence()
        );
    }
}

#[test]
fn the_sentence_says_what_is_not_told_apart() {
    let says = |corners| split(corners, 0.01, 11).unwrap().sentence();
    let client_only = says([1.0, 1.3, 1.0, 1.3]);
    assert!(
        client_only.contains("the client (reqwest in place of ureq) makes 1.3"),
        "{client_only}"
    );
    let model = client_only.split_once("the model").unwrap().1;
    assert!(
        model.contains("(not told apart from none). Their interaction is"),
        "{client_only}"
    );
    assert!(!client_only.contains("act apart"), "{client_only}");

    let together = says([1.0, 1.0, 1.0, 1.5]);
    assert!(
        together.contains("The two do not act apart (interaction 1.5"),
        "{together}"
    );
    assert!(
        together.contains("(not told apart from none) with ureq, and 1.5"),
        "{together}"
    );
}

#[test]
fn without_all_four_corners_there_is_no_split() {
    let mut one = scenario("planted");
    one.rounds = 6;
    let three = [("threads", 1.0), ("threads-reqwest", 1.4), ("async", 2.0)];
    let trials = rounds(&one, 0.01, &three, (0.01, 0.0), &mut Dice(5));
    assert_eq!(
        findings(&comparison(vec![one], trials)).tables[0].effects,
        []
    );
}
