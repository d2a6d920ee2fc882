//! Work that computes: is a number prime?

use std::time::{Duration, Instant};

/// The number of the book's second edition. It is prime, so every candidate is tried.
pub const NUMBER: u64 = 5_000_111_000_222_021;

/// How many candidates are tried in one go. It takes about half a millisecond: short
/// against a frame of the spinner, long against giving the thread away.
const SLICE: usize = 100_000;

/// Checks again and again for at least this long. A machine of today needs a few tenths of
/// a second for one check, too little to see a spinner by.
pub fn check_for(time: Duration) -> String {
    let mut check = Check::new(time);
    loop {
        if let Some(answer) = check.slice() {
            break answer;
        }
    }
}

/// A check that can be done slice by slice.
pub struct Check {
    number: u64,
    /// The candidate that is tried next.
    divisor: u64,
    end: Instant,
}

impl Check {
    /// Checks [`NUMBER`] for at least this long, and at least once.
    pub fn new(time: Duration) -> Self {
        Self::of(NUMBER, time)
    }

    fn of(number: u64, time: Duration) -> Self {
        Self {
            number,
            divisor: 2,
            end: Instant::now() + time,
        }
    }

    /// Does one more slice. Returns the answer if that was the last.
    pub fn slice(&mut self) -> Option<String> {
        match self.try_candidates()? {
            // The time is not over: once more from the start.
            _ if Instant::now() < self.end => {
                self.divisor = 2;
                None
            }
            true => Some(format!("{} is prime", self.number)),
            false => Some(format!("{} is not prime", self.number)),
        }
    }

    /// Trial division. `None` if the slice ends before it is decided.
    fn try_candidates(&mut self) -> Option<bool> {
        for _ in 0..SLICE {
            if self.divisor * self.divisor > self.number {
                return Some(self.number > 1);
            }
            if self.number.is_multiple_of(self.divisor) {
                return Some(false);
            }
            self.divisor += if self.divisor == 2 { 1 } else { 2 };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_decided_rightly() {
        let primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];
        for number in 0..30 {
            let is_prime = Check::of(number, Duration::ZERO).try_candidates().unwrap();
            assert_eq!(is_prime, primes.contains(&number), "{number}");
        }
    }

    #[test]
    fn a_large_number_takes_more_than_one_slice() {
        // The square of the prime 1,000,003: the last candidate decides.
        let mut check = Check::of(1_000_006_000_009, Duration::ZERO);
        let mut slices = 1;
        let answer = loop {
            if let Some(answer) = check.slice() {
                break answer;
            }
            slices += 1;
        };
        assert_eq!(answer, "1000006000009 is not prime");
        assert_eq!(slices, 1_000_003 / 2 / SLICE + 1);
    }
}
