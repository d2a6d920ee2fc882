//! A save that is started but never awaited.
//!
//! `forgotten_call`, `forgotten_task` and `awaited` differ in what waits for the save. As of tokio
//! 1.54, dropping the runtime waits for blocking calls, queued ones included, and drops tasks where
//! they are suspended. A program that ends without that, by `process::exit`, Ctrl-C or
//! [`EventLoop::shutdown_background`], loses both.

use std::io;
use std::sync::Arc;

use flagrace_core::{Attempt, DownloadError, Failure, Job, Report, Store};
use flagrace_http_async::Session;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};

use crate::EventLoop;

/// How many tasks may save at a time.
pub const SAVES_AT_A_TIME: usize = 2;

static PERMITS: Semaphore = Semaphore::const_new(SAVES_AT_A_TIME);

/// The mistake: the call runs on another thread, and the handle to its result is dropped.
///
/// Dropping the handle neither stops the call nor waits for it, and its error is lost. The compiler
/// warns of an `async fn` that is not awaited, because it never starts. This call does start.
async fn forgotten_call(store: Arc<dyn Store>, name: String, image: Vec<u8>) -> io::Result<()> {
    spawn_blocking(move || store.save(&name, image));
    Ok(())
}

/// The same mistake with a task, which needs one of a few permits to save.
///
/// Dropping the runtime drops the tasks that still wait for a permit.
async fn forgotten_task(store: Arc<dyn Store>, name: String, image: Vec<u8>) -> io::Result<()> {
    tokio::spawn(async move {
        let _permit = PERMITS.acquire().await.map_err(io::Error::other)?;
        spawn_blocking(move || store.save(&name, image)).await?
    });
    Ok(())
}

/// The fix: the task awaits the save, while other tasks use the thread.
async fn awaited(store: Arc<dyn Store>, name: String, image: Vec<u8>) -> io::Result<()> {
    spawn_blocking(move || store.save(&name, image)).await?
}

/// How a flag is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Save {
    /// A call on another thread, not awaited.
    ForgottenCall,
    /// A task, not awaited.
    ForgottenTask,
    /// A call on another thread, awaited.
    Awaited,
}

/// Downloads all flags of a job at once, without metadata.
pub fn download(save: Save, event_loop: &EventLoop, job: &Job) -> Report {
    event_loop.run(job, async |session| {
        let mut tasks = JoinSet::new();
        for &item in &*session.job().items {
            let session = Arc::clone(&session);
            tasks.spawn(async move {
                let mut attempt = session.begin(item);
                let result = fetch_and_save(&session, &mut attempt, save).await;
                attempt.end(result)
            });
        }
        tasks.join_all().await
    })
}

async fn fetch_and_save(
    session: &Session,
    attempt: &mut Attempt,
    save: Save,
) -> Result<(), DownloadError> {
    let (job, item) = (session.job(), attempt.item());
    let image = session.get(&job.url(item), attempt).await?;
    attempt.image_read(image.len());
    let (store, name) = (Arc::clone(&job.store), job.file_name(item));
    let saved = match save {
        Save::ForgottenCall => forgotten_call(store, name, image).await,
        Save::ForgottenTask => forgotten_task(store, name, image).await,
        Save::Awaited => awaited(store, name, image).await,
    };
    saved.map_err(|error| DownloadError::failed(Failure::Save, error))?;
    attempt.saved();
    Ok(())
}
