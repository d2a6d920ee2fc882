//! One flag, as a task, from the request to the store.

use flagrace_core::{Attempt, DownloadError, Item, Outcome, metadata};
use flagrace_http_async::Session;

/// Downloads one flag. At each `await` the task yields its thread to other tasks.
pub async fn download_one(session: &Session, item: Item) -> Outcome {
    let mut attempt = session.begin(item);
    let result = fetch_and_save(session, &mut attempt).await;
    attempt.end(result)
}

async fn fetch_and_save(session: &Session, attempt: &mut Attempt) -> Result<(), DownloadError> {
    let job = session.job();
    let item = attempt.item();
    let image = session.get(&job.url(item), attempt).await?;
    attempt.image_read(image.len());

    let name = if let Some(url) = job.metadata_url(item) {
        let body = session.get(&url, attempt).await?;
        attempt.metadata_read();
        job.file_name_by_country(item, &metadata::country(&body)?)
    } else {
        job.file_name(item)
    };

    let image = session.compute(image, attempt).await;
    session.save(name, image).await?;
    attempt.saved();
    Ok(())
}
