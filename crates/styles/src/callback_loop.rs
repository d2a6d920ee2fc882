//! An event loop for callbacks, of the kind that node.js has.
//!
//! An operation returns at once. When it has ended, its callback waits in a queue, together
//! with the result; the loop takes callbacks out of the queue and runs them, one after
//! another and all on the same thread. It ends when the queue can never fill again.

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use flagrace_async::{Permit, Session};
use flagrace_core::{Attempt, Miss};
use futures_util::FutureExt;
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::owned;

/// What waits in the queue. Every step is another closure, so each is boxed, beside the
/// task that runs the step: with futures and `await` a flag as a whole is one task.
type Callback = Box<dyn FnOnce(&Io) + Send>;

/// What can be begun: each callback is handed it, to begin what comes next.
pub struct Io {
    session: Arc<Session>,
    queue: UnboundedSender<Callback>,
    pending: Cell<usize>,
}

/// Runs `first`, and then callbacks for as long as any operation is pending.
///
/// # Panics
///
/// If a callback or an operation panics, with the first such panic, and not before all
/// else is done.
pub async fn run(session: Session, first: impl FnOnce(&Io)) {
    let (queue, mut callbacks) = mpsc::unbounded_channel::<Callback>();
    let io = Io {
        session: Arc::new(session),
        queue,
        pending: Cell::new(0),
    };
    let mut panicked = None;

    first(&io);
    while io.pending.get() > 0
        && let Some(callback) = callbacks.recv().await
    {
        io.pending.set(io.pending.get() - 1);
        // A panic unwinds to whoever called. That is this loop, and not whoever began the
        // operation, who returned long ago: nobody on the stack knows which flag it was.
        // What the callback owned is dropped with it, so nothing is seen half changed.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| callback(&io))) {
            panicked.get_or_insert(payload);
        }
    }
    // Not before nothing is pending: a panic of one must not leave others at work.
    if let Some(payload) = panicked {
        resume_unwind(payload);
    }
}

impl Io {
    /// What the callbacks of the job share.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Waits for leave to have one more request in flight.
    pub fn permit(&self, callback: impl FnOnce(&Self, Result<Permit, Miss>) + Send + 'static) {
        self.begin(owned::permit(Arc::clone(&self.session)), callback);
    }

    /// Asks for the body of a 200. The attempt is lent for as long as it takes, and as
    /// nothing can be borrowed that long it is handed over and handed back.
    pub fn get(
        &self,
        url: String,
        attempt: Attempt,
        callback: impl FnOnce(&Self, Attempt, Result<Vec<u8>, Miss>) + Send + 'static,
    ) {
        let getting = owned::get(Arc::clone(&self.session), url, attempt);
        self.begin(getting, |io, (attempt, body)| callback(io, attempt, body));
    }

    /// Saves.
    pub fn save(
        &self,
        name: String,
        image: Vec<u8>,
        callback: impl FnOnce(&Self, Result<(), Miss>) + Send + 'static,
    ) {
        self.begin(
            owned::save(Arc::clone(&self.session), name, image),
            callback,
        );
    }

    /// Begins an operation, whose end puts its callback into the queue.
    fn begin<T: Send + 'static>(
        &self,
        operation: impl Future<Output = T> + Send + 'static,
        callback: impl FnOnce(&Self, T) + Send + 'static,
    ) {
        let queue = self.queue.clone();
        self.pending.set(self.pending.get() + 1);
        tokio::spawn(async move {
            let callback: Callback = match AssertUnwindSafe(operation).catch_unwind().await {
                Ok(result) => Box::new(move |io| callback(io, result)),
                // The callback has no parameter for this: all it can do is never to run.
                Err(payload) => {
                    drop(callback);
                    Box::new(move |_| resume_unwind(payload))
                }
            };
            // The loop is there for as long as this operation is pending.
            let _ = queue.send(callback);
        });
    }
}
