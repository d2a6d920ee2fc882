//! Computing on a body: for work that does not only wait.

use std::hash::{DefaultHasher, Hasher};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::{CountryCode, Item};

/// How much to compute on each body: a fixed number of blocks of it are hashed, so that the work is
/// the same for every engine, however often the system interrupts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compute {
    /// The number of blocks.
    pub blocks: u64,
    /// Compute only on this flag.
    pub only: Option<CountryCode>,
}

/// The size of a block, in bytes: 0.1 us of hashing.
const BLOCK: usize = 256;

impl Compute {
    /// The number of blocks that take this processor time here. The speed is measured once, so that
    /// all jobs of a program have the same work.
    pub fn lasting(time: Duration) -> Self {
        static SPEED: OnceLock<f64> = OnceLock::new();
        let blocks_per_s = SPEED.get_or_init(|| {
            let batch = Self {
                blocks: 5_000,
                only: None,
            };
            let time_batch = |_| {
                let start = Instant::now();
                std::hint::black_box(batch.hash(&[1; 4096]));
                start.elapsed()
            };
            // The shortest: anything else is an interruption.
            let shortest = (0..40).map(time_batch).min().unwrap_or_default();
            batch.blocks as f64 / shortest.as_secs_f64()
        });
        Self {
            blocks: (time.as_secs_f64() * blocks_per_s).round() as u64,
            only: None,
        }
    }

    /// Computes on the body of an item. The result depends only on the body and the number of
    /// blocks; `None` if there is nothing to compute.
    pub fn on(self, item: Item, body: &[u8]) -> Option<u64> {
        self.wants(item).then(|| self.hash(body))
    }

    /// Whether there is something to compute on this item.
    pub fn wants(self, item: Item) -> bool {
        self.blocks > 0 && (self.only.is_none() || item.code() == self.only)
    }

    fn hash(self, body: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        let blocks = body.chunks(BLOCK).cycle().take(self.blocks as usize);
        blocks.for_each(|block| hasher.write(block));
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_depends_on_the_body_and_the_work() {
        let item = |code: &str| Item::Flag(code.parse().unwrap());
        let compute = |blocks, only: Option<&str>, code, body: &[u8]| {
            let only = only.map(|code| code.parse().unwrap());
            Compute { blocks, only }.on(item(code), body)
        };
        let all = [
            compute(1000, None, "BR", b"body"),
            compute(1001, None, "BR", b"body"),
            compute(1000, None, "BR", b"bode"),
        ];
        assert!(all[0].is_some() && all[0] != all[1] && all[0] != all[2]);
        assert_eq!(compute(1000, Some("BR"), "BR", b"body"), all[0]);
        assert_eq!(compute(1000, Some("BR"), "FR", b"body"), None);
        assert_eq!(compute(0, None, "BR", b"body"), None);
        assert!(compute(1000, None, "BR", b"").is_some());
        let [one, ten] = [1, 10].map(|ms| Compute::lasting(Duration::from_millis(ms)).blocks);
        assert!((9 * one..=11 * one).contains(&ten) && one > 100);
    }
}
