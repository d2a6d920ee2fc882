//! One job in progress, and the steps of a download.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Instant;

use flagrace_core::{Attempt, DownloadError, Failure, Item, Job, Status, Subscription, check_head};
use rayon::ThreadPool;
use reqwest::Error;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::client::{Client, cause};

/// One job in progress. Cancelling the job ends its requests.
pub struct Session {
    pub(crate) job: Job,
    pub(crate) start: Instant,
    pub(crate) client: Client,
    pub(crate) cancelled: CancellationToken,
    pub(crate) _cancellation: Subscription,
}

impl Session {
    /// The job.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Begins the download of an item.
    pub fn begin(&self, item: Item) -> Attempt {
        Attempt::begin(&self.job, self.start, item)
    }

    /// Requests a URL and returns the whole body of a 200. Any other status is an error, and so is a
    /// cancelled job.
    pub async fn get(&self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        if self.job.cancel.is_cancelled() {
            return Err(DownloadError::cancelled());
        }
        // Cancelling drops the request and its connection.
        let read = self.cancelled.run_until_cancelled(self.read(url, attempt));
        read.await.ok_or_else(DownloadError::cancelled)?
    }

    /// Computes where the client says, if the job asks for it, and returns the image.
    pub async fn compute(&self, image: Vec<u8>, attempt: &mut Attempt) -> Vec<u8> {
        let (compute, item) = (self.job.compute, attempt.item());
        if !compute.wants(item) {
            return image;
        }
        // The image moves to the thread that computes, and back. This must not panic: rayon would
        // end the program.
        let work = move || (compute.on(item, &image), image);
        let (result, image) = match &self.client.computing {
            Computing::InTask => work(),
            Computing::SpawnBlocking => {
                let computing = spawn_blocking(work).await;
                computing.unwrap_or_else(|panic| resume_unwind(panic.into_panic()))
            }
            Computing::Pool(pool) => {
                let (sender, receiver) = oneshot::channel();
                pool.spawn(move || drop(sender.send(work())));
                #[allow(clippy::expect_used)]
                receiver.await.expect("the pool runs what is spawned")
            }
        };
        attempt.computed(result);
        image
    }

    /// Saves on another thread if the store may block, *and waits for it*. A save that is only
    /// started is lost if the runtime ends first.
    pub async fn save(&self, name: String, image: Vec<u8>) -> Result<(), DownloadError> {
        let saved = if self.job.store.may_block() {
            let store = Arc::clone(&self.job.store);
            let saving = spawn_blocking(move || store.save(&name, image)).await;
            saving.unwrap_or_else(|panic| resume_unwind(panic.into_panic()))
        } else {
            self.job.store.save(&name, image)
        };
        saved.map_err(|error| DownloadError::failed(Failure::Save, error))
    }

    async fn read(&self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        let response = self.client.send(url, attempt).await;
        let mut response = response.map_err(|error| classify(Failure::Transport, &error))?;
        check_head(response.version(), response.headers())?;
        attempt.head_arrived();

        // Read the body whatever the status: with an unread error page, the connection cannot be
        // reused.
        let status = Status::from_http(response.status().as_u16());
        let max_body = self.client.setup.max_body;
        let promised = response.content_length().unwrap_or(0);
        let mut body = Vec::with_capacity(promised.min(max_body) as usize);
        let read = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if (body.len() + chunk.len()) as u64 > max_body => {
                    let limit = format!("more than {max_body} bytes");
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
}

/// Where to compute. A computation has no `await`, so cancelling does not end it, and the task
/// waits for it.
#[derive(Clone, Default)]
pub enum Computing {
    /// In the task, on the event loop: no other task of this thread runs until it ends.
    #[default]
    InTask,
    /// On a thread that tokio keeps for blocking calls.
    SpawnBlocking,
    /// On a pool for computing.
    Pool(Arc<ThreadPool>),
}

/// The cause, if the client reports it clearly; otherwise the phase in which the error happened.
fn classify(phase: Failure, error: &Error) -> DownloadError {
    if error.is_timeout() {
        return Status::Failed(Failure::Timeout).into();
    }
    if cause::<hyper::Error>(error).is_some_and(hyper::Error::is_parse_too_large) {
        return DownloadError::head_too_large();
    }
    // reqwest wraps the cause in a message about the URL.
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    DownloadError::failed(phase, cause)
}
