//! One flag, as a task, from the request to the store.

use flagrace_core::{Attempt, DownloadError, Item, Outcome, metadata};

use crate::{Permit, Session};

/// Downloads one flag. Wherever it says `await` the task may give its thread to another.
pub async fn download_one(session: &Session, item: Item, permit: Permit) -> Outcome {
    let mut attempt = Attempt::begin(session.job(), session.start(), item);
    let result = fetch_and_save(session, &mut attempt, permit).await;
    attempt.end(result)
}

async fn fetch_and_save(
    session: &Session,
    attempt: &mut Attempt,
    mut permit: Permit,
) -> Result<(), DownloadError> {
    let job = session.job();
    let item = attempt.item();
    let image = session.get(&job.url(item), attempt).await?;
    attempt.image_read(image.len());

    let name = if let Some(url) = job.metadata_url(item) {
        // Each request has a permit of its own: while this task waits for its second, the
        // first serves another.
        drop(permit);
        permit = session.permit().await?;
        let body = session.get(&url, attempt).await?;
        attempt.metadata_read();
        job.file_name_by_country(item, &metadata::country(&body)?)
    } else {
        job.file_name(item)
    };

    session.save(name, image).await?;
    attempt.saved();
    // Kept until here, so that no more flags wait to be saved than may be in flight.
    drop(permit);
    Ok(())
}
