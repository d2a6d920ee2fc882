//! One job in progress, and the steps of a download.

use std::io::Read;
use std::time::{Duration, Instant};

use flagrace_core::{
    Attempt, DownloadError, Failure, Item, Job, Status, Subscription, check_head, lock,
};
use ureq::http::Response;
use ureq::http::header::TRANSFER_ENCODING;
use ureq::{Agent, Body, Error};

use crate::client::Agents;
use crate::ending::Ending;

/// One job in progress. Cancelling the job ends its requests.
pub struct Session {
    pub(crate) job: Job,
    pub(crate) start: Instant,
    pub(crate) agent: Agent,
    pub(crate) agents: Agents,
    pub(crate) cancellation: Option<Subscription>,
    pub(crate) max_body: u64,
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
    pub fn get(&self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        if self.job.cancel.is_cancelled() {
            return Err(DownloadError::cancelled());
        }
        self.read(url, attempt).map_err(|error| match error.status {
            // Cancelling closes the socket, so the blocked read fails with some error.
            Status::Failed(Failure::Timeout | Failure::Transport | Failure::Truncated)
                if self.job.cancel.is_cancelled() =>
            {
                DownloadError::cancelled()
            }
            _ => error,
        })
    }

    /// Computes on the calling thread, if the job asks for it, and returns the image.
    pub fn compute(&self, image: Vec<u8>, attempt: &mut Attempt) -> Vec<u8> {
        attempt.computed(self.job.compute.on(attempt.item(), &image));
        image
    }

    /// Saves on the calling thread.
    pub fn save(&self, name: String, image: Vec<u8>) -> Result<(), DownloadError> {
        let saved = self.job.store.save(&name, image);
        saved.map_err(|error| DownloadError::failed(Failure::Save, error))
    }

    fn read(&self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        let response = self.send(url, attempt);
        let mut response = response.map_err(|error| classify(Failure::Transport, &error))?;
        check_head(response.version(), response.headers())?;
        attempt.head_arrived();

        // Read the body whatever the status: with an unread error page, the connection cannot be
        // reused.
        let status = Status::from_http(response.status().as_u16());
        let promised = response.body().content_length();
        let mut body = Vec::with_capacity(promised.unwrap_or(0).min(self.max_body) as usize);
        let has_end = promised.is_some() || response.headers().contains_key(TRANSFER_ENCODING);
        let mut reader = response
            .body_mut()
            .with_config()
            .limit(self.max_body)
            .reader();
        let read = reader.read_to_end(&mut body).map_err(Error::from);
        status?;
        match read {
            Ok(_) => Ok(body),
            Err(error) => {
                let closed = Ending::of(&error).is_some_and(|ending| ending.is_close);
                // A body with neither a length nor chunks ends when the connection closes, but
                // cancelling closes it too.
                match closed && !has_end && !self.job.cancel.is_cancelled() {
                    true => Ok(body),
                    false => Err(classify(Failure::Truncated, &error)),
                }
            }
        }
    }

    /// Sends a request and returns the response head. If its idle connection was dead, the request
    /// is resent once, on a new connection (RFC 9112, 9.3.1).
    fn send(&self, url: &str, attempt: &mut Attempt) -> Result<Response<Body>, Error> {
        let begun = Instant::now();
        let response = self.agent.get(url).call();
        let ending = response.as_ref().err().and_then(Ending::of);
        if !ending.is_some_and(|ending| ending.reused) || self.job.cancel.is_cancelled() {
            return response;
        }
        attempt.resend();
        let request = self.agent.get(url).config();
        // Other idle connections may be dead too.
        let request = request.max_idle_age(Duration::ZERO);
        let limit = self.agent.config().timeouts().global;
        let left = limit.map(|limit| limit.saturating_sub(begun.elapsed()));
        request.timeout_global(left).build().call()
    }
}

/// Returns the agent to the pool, with its connections for the next job.
impl Drop for Session {
    fn drop(&mut self) {
        // Remove the hook before checking: a later cancellation finds no hook, and an earlier one
        // has shut the agent down, or is about to.
        self.cancellation = None;
        if !self.job.cancel.is_cancelled() {
            lock(&self.agents).push(self.agent.clone());
        }
    }
}

/// The cause, if the client reports it clearly; otherwise the phase in which the error happened.
fn classify(phase: Failure, error: &Error) -> DownloadError {
    let failure = match error {
        Error::Timeout(_) => return Status::Failed(Failure::Timeout).into(),
        Error::BodyExceedsLimit(_) => Failure::TooLarge,
        Error::LargeResponseHeader(..) => return DownloadError::head_too_large(),
        // More than 128. ureq does not export the type of this error.
        Error::Protocol(why) if why.to_string().ends_with("too many headers") => {
            return DownloadError::head_too_large();
        }
        _ => phase,
    };
    DownloadError::failed(failure, error)
}
