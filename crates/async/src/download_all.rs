//! A task for each flag, and their outcomes gathered.

use std::future::Future;
use std::panic;
use std::sync::Arc;

use flagrace_core::{Attempt, Item, Outcome};
use tokio::task::{JoinError, JoinSet};

use crate::{Permit, Session};

/// Downloads every flag of the session's job, each as a task that `download_one` makes.
pub async fn download_all<C, F>(
    session: Session<C>,
    download_one: impl Fn(Arc<Session<C>>, Item, Permit) -> F,
) -> Vec<Outcome>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let session = Arc::new(session);
    let items = Arc::clone(&session.job().items);
    let mut results = Vec::with_capacity(items.len());
    let mut never_begun = Vec::new();
    let mut tasks = JoinSet::new();

    for &item in &*items {
        // The permit comes before the task, not inside it: a list of any length has no
        // more tasks than permits, and memory does not grow with the list.
        match session.permit().await {
            Ok(permit) => {
                tasks.spawn(download_one(Arc::clone(&session), item, permit));
            }
            Err(_) => never_begun.push(item),
        }
        while let Some(finished) = tasks.try_join_next() {
            results.push(finished);
        }
    }
    while let Some(finished) = tasks.join_next().await {
        results.push(finished);
    }
    // Not before all tasks are joined: a panic of one, or of the observer that hears of the
    // flags whose turn never came, must not leave others at work.
    let never_begun = never_begun.into_iter();
    let never_begun =
        never_begun.map(|item| Attempt::never_begun(session.job(), session.start(), item));
    results
        .into_iter()
        .map(outcome)
        .chain(never_begun)
        .collect()
}

/// A task that panicked hands its panic over where it is joined, like a thread.
fn outcome(finished: Result<Outcome, JoinError>) -> Outcome {
    finished.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panicked) => panic::resume_unwind(panicked),
        Err(error) => unreachable!("no task of this set is aborted: {error}"),
    })
}
