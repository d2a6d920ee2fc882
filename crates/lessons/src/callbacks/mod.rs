//! One download by callbacks and with `await`, and a mistake that only callbacks allow.
//!
//! `callbacks.rs` and `forgotten.rs` differ in one line; `awaited.rs` is the same download with
//! `await`. Each asks for the flag, asks for its metadata, and saves the flag under the name of
//! its country.

mod awaited;
#[expect(
    clippy::module_inception,
    reason = "the files are named as a reader looks for them"
)]
mod callbacks;
mod forgotten;
mod io;

use std::sync::Arc;

use flagrace_core::{Item, Job, Outcome, Report};
use flagrace_http_async::Session;
use tokio::sync::mpsc;

use crate::EventLoop;

use io::{Done, Io};

/// How one step comes after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A closure inside the closure before.
    Callbacks,
    /// The same, and one branch forgets to call back.
    Forgotten,
    /// The next line.
    Awaited,
}

/// Downloads every flag of a job, all at once.
pub fn download(style: Style, event_loop: &EventLoop, job: &Job) -> Report {
    event_loop.run(job, |session| download_all(style, session))
}

/// The outcomes of all flags that have one. A callback has nobody to return to, so each sends
/// its outcome, and the list ends when no callback is left that could.
async fn download_all(style: Style, session: Arc<Session>) -> Vec<Outcome> {
    let io = Io::new(session);
    let (outcomes, mut sent) = mpsc::unbounded_channel();
    for &item in &*io.session().job().items {
        let attempt = io.session().begin(item);
        let outcomes = outcomes.clone();
        // `sent` is there until all have been sent.
        let done: Done = Box::new(move |result| drop(outcomes.send(attempt.end(result))));
        begin(style, &io, item, done);
    }
    drop(outcomes);
    let mut all = Vec::new();
    while let Some(outcome) = sent.recv().await {
        all.push(outcome);
    }
    all
}

fn begin(style: Style, io: &Io, item: Item, done: Done) {
    match style {
        Style::Callbacks => callbacks::download_one(io, item, done),
        Style::Forgotten => forgotten::download_one(io, item, done),
        Style::Awaited => {
            let io = io.clone();
            tokio::spawn(async move { done(awaited::download_one(&io, item).await) });
        }
    }
}
