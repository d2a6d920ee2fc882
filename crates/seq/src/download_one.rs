//! One flag, with blocking calls, from the request to the store.

use flagrace_core::{Attempt, DownloadError, Item, Outcome, metadata};
use flagrace_http_blocking::Session;

/// Downloads one flag. Each step blocks the thread.
pub fn download_one(session: &Session, item: Item) -> Outcome {
    let mut attempt = session.begin(item);
    let result = fetch_and_save(session, &mut attempt);
    attempt.end(result)
}

fn fetch_and_save(session: &Session, attempt: &mut Attempt) -> Result<(), DownloadError> {
    let job = session.job();
    let item = attempt.item();
    let image = session.get(&job.url(item), attempt)?;
    attempt.image_read(image.len());

    let name = if let Some(url) = job.metadata_url(item) {
        let body = session.get(&url, attempt)?;
        attempt.metadata_read();
        job.file_name_by_country(item, &metadata::country(&body)?)
    } else {
        job.file_name(item)
    };

    let image = session.compute(image, attempt);
    session.save(name, image)?;
    attempt.saved();
    Ok(())
}
