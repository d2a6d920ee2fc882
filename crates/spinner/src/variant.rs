//! The demos by name.

use std::sync::Arc;

use crate::{
    Answer, Call, Stage, Work, blocked_task, blocked_workers, napping_task, rescued_task, task,
    thread,
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
    RescuedTask,
    /// The work gives way now and then.
    NappingTask,
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
    pub fn run(self, stage: &Arc<Stage>, work: Work) -> Answer {
        match self {
            Self::Thread => thread::run(stage, work),
            Self::Task => task::run(stage, work),
            Self::BlockedTask => blocked_task::run(stage, work),
            Self::RescuedTask => rescued_task::run(stage, work),
            Self::NappingTask => napping_task::run(stage, work),
            Self::BlockedWorkers { workers, blockers } => {
                blocked_workers::run(stage, work, workers, blockers)
            }
        }
    }

    /// Why the spinner stands still with this work, in a sentence. `None` where it turns.
    pub fn why_still(self, work: &Work) -> Option<&'static str> {
        match (self, work) {
            (Self::BlockedTask, _)
            | (Self::Task, Work::Prime(_) | Work::Call(Call::Blocking(_)))
            | (Self::NappingTask, Work::Call(_)) => {
                Some("The slow function never awaited, so nothing else could run on its thread.")
            }
            (Self::BlockedWorkers { workers, blockers }, _) if blockers >= workers => {
                Some("Each thread of the runtime was blocked, so none was left for the spinner.")
            }
            _ => None,
        }
    }
}
