//! Whether a row's wall times fall into two heaps, of which a median tells nothing.

use serde::Serialize;

use crate::stats;

/// The fewest trials of which it is said that they have two speeds.
const FEWEST: usize = 12;

/// The fewest trials of a heap, and the least share of all: one trial in twenty is held up
/// by something, and those few are no speed.
const HEAP: usize = 5;
const SHARE: usize = 8;

/// How many times what the middle halves of both heaps take up the space between them is.
/// Of a thousand samples with a single heap (normal, uniform, exponential, some held up), no
/// more than four are so divided by chance.
const EMPTY: f64 = 2.0;

/// Wall times in two heaps: with twice as much empty space between them, by ratio, as the
/// middle halves of both take up, and with an eighth of the trials or more in each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TwoSpeeds {
    /// The median of the faster heap, in seconds.
    pub fast_s: f64,
    /// The median of the slower heap, in seconds.
    pub slow_s: f64,
    /// How many trials were slow.
    pub slow: usize,
}

pub(super) fn two_speeds(walls: impl Iterator<Item = f64>) -> Option<TwoSpeeds> {
    let mut sorted: Vec<f64> = walls.collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    if n < FEWEST {
        return None;
    }
    let least = HEAP.max(n.div_ceil(SHARE));
    let gap = |at: &usize| (sorted[*at] / sorted[at - 1]).ln();
    let above = (least..=n - least).max_by(|a, b| gap(a).total_cmp(&gap(b)))?;
    let (fast, slow) = sorted.split_at(above);
    let divided = gap(&above) > EMPTY * (middle_half(fast) + middle_half(slow));
    if !divided {
        return None;
    }
    Some(TwoSpeeds {
        fast_s: stats::summarise(fast)?.median,
        slow_s: stats::summarise(slow)?.median,
        slow: slow.len(),
    })
}

/// The logarithm of the ratio between the ends of the middle half. A few trials that were
/// held up do not change it, as they would change the range.
fn middle_half(sorted: &[f64]) -> f64 {
    let quarter = sorted.len() / 4;
    (sorted[sorted.len() - 1 - quarter] / sorted[quarter]).ln()
}
