//! What the tasks of one job share, and the steps of a download.

use std::future::Future;
use std::panic;
use std::sync::Arc;
use std::time::Instant;

use flagrace_core::{Attempt, DownloadError, Failure, Job, Setup, Status, Subscription};
use reqwest::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::Client;

/// Permit for one request in flight; released on drop.
pub type Permit = OwnedSemaphorePermit;

/// One job under way: its client, its permits, and whether it is to stop. The steps of a
/// download are those of reqwest's client; the rest goes with any.
pub struct Session<C = Client> {
    job: Job,
    start: Instant,
    permits: Arc<Semaphore>,
    client: C,
    max_body: u64,
    cancelled: CancellationToken,
    _cancellation: Subscription,
}

impl<C> Session<C> {
    /// A session for a job that began at `start`.
    pub fn new(client: &C, setup: &Setup, job: &Job, start: Instant) -> Self
    where
        C: Clone,
    {
        let cancelled = CancellationToken::new();
        let token = cancelled.clone();
        Self {
            permits: Arc::new(Semaphore::new(setup.concurrency.min(job.items.len()))),
            job: job.clone(),
            start,
            client: client.clone(),
            max_body: setup.max_body,
            cancelled,
            _cancellation: job.cancel.on_cancel(move || token.cancel()),
        }
    }

    /// The job.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// When it began.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// The client.
    pub fn client(&self) -> &C {
        &self.client
    }

    /// Waits for a permit for one more request in flight, first come, first served.
    ///
    /// # Errors
    ///
    /// If the job is cancelled first.
    pub async fn permit(&self) -> Result<Permit, DownloadError> {
        let acquired = self.unless_cancelled(Arc::clone(&self.permits).acquire_owned());
        // A semaphore refuses only after `close`, and nobody else has this one.
        #[allow(clippy::expect_used)]
        Ok(acquired.await?.expect("the semaphore is never closed"))
    }

    /// Waits for a future, or for the job to be cancelled. A task can be cancelled
    /// wherever it waits: the future is dropped, and its connection with it.
    async fn unless_cancelled<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, DownloadError> {
        self.cancelled
            .run_until_cancelled(future)
            .await
            .ok_or_else(DownloadError::cancelled)
    }
}

impl Session {
    /// The body of a 200, whole.
    ///
    /// # Errors
    ///
    /// For every other status, if the server or the network fails, and if the job is
    /// cancelled first.
    pub async fn get(&self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        self.unless_cancelled(self.read(url, attempt)).await?
    }

    async fn read(&self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        let response = self.client.send(url, attempt).await;
        let mut response = response.map_err(|error| classify(Failure::Transport, &error))?;
        attempt.head_arrived();

        // The body is read whatever the status: a connection with an unread error page on
        // it is of no use to the next request.
        let status = Status::from_http(response.status().as_u16());
        let promised = response.content_length().unwrap_or(0);
        let mut body = Vec::with_capacity(promised.min(self.max_body) as usize);
        let read = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if (body.len() + chunk.len()) as u64 > self.max_body => {
                    let limit = format!("more than {} bytes", self.max_body);
                    break Err(DownloadError::failed(Failure::TooLarge, limit));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break Ok(body),
                Err(error) => break Err(classify(Failure::Truncated, &error)),
            }
        };
        status?;
        read
    }

    /// Saves off the event loop, which must not wait for a disk, *and waits until it is
    /// done*. A save that is only started is lost when the runtime ends before it: the
    /// flag would be reported as ok and not be there.
    ///
    /// # Errors
    ///
    /// If the store fails.
    ///
    /// # Panics
    ///
    /// If the store panics: its panic goes on here.
    pub async fn save(&self, name: String, image: Vec<u8>) -> Result<(), DownloadError> {
        let saved = if self.job.store.may_block() {
            let store = Arc::clone(&self.job.store);
            let saving = spawn_blocking(move || store.save(&name, image));
            match saving.await.map_err(JoinError::try_into_panic) {
                Ok(saved) => saved,
                Err(Ok(panicked)) => panic::resume_unwind(panicked),
                Err(Err(error)) => Err(error.into()),
            }
        } else {
            self.job.store.save(&name, image)
        };
        saved.map_err(|error| DownloadError::failed(Failure::Save, error))
    }
}

/// Where a client names the cause beyond doubt, that is the failure; otherwise it is the
/// phase in which it happened.
fn classify(phase: Failure, error: &Error) -> DownloadError {
    if error.is_timeout() {
        return Status::Failed(Failure::Timeout).into();
    }
    // reqwest wraps the cause in sentences about the URL, which the user knows.
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    DownloadError::failed(phase, cause)
}
