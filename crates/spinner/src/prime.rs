//! Work that computes: a primality test.

use std::time::{Duration, Instant};

/// A prime: no candidate divides it, so the check tries all of them.
const NUMBER: u64 = 5_000_111_000_222_021;

/// Candidates per slice: half a millisecond, short against a frame and long against a yield.
const SLICE: usize = 100_000;

/// Checks the number again and again, for at least `time`.
pub(crate) fn check_for(time: Duration) -> String {
    let mut check = Check::new(time);
    loop {
        if let Some(answer) = check.slice() {
            return answer;
        }
    }
}

/// A check that runs slice by slice.
pub(crate) struct Check {
    divisor: u64,
    end: Instant,
}

impl Check {
    /// Checks the number at least once, and for at least `time`.
    pub(crate) fn new(time: Duration) -> Self {
        Self {
            divisor: 3,
            end: Instant::now() + time,
        }
    }

    /// Tries the next slice of odd candidates. Returns the answer after the last slice.
    pub(crate) fn slice(&mut self) -> Option<String> {
        for _ in 0..SLICE {
            if NUMBER.is_multiple_of(self.divisor) {
                return Some(format!("{NUMBER} is not prime"));
            }
            self.divisor += 2;
            if self.divisor * self.divisor > NUMBER {
                if Instant::now() >= self.end {
                    return Some(format!("{NUMBER} is prime"));
                }
                self.divisor = 3;
            }
        }
        None
    }
}
