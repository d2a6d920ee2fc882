//! One flag, with blocking calls, from the request to the store.

use std::io::Read;

use flagrace_core::{Attempt, DownloadError, Failure, Job, Outcome, Status, metadata};
use ureq::Error;
use ureq::http::header::TRANSFER_ENCODING;

use crate::client::Session;
use crate::ending::Ending;

/// Downloads one flag. The thread that calls waits for every answer: while it does, it can
/// do nothing else. That is all there is to blocking I/O, and why it takes more threads to
/// wait for more than one answer.
pub fn download_one(session: &Session, job: &Job, mut attempt: Attempt) -> Outcome {
    let result = fetch_and_save(session, job, &mut attempt);
    attempt.end(result.map_err(|error| {
        // Cancelling closes the socket under a blocked read, which then fails with
        // whatever error a closed socket gives. What happened is that it was cancelled.
        match error.status {
            Status::Failed(Failure::Timeout | Failure::Transport | Failure::Truncated)
                if job.cancel.is_cancelled() =>
            {
                DownloadError::cancelled()
            }
            _ => error,
        }
    }))
}

fn fetch_and_save(
    session: &Session,
    job: &Job,
    attempt: &mut Attempt,
) -> Result<(), DownloadError> {
    let item = attempt.item();
    let image = get(session, &job.url(item), attempt)?;
    attempt.image_read(image.len());

    let name = if let Some(url) = job.metadata_url(item) {
        let body = get(session, &url, attempt)?;
        attempt.metadata_read();
        job.file_name_by_country(item, &metadata::country(&body)?)
    } else {
        job.file_name(item)
    };

    job.store
        .save(&name, image)
        .map_err(|error| DownloadError::failed(Failure::Save, error))?;
    attempt.saved();
    Ok(())
}

/// The body of a 200, whole.
fn get(session: &Session, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
    let response = session.send(url, attempt);
    let mut response = response.map_err(|error| classify(Failure::Transport, &error))?;
    attempt.head_arrived();

    // The body is read whatever the status: a connection with an unread error page on it
    // is of no use to the next request.
    let promised = response.body().content_length();
    let mut body = Vec::with_capacity(promised.unwrap_or(0).min(session.max_body) as usize);
    let mut codings = response.headers().get_all(TRANSFER_ENCODING).iter();
    let chunked = codings.any(|coding| coding.as_bytes().split(|&b| b == b',').any(is_chunked));
    let mut reader = response
        .body_mut()
        .with_config()
        .limit(session.max_body)
        .reader();
    let read = reader.read_to_end(&mut body).map_err(Error::from);
    Status::from_http(response.status().as_u16())?;
    match read {
        Ok(_) => Ok(body),
        // A body that is neither counted nor in chunks ends when the server closes the
        // connection. When the job is cancelled, it was not the server.
        Err(error)
            if Ending::of(&error).is_some_and(Ending::is_close)
                && !(promised.is_some() || chunked || session.is_cancelled()) =>
        {
            Ok(body)
        }
        Err(error) => Err(classify(Failure::Truncated, &error)),
    }
}

/// As ureq reads it: it takes a body for chunked if any of its codings is.
fn is_chunked(coding: &[u8]) -> bool {
    coding.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

/// Where a client names the cause beyond doubt, that is the failure; otherwise it is the
/// phase in which it happened.
fn classify(phase: Failure, error: &Error) -> DownloadError {
    let failure = match error {
        // Which limit it was is of no interest to the user.
        Error::Timeout(_) => return Status::Failed(Failure::Timeout).into(),
        Error::BodyExceedsLimit(_) => Failure::TooLarge,
        _ => phase,
    };
    DownloadError::failed(failure, error)
}
