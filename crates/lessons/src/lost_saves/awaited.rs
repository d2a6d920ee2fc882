//! The cure: the save is awaited, and its result is looked at.
//!
//! Read this beside `forgotten_call.rs`: the same functions in the same order.

use std::io;
use std::sync::Arc;

use flagrace_core::{Attempt, DownloadError, Failure, Item, Outcome};
use flagrace_http_async::Session;
use tokio::task::{JoinHandle, spawn_blocking};

/// Downloads one flag, and has it saved.
pub(super) async fn download_one(session: &Session, item: Item) -> Outcome {
    let mut attempt = session.begin(item);
    let result = fetch_and_save(session, &mut attempt).await;
    attempt.end(result)
}

async fn fetch_and_save(session: &Session, attempt: &mut Attempt) -> Result<(), DownloadError> {
    let item = attempt.item();
    let image = session.get(&session.job().url(item), attempt).await?;
    attempt.image_read(image.len());
    // Only this task waits, and others have the event loop meanwhile. There are two ways to
    // fail: the save did not run to its end, or it did and could not save.
    let saved = save(session, session.job().file_name(item), image).await;
    let saved = saved.unwrap_or_else(|lost| Err(lost.into()));
    saved.map_err(|error| DownloadError::failed(Failure::Save, error))?;
    attempt.saved();
    Ok(())
}

/// Off the event loop, which must not wait for a disk.
fn save(session: &Session, name: String, image: Vec<u8>) -> JoinHandle<io::Result<()>> {
    let store = Arc::clone(&session.job().store);
    spawn_blocking(move || store.save(&name, image))
}
