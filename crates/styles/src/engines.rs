//! The engines: what is built once, and the synchronous `download_many` around it.

use flagrace_async::{EventLoop, download_all};
use flagrace_core::{Downloader, Job, JobError, Report, Setup};

use crate::{callback_list, callbacks, forgotten, futures};

/// Downloads flags by callbacks: closures inside closures.
pub struct Callbacks {
    event_loop: EventLoop,
}

impl Callbacks {
    /// An event loop on the thread that calls `download_many`.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let event_loop = EventLoop::current_thread(setup)?;
        Ok(Self { event_loop })
    }
}

impl Downloader for Callbacks {
    fn name(&self) -> &'static str {
        "callbacks"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        Ok(self.event_loop.run(job, |session| {
            callback_list::download_all(session, callbacks::save_by_country)
        }))
    }
}

/// Downloads flags by callbacks, and loses those whose metadata name no country.
///
/// An exhibit: it breaks the contract of [`Downloader`] on purpose. Its report is short of
/// these flags, and the observer hears them begin and never end.
pub struct Forgotten {
    event_loop: EventLoop,
}

impl Forgotten {
    /// An event loop on the thread that calls `download_many`.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let event_loop = EventLoop::current_thread(setup)?;
        Ok(Self { event_loop })
    }
}

impl Downloader for Forgotten {
    fn name(&self) -> &'static str {
        "callbacks-forgotten"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        // The callbacks of `Callbacks`, but for one level.
        Ok(self.event_loop.run(job, |session| {
            callback_list::download_all(session, forgotten::save_by_country)
        }))
    }
}

/// Downloads flags by futures, tied together by their combinators.
pub struct Futures {
    event_loop: EventLoop,
}

impl Futures {
    /// An event loop on the thread that calls `download_many`.
    ///
    /// # Errors
    ///
    /// If the runtime or the client cannot be built.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        let event_loop = EventLoop::current_thread(setup)?;
        Ok(Self { event_loop })
    }
}

impl Downloader for Futures {
    fn name(&self) -> &'static str {
        "futures"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        // The list is a task for each flag, as with `await`; only the task differs.
        Ok(self
            .event_loop
            .run(job, |session| download_all(session, futures::download_one)))
    }
}
