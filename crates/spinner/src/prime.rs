//! Work that computes: a primality test.

use std::time::{Duration, Instant};

/// A prime: no candidate divides it, so the check tries all of them.
const NUMBER: u64 = 5_000_111_000_222_021;

/// Candidates per slice: half a millisecond, short against a frame and long against a yield.
const SLICE: usize = 100_000;

/// Checks the number again and again, for at least `time`.
pub(crate) fn check_for(time: Duration) -> String {
    let mut answers = std::iter::repeat_with(slices(time)).flatten();
    answers.next().unwrap_or_default()
}

/// The same slice by slice: each call tries odd candidates, and the last returns the answer.
pub(crate) fn slices(time: Duration) -> impl FnMut() -> Option<String> {
    let (mut divisor, end) = (3, Instant::now() + time);
    move || {
        for _ in 0..SLICE {
            if NUMBER.is_multiple_of(divisor) {
                return Some(format!("{NUMBER} is not prime"));
            }
            divisor += 2;
            if divisor * divisor > NUMBER {
                if Instant::now() >= end {
                    return Some(format!("{NUMBER} is prime"));
                }
                divisor = 3;
            }
        }
        None
    }
}
