//! How often the rule for a verdict errs: 1,000 simulated comparisons of 20 rounds each. The table
//! is in docs/METHODOLOGY.md.

use fastrand::Rng;
use flagrace_report::analysis::{Verdict, compare};

const COMPARISONS: usize = 1_000;
const ROUNDS: usize = 20;
const MARGIN: f64 = 0.05;

/// A trial's time around 1: noise of 3 %, and one trial in 20 delayed by up to as long again.
fn time(dice: &mut Rng) -> f64 {
    let normal = (0..12).map(|_| dice.f64()).sum::<f64>() - 6.0;
    let is_held_up = dice.usize(..20) == 0;
    let held_up = if is_held_up { dice.f64() } else { 0.0 };
    (0.03 * normal).exp() * (1.0 + held_up)
}

/// Simulates comparisons of engines. `trial` computes a time from the progress of the comparison,
/// from 0 to 1, and whether the trial is the candidate's. Returns how much of the table's verdicts
/// and of the sentence's is equal, faster, slower, undecided, and too noisy or unsteady.
fn simulate(seed: u64, trial: impl Fn(&mut Rng, f64, bool) -> f64) -> [[f64; 5]; 2] {
    let mut dice = Rng::with_seed(seed);
    let mut counts = [[0; 5]; 2];
    for _ in 0..COMPARISONS {
        let (mut ratios, mut noise) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let mut order = [0, 1, 2];
            dice.shuffle(&mut order);
            let mut logs = [0.0; 3];
            for (place, engine) in order.into_iter().enumerate() {
                let progress = (3 * round + place) as f64 / (3 * ROUNDS) as f64;
                logs[engine] = trial(&mut dice, progress, engine == 2).ln();
            }
            let [first, second, candidate] = logs;
            ratios.push(candidate - (first + second) / 2.0);
            noise.push(second - first);
        }
        let ratio = compare(&ratios, Some(&noise), MARGIN).unwrap();
        for (counts, verdict) in counts.iter_mut().zip([ratio.verdict, ratio.strict]) {
            counts[match verdict {
                Verdict::Equal => 0,
                Verdict::Less => 1,
                Verdict::More => 2,
                Verdict::Undecided(_) => 3,
                Verdict::TooNoisy | Verdict::Unsteady => 4,
                other => panic!("{other:?}"),
            }] += 1;
        }
    }
    counts.map(|counts| counts.map(|count| f64::from(count) / COMPARISONS as f64))
}

/// A candidate that takes this many times the baseline's time.
fn slower(by: f64) -> impl Fn(&mut Rng, f64, bool) -> f64 {
    move |dice, _, candidate| time(dice) * if candidate { by } else { 1.0 }
}

#[test]
fn the_rule_seldom_errs() {
    let drift = |dice: &mut Rng, progress, _| time(dice) * (1.0 + 0.3 * progress);
    let speeds = |dice: &mut Rng, _, _| time(dice) * if dice.bool() { 1.0 } else { 2.0 };
    let rows = [
        ("the same engine", simulate(1, slower(1.0))),
        ("2 % slower", simulate(2, slower(1.02))),
        ("5 % slower", simulate(3, slower(1.05))),
        ("10 % slower", simulate(4, slower(1.1))),
        (
            "the same, machine 30 % slower at the end",
            simulate(5, drift),
        ),
        (
            "the same, half of the trials twice as long",
            simulate(6, speeds),
        ),
    ];
    let mut table =
        "| true difference | equal | faster | slower | undecided | too noisy, unsteady |\n\
                     |---|---:|---:|---:|---:|---:|\n"
            .to_owned();
    for (name, [shown, said]) in &rows {
        let cells: Vec<String> = (shown.iter().zip(said))
            .map(|(shown, said)| format!("{:.1} ({:.1})", shown * 100.0, said * 100.0))
            .collect();
        table += &format!("| {name} | {} |\n", cells.join(" | "));
    }
    let methodology = include_str!("../../../../docs/METHODOLOGY.md");
    let has_table = methodology.contains(&table);
    assert!(has_table, "METHODOLOGY.md needs this table:\n{table}");
    let [same, two, five, ten, drift, speeds] = rows.map(|(_, shares)| shares);
    for [table, sentence] in [same, drift] {
        // A difference where there is none.
        assert!(table[1] + table[2] <= 0.02, "{table:?}");
        assert!(sentence[1] + sentence[2] <= 0.012, "{sentence:?}");
        assert!(table[0] >= 0.65, "{table:?}");
    }
    // The wrong side.
    let mut shares = [two, five, ten].into_iter().flatten();
    assert!(shares.all(|shares| shares[1] <= 0.005));
    // Equal, where the difference is the margin or twice that.
    assert!(five[0][0] <= 0.05 && five[1][0] <= 0.012, "{five:?}");
    assert!(ten[0][0] == 0.0 && ten[0][2] >= 0.8, "{ten:?}");
    // With two speeds the median of 20 is meaningless, and the rule detects it.
    let [table, _] = speeds;
    assert!(table[4] >= 0.95 && table[1] + table[2] <= 0.01, "{table:?}");
}
