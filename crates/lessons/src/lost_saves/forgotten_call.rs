//! The mistake: a call that saves is started on another thread, and nobody waits for it.
//!
//! Read this beside `awaited.rs`: the same functions in the same order.

use std::io;
use std::sync::Arc;

use flagrace_core::{Attempt, DownloadError, Item, Outcome};
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
    // The handle that `save` returns is dropped here, which stops nothing and waits for
    // nothing: the call goes on by itself or, until a thread is free for it, stands in a
    // queue. How it ends nobody will know: its error is dropped too. An `async fn` that is
    // not awaited does not even begin, and the compiler warns of it. This begins, so there
    // is no warning.
    save(session, session.job().file_name(item), image);
    // Not true yet, and perhaps never.
    attempt.saved();
    Ok(())
}

/// Off the event loop, which must not wait for a disk.
fn save(session: &Session, name: String, image: Vec<u8>) -> JoinHandle<io::Result<()>> {
    let store = Arc::clone(&session.job().store);
    spawn_blocking(move || store.save(&name, image))
}
