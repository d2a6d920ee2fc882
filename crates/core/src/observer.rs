//! Whoever watches a job: progress bars, verbose lines, timelines.

use crate::{Item, Outcome};

/// Hears of each flag while the job runs.
///
/// It is called on whatever thread the flag is on, the event loop included: it must be
/// quick and must not block. For each flag `finished` comes exactly once, and `started`
/// once before it, unless the job was cancelled before the flag's turn.
pub trait Observer: Send + Sync {
    /// The flag's turn has come.
    fn started(&self, _item: Item) {}

    /// The flag is done, one way or the other.
    fn finished(&self, _outcome: &Outcome) {}
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {}
