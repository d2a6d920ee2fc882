//! One flag, as a task, from the request to the store.

use std::future::Future;
use std::panic;
use std::sync::Arc;
use std::time::Instant;

use flagrace_core::{
    Attempt, CountryCode, Failure, Job, Miss, Outcome, Setup, Status, Subscription, file_name,
    metadata,
};
use reqwest::{Client, Error};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::{Permit, Permits};

/// What the tasks of one job share.
pub struct Session {
    pub(crate) job: Job,
    pub(crate) start: Instant,
    pub(crate) permits: Permits,
    client: Client,
    max_body: u64,
    cancelled: CancellationToken,
    _cancellation: Subscription,
}

impl Session {
    /// A session for a job that began at `start`.
    pub fn new(client: &Client, setup: &Setup, job: &Job, start: Instant) -> Self {
        let cancelled = CancellationToken::new();
        let token = cancelled.clone();
        Self {
            permits: Permits::new(setup.concurrency.min(job.codes.len())),
            job: job.clone(),
            start,
            client: client.clone(),
            max_body: setup.max_body,
            cancelled,
            _cancellation: job.cancel.on_cancel(move || token.cancel()),
        }
    }

    /// Waits for a future, or for the job to be cancelled. A task can be cancelled
    /// wherever it waits: the future is dropped, and its connection with it.
    pub(crate) async fn unless_cancelled<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, Miss> {
        self.cancelled
            .run_until_cancelled(future)
            .await
            .ok_or_else(Miss::cancelled)
    }
}

/// Downloads one flag. Wherever it says `await` the task may give its thread to another.
pub async fn download_one(session: &Session, code: CountryCode, permit: Permit) -> Outcome {
    let mut attempt = Attempt::begin(&session.job, session.start, code, permit.lane());
    let result = fetch_and_save(session, &mut attempt, permit).await;
    attempt.end(result)
}

async fn fetch_and_save(
    session: &Session,
    attempt: &mut Attempt<'_>,
    mut permit: Permit,
) -> Result<(), Miss> {
    let job = &session.job;
    let code = attempt.code();
    let image = get(session, &job.flag_url(code), attempt).await?;
    attempt.image_read(image.len());

    let name = if job.metadata {
        // Each request has a permit of its own: while this task waits for its second, the
        // first serves another.
        drop(permit);
        permit = session.unless_cancelled(session.permits.acquire()).await?;
        let body = get(session, &job.metadata_url(code), attempt).await?;
        attempt.metadata_read();
        file_name::with_country(&metadata::country(&body)?, code)
    } else {
        file_name::plain(code)
    };

    save(job, name, image).await?;
    attempt.saved();
    // Kept until here, so that no more flags wait to be saved than may be in flight.
    drop(permit);
    Ok(())
}

/// The body of a 200, whole, unless the job is cancelled first.
async fn get(session: &Session, url: &str, attempt: &mut Attempt<'_>) -> Result<Vec<u8>, Miss> {
    let body = read(session, url, attempt);
    session.unless_cancelled(body).await?
}

async fn read(session: &Session, url: &str, attempt: &mut Attempt<'_>) -> Result<Vec<u8>, Miss> {
    let response = session.client.get(url).send().await;
    let mut response = response.map_err(|error| miss(Failure::Transport, &error))?;
    attempt.head_arrived();

    // The body is read whatever the status: a connection with an unread error page on it
    // is of no use to the next request.
    let status = Status::from_http(response.status().as_u16());
    let promised = response.content_length().unwrap_or(0);
    let mut body = Vec::with_capacity(promised.min(session.max_body) as usize);
    let read = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if (body.len() + chunk.len()) as u64 > session.max_body => {
                let limit = format!("more than {} bytes", session.max_body);
                break Err(Miss::failed(Failure::TooLarge, limit));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break Ok(body),
            Err(error) => break Err(miss(Failure::Truncated, &error)),
        }
    };
    status?;
    read
}

/// Saves off the event loop, which must not wait for a disk, *and waits until it is done*.
/// A save that is only started is lost when the runtime ends before it: the flag would be
/// reported as ok and not be there.
async fn save(job: &Job, name: String, image: Vec<u8>) -> Result<(), Miss> {
    let saved = if job.store.may_block() {
        let store = Arc::clone(&job.store);
        let saving = spawn_blocking(move || store.save(&name, image));
        match saving.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(saved) => saved,
            Err(Ok(panicked)) => panic::resume_unwind(panicked),
            Err(Err(error)) => Err(error.into()),
        }
    } else {
        job.store.save(&name, image)
    };
    saved.map_err(|error| Miss::failed(Failure::Save, error))
}

/// Where a client names the cause beyond doubt, that is the failure; otherwise it is the
/// phase in which it happened.
fn miss(phase: Failure, error: &Error) -> Miss {
    let failure = if error.is_timeout() {
        Failure::Timeout
    } else {
        phase
    };
    // reqwest wraps the cause in sentences about the URL, which the user knows.
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Miss::failed(failure, cause)
}
