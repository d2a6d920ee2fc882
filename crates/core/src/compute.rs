//! Computing on a body: for work that does not only wait.

use std::hash::{DefaultHasher, Hasher};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::{CountryCode, Item};

/// How much to compute on each body: it is hashed again and again until a fixed number of bytes is,
/// so that the work is the same for every engine, however often the system interrupts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compute {
    /// The number of bytes to hash.
    pub bytes: u64,
    /// Compute only on this flag.
    pub only: Option<CountryCode>,
}

impl Compute {
    /// The number of bytes that take this processor time here. The speed is measured once, so that
    /// all jobs of a program have the same work.
    pub fn lasting(time: Duration) -> Self {
        static SPEED: OnceLock<f64> = OnceLock::new();
        let bytes_per_s = SPEED.get_or_init(|| {
            let batch = Self {
                bytes: 1_000_000,
                only: None,
            };
            let time_batch = |_| {
                let start = Instant::now();
                std::hint::black_box(batch.hash(&[1; 4096]));
                start.elapsed()
            };
            // The shortest: anything else is an interruption.
            let shortest = (0..40).map(time_batch).min().unwrap_or_default();
            batch.bytes as f64 / shortest.as_secs_f64()
        });
        Self {
            bytes: (time.as_secs_f64() * bytes_per_s).round() as u64,
            only: None,
        }
    }

    /// Computes on the body of an item. The result depends only on the body and the number of
    /// bytes; `None` if there is nothing to compute.
    pub fn on(self, item: Item, body: &[u8]) -> Option<u64> {
        self.wants(item).then(|| self.hash(body))
    }

    /// Whether there is something to compute on this item.
    pub fn wants(self, item: Item) -> bool {
        self.bytes > 0 && (self.only.is_none() || item.code() == self.only)
    }

    fn hash(self, body: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        let mut left = self.bytes as usize;
        while left > 0 && !body.is_empty() {
            let part = &body[..left.min(body.len())];
            hasher.write(part);
            left -= part.len();
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_depends_on_the_body_and_the_work() {
        let compute = |bytes, body: &[u8]| Compute { bytes, only: None }.on(Item::Url(0), body);
        let result = compute(1000, b"body");
        assert!(result.is_some() && compute(1000, b"body") == result);
        assert_ne!(compute(1001, b"body"), result);
        assert_ne!(compute(1000, b"bode"), result);
        assert_eq!(compute(0, b"body"), None);
        assert!(compute(1000, b"").is_some());
        let only = Some("BR".parse().unwrap());
        let wants =
            |code: &str| Compute { bytes: 1, only }.wants(Item::Flag(code.parse().unwrap()));
        assert!(wants("BR") && !wants("FR"));
        let [one, ten] = [1, 10].map(|ms| Compute::lasting(Duration::from_millis(ms)).bytes);
        assert!((9 * one..=11 * one).contains(&ten) && one > 100);
    }
}
