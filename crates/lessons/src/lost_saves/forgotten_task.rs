//! The same mistake with a task: it is started, nobody waits for it, and it can be dropped
//! wherever it awaits.
//!
//! Read this beside `forgotten_call.rs`: only `save` differs.

use std::io;
use std::sync::Arc;

use flagrace_core::{Attempt, DownloadError, Item, Outcome};
use flagrace_http_async::Session;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};

/// Downloads one flag, and has it saved.
pub(super) async fn download_one(session: &Session, item: Item, saving: Arc<Semaphore>) -> Outcome {
    let mut attempt = session.begin(item);
    let result = fetch_and_save(session, &mut attempt, saving).await;
    attempt.end(result)
}

async fn fetch_and_save(
    session: &Session,
    attempt: &mut Attempt,
    saving: Arc<Semaphore>,
) -> Result<(), DownloadError> {
    let item = attempt.item();
    let image = session.get(&session.job().url(item), attempt).await?;
    attempt.image_read(image.len());
    // The handle that `save` returns is dropped here, which stops nothing and waits for
    // nothing.
    save(session, saving, session.job().file_name(item), image);
    // Not true yet, and perhaps never.
    attempt.saved();
    Ok(())
}

/// A careful save: only a few at a time. When the runtime goes, it drops its tasks where
/// they stand. Those that stand at this semaphore have not saved anything, and never will.
fn save(
    session: &Session,
    saving: Arc<Semaphore>,
    name: String,
    image: Vec<u8>,
) -> JoinHandle<io::Result<()>> {
    let store = Arc::clone(&session.job().store);
    tokio::spawn(async move {
        let _permit = saving.acquire().await.map_err(io::Error::other)?;
        spawn_blocking(move || store.save(&name, image)).await?
    })
}
