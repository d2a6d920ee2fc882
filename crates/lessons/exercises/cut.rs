//! Exercise 3 (lesson 3): a computation that yields to other tasks.
//!
//! Cut it into slices, on this one thread. How long may a slice take?

/// Adds the squares of the numbers below `end`.
pub async fn sum_of_squares(end: usize) -> usize {
    let mut sum = 0;
    for number in 0..end {
        // GAP: no other task runs until the loop ends.
        sum += number * number;
    }
    sum
}
