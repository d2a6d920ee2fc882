//! The demos by name.

use std::sync::Arc;

use crate::{
    Answer, Spinner, Work, blocked_task, blocked_workers, spawn_blocking_task, task, thread,
    yielding_task,
};

/// A way to turn the spinner while something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The spinner is a thread.
    Thread,
    /// The spinner is a task, and so is the work.
    Task,
    /// The work blocks inside its task.
    BlockedTask,
    /// What blocks is moved to a thread of its own.
    SpawnBlockingTask,
    /// The work yields now and then.
    YieldingTask,
    /// Tasks block on a runtime with more than one thread.
    BlockedWorkers {
        /// How many threads the runtime has.
        workers: usize,
        /// How many tasks block.
        blockers: usize,
    },
}

impl Variant {
    /// Runs the demo: returns when the work is done and the spinner is gone.
    ///
    /// # Errors
    ///
    /// If the work fails, or if the runtime cannot be built.
    ///
    /// # Panics
    ///
    /// If there are no workers or no blockers.
    pub fn run(self, spinner: &Arc<Spinner>, work: Work) -> Answer {
        match self {
            Self::Thread => thread::run(spinner, work),
            Self::Task => task::run(spinner, work),
            Self::BlockedTask => blocked_task::run(spinner, work),
            Self::SpawnBlockingTask => spawn_blocking_task::run(spinner, work),
            Self::YieldingTask => yielding_task::run(spinner, work),
            Self::BlockedWorkers { workers, blockers } => {
                blocked_workers::run(spinner, work, workers, blockers)
            }
        }
    }

    /// Why the spinner stands still with this work, in a sentence. `None` where it turns.
    pub fn why_still(self, work: &Work) -> Option<&'static str> {
        match (self, work) {
            (Self::BlockedTask, _) | (Self::Task, Work::Prime(_)) => {
                Some("The slow function never awaited, so nothing else could run on its thread.")
            }
            (Self::BlockedWorkers { workers, blockers }, _) if blockers >= workers => {
                Some("Each thread of the runtime was blocked, so none was left for the spinner.")
            }
            _ => None,
        }
    }
}
