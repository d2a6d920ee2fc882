//! What a whole job came to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::{Failure, Outcome, Status};

/// What a whole job came to: one outcome for each flag of the job.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Sorted by item, which is by code, or by place in the list of URLs; those of one item
    /// in the order in which they finished.
    pub outcomes: Vec<Outcome>,
    /// From the call of `download_many` until the last outcome was known.
    pub elapsed: Duration,
}

/// How many flags met each end. Two engines that meet the same server must agree on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Downloaded and kept.
    pub ok: usize,
    /// Answered with 404.
    pub not_found: usize,
    /// Failed, by cause.
    pub failed: BTreeMap<Failure, usize>,
}

impl Report {
    /// Puts the outcomes in order. The sort is stable and the clock stops before it.
    pub fn new(mut outcomes: Vec<Outcome>, elapsed: Duration) -> Self {
        outcomes.sort_by_key(|outcome| outcome.item);
        Self { outcomes, elapsed }
    }

    /// How many requests were sent once more: see [`Downloader`](crate::Downloader).
    pub fn resent(&self) -> u32 {
        self.outcomes.iter().map(|outcome| outcome.resent).sum()
    }

    /// Counts the outcomes by status.
    pub fn tally(&self) -> Tally {
        self.outcomes.iter().map(|outcome| outcome.status).collect()
    }
}

impl Tally {
    /// Counts one more flag.
    pub fn add(&mut self, status: Status) {
        match status {
            Status::Ok => self.ok += 1,
            Status::NotFound => self.not_found += 1,
            Status::Failed(failure) => *self.failed.entry(failure).or_default() += 1,
        }
    }

    /// How many flags failed, whatever the cause.
    pub fn errors(&self) -> usize {
        self.failed.values().sum()
    }

    /// How many flags there were.
    pub fn total(&self) -> usize {
        self.ok + self.not_found + self.errors()
    }

    /// How many flags failed for this cause.
    pub fn failed_with(&self, failure: Failure) -> usize {
        self.failed.get(&failure).copied().unwrap_or(0)
    }
}

impl FromIterator<Status> for Tally {
    fn from_iter<I: IntoIterator<Item = Status>>(statuses: I) -> Self {
        let mut tally = Self::default();
        statuses.into_iter().for_each(|status| tally.add(status));
        tally
    }
}
