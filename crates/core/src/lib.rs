//! The contract that every engine meets, and what all of them share.
//!
//! An *engine* downloads many flags and says what became of each: it implements
//! [`Downloader`]. Everything an engine needs to know stands in two structs. A [`Setup`]
//! says what to build once (how many flags at a time, how long to wait, how large a body
//! may be), and a [`Job`] says what to do (which flags, from where, into which
//! [`Store`], watched by which [`Observer`]). What comes back is a [`Report`] with one
//! [`Outcome`] per flag. In place of flags it may be a list of URLs: what an engine hands
//! around is an [`Item`], and it need not know which.
//!
//! # Layout
//!
//! - [`Downloader`], [`JobError`] (`downloader.rs`): the contract itself
//! - [`Setup`], [`Timeouts`], [`Tls`] (`setup.rs`, `tls.rs`) and [`Job`] (`job.rs`)
//! - [`Item`], one thing of a job; [`Origin`], where it is: below a [`BaseUrl`], or in a
//!   [`UrlList`], whose URLs get their file names from `url_name.rs`
//! - [`Attempt`] (`attempt.rs`): the book-keeping of one download, from start to outcome
//! - [`Status`], [`Failure`], [`Outcome`], [`Timing`], [`Report`], [`Tally`]: what became of it
//! - [`Store`]: a directory, memory, or nowhere; [`Observer`]: whoever watches
//! - [`Cancel`]: how a job is told to stop
//! - [`CountryCode`], [`Selection`], [`file_name`], [`metadata`]: the flags and their names
//!
//! # What it is not
//!
//! There is no HTTP client here, no thread, no async runtime, no terminal and no
//! command line. Nothing in this crate may favour one concurrency model over another.

mod attempt;
mod base_url;
mod cancel;
mod code;
mod downloader;
pub mod file_name;
mod item;
mod job;
pub mod metadata;
mod observer;
mod origin;
mod outcome;
mod report;
mod select;
mod setup;
mod status;
mod store;
pub mod tls;
mod url_list;
mod url_name;

pub use attempt::{Attempt, DownloadError};
pub use base_url::{BaseUrl, BaseUrlError};
pub use cancel::{Cancel, Subscription};
pub use code::{CodeError, CountryCode};
pub use downloader::{Downloader, JobError};
pub use item::Item;
pub use job::Job;
pub use observer::{NoObserver, Observer};
pub use origin::Origin;
pub use outcome::{Outcome, Timing};
pub use report::{Report, Tally};
pub use select::{POPULAR, SelectError, Selection};
pub use setup::{DEFAULT_CONCURRENCY, MAX_CONCURRENCY, Setup, Timeouts};
pub use status::{Failure, Status};
pub use store::{Directory, Memory, Null, Store, saving_threads};
pub use tls::Tls;
pub use url_list::{UrlList, UrlListError};
