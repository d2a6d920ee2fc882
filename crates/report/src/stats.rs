//! The median of a few samples and its confidence interval.
//!
//! The interval makes no assumption about the distribution, which matters because times are skewed:
//! a scheduler only adds to them. Each independent sample is below the true median with probability
//! 1/2, so the r-th smallest and the r-th largest of n samples enclose it with probability
//!
//! ```text
//! coverage(r) = 1 - 2 * (C(n,0) + C(n,1) + ... + C(n,r-1)) / 2^n
//! ```
//!
//! The innermost pair of ranks is taken that covers at least the confidence: the 6th and the 15th
//! of 20 for 95 %. With fewer than 6 samples there is no such pair and no interval. A bootstrap of
//! the median would need a seed, and covers less than it promises: 92.2 % with 21 samples.

use serde::Serialize;

/// The minimum confidence of an interval.
pub const CONFIDENCE: f64 = 0.95;

/// The confidence of a sentence: with 20 rounds the 5th and the 16th, which cover 98.8 %.
pub const STRICT: f64 = 0.985;

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    pub n: usize,
    /// The middle sample, or the mean of the two in the middle.
    pub median: f64,
    /// The interval of the median; `None` with fewer than 6 samples.
    pub interval: Option<Interval>,
}

/// A distribution-free confidence interval of a median. Both ends are samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// The summary of samples; `None` if there are none or one is not finite.
pub fn summarise(samples: &[f64]) -> Option<Summary> {
    if samples.iter().any(|sample| !sample.is_finite()) {
        return None;
    }
    // Adding 0 turns -0 into 0, which is printed without a sign.
    let mut sorted: Vec<f64> = samples.iter().map(|sample| sample + 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    (n > 0).then(|| Summary {
        n,
        median: f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
        interval: interval(&sorted, CONFIDENCE),
    })
}

/// The interval of the samples' median with this confidence; `None` with too few.
pub fn interval(samples: &[f64], confidence: f64) -> Option<Interval> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (lower, upper) = median_ranks(sorted.len(), confidence)?;
    Some(Interval {
        low: sorted[lower - 1],
        high: sorted[upper - 1],
    })
}

/// The ranks, counted from 1, of the two samples that enclose the median of `n` with at least
/// this confidence. `None` below 6 samples for 95 %, below 8 for 98.5 %.
fn median_ranks(n: usize, confidence: f64) -> Option<(usize, usize)> {
    // In logarithms: 2^-n is out of a float's range at n = 1,075.
    let mut ln_term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = ln_term.exp();
    let mut best = None;
    let mut rank = 1;
    while 1.0 - 2.0 * tail >= confidence {
        best = Some((rank, n + 1 - rank));
        ln_term += ((n + 1 - rank) as f64 / rank as f64).ln();
        tail += ln_term.exp();
        rank += 1;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_printed_tables() {
        for (n, confidence, expected) in [
            (5, CONFIDENCE, None),
            (6, CONFIDENCE, Some((1, 6))),
            (8, CONFIDENCE, Some((1, 8))),
            (9, CONFIDENCE, Some((2, 8))),
            (11, CONFIDENCE, Some((2, 10))),
            (12, CONFIDENCE, Some((3, 10))),
            (20, CONFIDENCE, Some((6, 15))),
            (100, CONFIDENCE, Some((40, 61))),
            (7, STRICT, None),
            (20, STRICT, Some((5, 16))),
        ] {
            assert_eq!(median_ranks(n, confidence), expected);
        }
        // The normal approximation: n/2 -+ 1.96 * sqrt(n)/2.
        let (low, high) = median_ranks(100_000, CONFIDENCE).unwrap();
        assert!((49_685..=49_695).contains(&low) && low + high == 100_001);
    }

    #[test]
    fn a_summary_needs_samples_and_has_no_negative_zero() {
        assert_eq!(summarise(&[]), None);
        assert_eq!(summarise(&[1.0, f64::NAN]), None);
        assert_eq!(summarise(&[4.0, 1.0, 3.0, 2.0]).unwrap().median, 2.5);
        assert_eq!(summarise(&[3.0, 1.0, 2.0]).unwrap().interval, None);
        assert_eq!(summarise(&[f64::MAX, f64::MAX]).unwrap().median, f64::MAX);
        let zero = summarise(&[-0.0, 0.0, -0.0, 4096.0, -0.0, 0.0]).unwrap();
        for number in [zero.median, zero.interval.unwrap().low] {
            assert_eq!(number.to_bits(), 0.0f64.to_bits());
        }
    }
}
