//! What the slow function does.

use std::io;
use std::time::Duration;

use thiserror::Error;
use tokio::task::JoinError;

/// What the slow function does, in every variant of the demo in its own way.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// Waits, as for an answer that takes its time. The answer is 42.
    Sleep(Duration),
    /// Computes for at least this long.
    Prime(Duration),
}

/// What the slow function answers.
pub type Answer = Result<String, Failed>;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum Failed {
    /// The event loop could not be made.
    #[error("cannot build a runtime: {0}")]
    Runtime(#[from] io::Error),
    /// The thread of the work ended before the work.
    #[error("the work was lost: {0}")]
    Lost(#[from] JoinError),
}
