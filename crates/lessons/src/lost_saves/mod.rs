//! A save that is started and never awaited.
//!
//! `forgotten_call.rs`, `forgotten_task.rs` and `awaited.rs` have the same functions in the
//! same order. What differs is who waits for the save:
//! `diff src/lost_saves/forgotten_call.rs src/lost_saves/awaited.rs`.
//!
//! What becomes of a forgotten save when the runtime is dropped is tokio's affair, and was
//! tried with tokio 1.54: a call that was handed to another thread is made, even if it still
//! stood in the queue, because `drop` waits for those threads and they empty the queue first;
//! a task is dropped where it stands. A program that ends without that, by
//! `process::exit`, by Ctrl-C or by a runtime shut down in the background, loses both.

mod awaited;
mod forgotten_call;
mod forgotten_task;

use std::sync::Arc;

use flagrace_core::{Job, JobError, Outcome, Report, Setup};
use flagrace_http_async::Session;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::EventLoop;

/// What becomes of the save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Save {
    /// A call on another thread, started and forgotten.
    ForgottenCall,
    /// A task, started and forgotten.
    ForgottenTask,
    /// A call on another thread, started and awaited.
    Awaited,
}

/// How many saves there are at a time, where tasks take care of that.
pub const SAVES_AT_A_TIME: usize = 2;

/// What is seen of a job.
pub struct Seen {
    /// What the engine reports.
    pub report: Report,
    /// How many files there are when it reports.
    pub files_then: usize,
    /// How many files there are when the runtime is gone.
    pub files_in_the_end: usize,
}

/// Downloads, counts the files, lets the runtime go, and counts the files again.
///
/// `end` says how the runtime goes: by `drop`, as at the end of `main` under
/// `#[tokio::main]`; or by [`EventLoop::shutdown_background`], which waits for nothing, as a program that
/// exits does.
///
/// # Errors
///
/// If the event loop cannot be built.
pub fn watch(
    save: Save,
    setup: &Setup,
    job: &Job,
    count_files: impl Fn() -> usize,
    end: impl FnOnce(EventLoop),
) -> Result<Seen, JobError> {
    let event_loop = EventLoop::new(setup)?;
    let report = download(save, &event_loop, job);
    let files_then = count_files();
    end(event_loop);
    Ok(Seen {
        report,
        files_then,
        files_in_the_end: count_files(),
    })
}

/// Downloads every flag of a job, all at once and without its metadata.
pub fn download(save: Save, event_loop: &EventLoop, job: &Job) -> Report {
    event_loop.run(job, |session| download_all(save, session))
}

async fn download_all(save: Save, session: Arc<Session>) -> Vec<Outcome> {
    let saving = Arc::new(Semaphore::new(SAVES_AT_A_TIME));
    let mut tasks = JoinSet::new();
    for &item in &*session.job().items {
        let (session, saving) = (Arc::clone(&session), Arc::clone(&saving));
        tasks.spawn(async move {
            match save {
                Save::ForgottenCall => forgotten_call::download_one(&session, item).await,
                Save::ForgottenTask => forgotten_task::download_one(&session, item, saving).await,
                Save::Awaited => awaited::download_one(&session, item).await,
            }
        });
    }
    tasks.join_all().await
}
