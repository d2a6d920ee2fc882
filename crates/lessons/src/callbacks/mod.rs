//! One download with callbacks and with `await`, and a forgotten callback.
//!
//! Each version requests the flag and its metadata, and saves the flag under the name of its
//! country. `nested.rs` and `forgotten.rs` differ in one line; `awaited.rs` cannot have that
//! mistake.

mod awaited;
mod forgotten;
mod nested;

use std::sync::Arc;

use flagrace_core::{DownloadError, Item, Job, Report};
use flagrace_http_async::Session;
use tokio::sync::mpsc;

use crate::EventLoop;

/// How one step follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As a closure inside the previous one.
    Callbacks,
    /// The same, with one callback forgotten.
    Forgotten,
    /// On the next line, with `await`.
    Awaited,
}

/// Downloads all flags of a job at once. A flag without a callback has no outcome.
pub fn download(style: Style, event_loop: &EventLoop, job: &Job) -> Report {
    event_loop.run(job, async |session| {
        let io = Io(session);
        let (outcomes, mut received) = mpsc::unbounded_channel();
        for &item in &*io.0.job().items {
            let attempt = io.0.begin(item);
            let outcomes = outcomes.clone();
            let done: Done = Box::new(move |result| drop(outcomes.send(attempt.end(result))));
            match style {
                Style::Callbacks => nested::download_one(&io, item, done),
                Style::Forgotten => forgotten::download_one(&io, item, done),
                Style::Awaited => {
                    let io = io.clone();
                    tokio::spawn(async move { done(awaited::download_one(&io, item).await) });
                }
            }
        }
        // The channel closes when the last callback has been called or dropped.
        drop(outcomes);
        let mut all = Vec::new();
        while received.recv_many(&mut all, 64).await > 0 {}
        all
    })
}

/// Called with the result of one flag. The compiler rejects a second call, but does not require a
/// first.
type Done = Box<dyn FnOnce(Result<(), DownloadError>) + Send>;

type Body = Result<Vec<u8>, DownloadError>;

/// The steps of a download, with `await` or with a callback. Closures cannot borrow it, so each has
/// a clone.
#[derive(Clone)]
struct Io(Arc<Session>);

impl Io {
    async fn image(&self, item: Item) -> Body {
        let url = self.0.job().url(item);
        self.0.get(&url, &mut self.0.begin(item)).await
    }

    async fn metadata(&self, item: Item) -> Body {
        let url = self.0.job().origin.metadata_url(item).unwrap_or_default();
        self.0.get(&url, &mut self.0.begin(item)).await
    }

    async fn save(&self, item: Item, country: String, image: Vec<u8>) -> Result<(), DownloadError> {
        let name = self.0.job().file_name_by_country(item, &country);
        self.0.save(name, image).await
    }

    fn get_image(&self, item: Item, callback: impl FnOnce(Body) + Send + 'static) {
        let io = self.clone();
        tokio::spawn(async move { callback(io.image(item).await) });
    }

    fn get_metadata(&self, item: Item, callback: impl FnOnce(Body) + Send + 'static) {
        let io = self.clone();
        tokio::spawn(async move { callback(io.metadata(item).await) });
    }

    fn save_then(&self, item: Item, country: String, image: Vec<u8>, callback: Done) {
        let io = self.clone();
        tokio::spawn(async move { callback(io.save(item, country, image).await) });
    }
}
