//! What the slow function does.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::runtime::Builder;
use tokio::task::JoinError;

/// What the slow function does, in every variant of the demo in its own way.
#[derive(Clone)]
pub enum Work {
    /// Waits, as for an answer that takes its time. The answer is 42.
    Sleep(Duration),
    /// Computes for at least this long.
    Prime(Duration),
    /// Anything else.
    Call(Call),
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
    /// The work itself failed.
    #[error("{0}")]
    Work(String),
}

/// An answer that is still to come.
pub type Wait = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A function from elsewhere, which blocks or can be awaited.
#[derive(Clone)]
pub enum Call {
    /// It blocks.
    Blocking(Arc<dyn Fn() -> Answer + Send + Sync>),
    /// It can be awaited.
    Awaited(Arc<dyn Fn() -> Wait + Send + Sync>),
}

impl Call {
    /// A function that blocks.
    pub fn blocking(block: impl Fn() -> Answer + Send + Sync + 'static) -> Self {
        Self::Blocking(Arc::new(block))
    }

    /// A function that can be awaited.
    pub fn awaited(wait: impl Fn() -> Wait + Send + Sync + 'static) -> Self {
        Self::Awaited(Arc::new(wait))
    }

    /// Calls it. The thread can do nothing else until it returns. What can be awaited gets
    /// an event loop of its own.
    ///
    /// # Errors
    ///
    /// If the function fails.
    ///
    /// # Panics
    ///
    /// If it is one to be awaited, on a thread that has an event loop already: tokio starts
    /// none inside another.
    pub fn block(&self) -> Answer {
        match self {
            Self::Blocking(block) => block(),
            Self::Awaited(wait) => {
                let runtime = Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(wait())
            }
        }
    }

    /// Awaits it if that can be done. What can only block does so, here as everywhere.
    ///
    /// # Errors
    ///
    /// If the function fails.
    pub async fn wait(&self) -> Answer {
        match self {
            Self::Blocking(block) => block(),
            Self::Awaited(wait) => wait().await,
        }
    }
}
