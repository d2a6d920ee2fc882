//! The model of `threads` with the client of `async`.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use flagrace_async::{EventLoop, Session, download_one};
use flagrace_core::{Attempt, Downloader, Item, Job, JobError, Outcome, Report, Setup, Store};
use flagrace_threads::{Pool, Shift, download_all};
use tokio::task::yield_now;

/// Downloads flags on a pool of OS threads, each with an event loop and a client of its
/// own.
///
/// The client is not shared either: a connection is driven by the event loop on which it
/// was made, so one thread's request on another's connection would wait for that thread.
pub struct ThreadsReqwest {
    pool: Pool<EventLoop>,
}

impl ThreadsReqwest {
    /// Builds as many event loops and clients as the setup's concurrency, and starts a
    /// thread for each.
    ///
    /// # Errors
    ///
    /// If a runtime or a client cannot be built, or the system refuses a thread.
    pub fn new(setup: &Setup) -> Result<Self, JobError> {
        Ok(Self {
            pool: Pool::start(setup.concurrency, || EventLoop::current_thread(setup))?,
        })
    }
}

impl Downloader for ThreadsReqwest {
    fn name(&self) -> &'static str {
        "threads-reqwest"
    }

    fn download_many(&self, job: &Job) -> Result<Report, JobError> {
        let start = Instant::now();
        let job = Job {
            store: Arc::new(OnThisThread(Arc::clone(&job.store))),
            ..job.clone()
        };
        let outcomes = download_all(&self.pool, &job, start, work);
        Ok(Report::new(outcomes, start.elapsed()))
    }
}

fn work(event_loop: &EventLoop, shift: &Shift) -> Vec<Outcome> {
    let session = event_loop.session(shift.job(), shift.start());
    // One flag at a time: the thread waits in `block_on` as `threads` waits in a read. A
    // cancelled job ends that wait, because the session waits for it as well.
    let outcomes = shift.each(|item| event_loop.block_on(download(&session, item)));
    // A request that was given up closes its connection when the event loop next runs,
    // which it does only inside `block_on`: without this turn, with the next job.
    event_loop.block_on(yield_now());
    outcomes
}

async fn download(session: &Session, item: Item) -> Outcome {
    // The permit is always there at once: nobody else has a part in this session.
    match session.permit().await {
        Ok(permit) => download_one(session, item, permit).await,
        Err(_) => Attempt::never_begun(session.job(), session.start(), item),
    }
}

/// A store that says it does not block, whether it does or not: the thread that saves has
/// nothing else to do, so it saves by itself, as every thread of `threads` does.
struct OnThisThread(Arc<dyn Store>);

impl Store for OnThisThread {
    fn save(&self, file_name: &str, body: Vec<u8>) -> io::Result<()> {
        self.0.save(file_name, body)
    }

    fn may_block(&self) -> bool {
        false
    }
}
