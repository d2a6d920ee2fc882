//! The contract of every engine, and the types that the engines share.
//!
//! An *engine* downloads many flags and reports what happened to each: it implements
//! [`Downloader`]. A [`Setup`] says what to build once (how many requests at a time, how long
//! to wait, how large a body may be), a [`Job`] says what to download. The result is a
//! [`Report`] with one [`Outcome`] per [`Item`], which is a flag or a URL of a list.
//!
//! # Layout
//!
//! - `downloader.rs`: the contract; `setup.rs` and `tls.rs`: what an engine is built with
//! - `job.rs`: what to download and who observes it; `origin.rs`: where the items are
//! - `attempt.rs`: the book-keeping of one download; `report.rs`: its result, and the job's
//! - `compute.rs`: computing on a body
//! - `store.rs`, `directory.rs`: where files are saved; `file_name.rs`: under which names
//! - `cancel.rs`: cancelling a job
//! - `code.rs`, `metadata.rs`: country codes, and what a server says about them
//!
//! # What it is not
//!
//! There is no HTTP client here, no thread, no async runtime, no terminal and no command
//! line. Nothing in this crate may favour one concurrency model over another.

mod attempt;
mod cancel;
mod code;
mod compute;
mod directory;
mod downloader;
pub mod file_name;
mod head;
mod job;
pub mod metadata;
mod origin;
mod report;
mod setup;
mod store;
pub mod tls;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use attempt::{Attempt, DownloadError};
pub use cancel::{Cancel, Subscription};
pub use code::{CodeError, CountryCode};
pub use compute::Compute;
pub use directory::Directory;
pub use downloader::{Downloader, JobError};
pub use head::{MAX_HEAD, MAX_HEADERS, check_head};
pub use job::{Item, Job, Observer};
pub use origin::{BaseUrl, Origin, OriginError, UrlList};
pub use report::{Failure, Outcome, Report, Status, Tally, Timing};
pub use setup::Setup;
pub use store::{Memory, Null, Store, saving_threads};
pub use tls::Tls;

/// Locks a mutex, also after a panic: what it guards is valid whenever a panic is possible.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
