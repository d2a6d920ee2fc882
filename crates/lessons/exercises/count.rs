//! Exercise 7 (lesson 9): a computation that is not on the event loop.
//!
//! `count_dark` belongs to a library, so you cannot cut it. While it computes, no other task runs.

use crate::count_dark;

/// Counts the dark pixels of an image.
pub async fn count(image: Vec<u8>) -> usize {
    // GAP: this computes on the event loop.
    count_dark(&image)
}
