//! Workers as tasks: while a worker waits for a response, its thread runs another.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use flagrace_core::{Attempt, DownloadError, Failure, Outcome, Subscription, metadata};
use flume::{Receiver, Sender, unbounded};
use tokio::select;
use tokio::sync::Notify;
use tokio::task::{spawn, spawn_blocking};

use crate::http::Url;
use crate::nonblocking::Connection;
use crate::{Turn, Work, lock};

/// Starts the workers, lets them go when all run, and collects the outcomes.
pub async fn download_all(work: &Arc<Work<Connection>>) -> Vec<Outcome> {
    let (starting, started) = unbounded();
    let (working, worked) = unbounded();
    let (queue, queued) = unbounded();
    let mut workers = Vec::new();
    for _ in 0..work.workers() {
        let session = Session::new(work, &queued);
        let (starting, working) = (starting.clone(), working.clone());
        workers.push(spawn(worker(session, starting, working)));
    }
    // The channels close when every worker runs, and when none has an item left.
    drop((starting, working, queued));
    let _ = started.recv_async().await;
    let dispatcher = work.start(queue);
    let _ = worked.recv_async().await;
    work.end.open();
    // A panic propagates only after all workers have ended.
    let mut ended = Vec::new();
    for worker in workers {
        ended.push(worker.await);
    }
    let _ = dispatcher.map(JoinHandle::join);
    let ended = ended.into_iter();
    ended
        .flat_map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic.into_panic())))
        .collect()
}

/// Downloads one item after another until none is left.
async fn worker(mut session: Session, starting: Sender<()>, working: Sender<()>) -> Vec<Outcome> {
    let work = Arc::clone(&session.work);
    if work.warm {
        // If this request fails, so will the job's.
        let mut attempt = work.first_attempt();
        let url = work.job.url(attempt.item());
        let _ = session.get(&url, &mut attempt).await;
    }
    drop(starting);
    work.start.opened.wait().await;
    let mut outcomes = Vec::new();
    while let Some(turn) = session.next().await {
        let outcome;
        (session, outcome) = if work.per_request {
            let task = spawn(download_one(session, turn));
            task.await
                .unwrap_or_else(|panic| resume_unwind(panic.into_panic()))
        } else {
            download_one(session, turn).await
        };
        outcomes.push(outcome);
    }
    // Removes the hook before checking: a later cancellation finds no hook.
    drop(session.cancellation);
    if !work.job.cancel.is_cancelled() {
        lock(&work.idle).extend(session.connection);
    }
    drop(working);
    work.end.opened.wait().await;
    outcomes
}

/// Downloads one item, from the request to the store.
async fn download_one(mut session: Session, (item, due): Turn) -> (Session, Outcome) {
    let mut attempt = Attempt::begin(&session.work.job, session.work.start.time(), item);
    attempt.due(due);
    let result = fetch_and_save(&mut session, &mut attempt).await;
    let outcome = attempt.end(result);
    (session, outcome)
}

async fn fetch_and_save(session: &mut Session, attempt: &mut Attempt) -> Result<(), DownloadError> {
    let work = Arc::clone(&session.work);
    let (job, item) = (&work.job, attempt.item());
    let image = session.get(&job.url(item), attempt).await?;
    attempt.image_read(image.len());
    attempt.computed(job.compute.on(item, &image));

    let name = if let Some(url) = job.metadata_url(item) {
        let body = session.get(&url, attempt).await?;
        attempt.metadata_read();
        job.file_name_by_country(item, &metadata::country(&body)?)
    } else {
        job.file_name(item)
    };

    session.save(name, image).await?;
    attempt.saved();
    Ok(())
}

/// The state of one worker: its connection and its cancellation.
struct Session {
    work: Arc<Work<Connection>>,
    queue: Receiver<Turn>,
    connection: Option<Connection>,
    cancelled: Arc<Notify>,
    cancellation: Subscription,
}

impl Session {
    fn new(work: &Arc<Work<Connection>>, queue: &Receiver<Turn>) -> Self {
        let connection = lock(&work.idle).pop();
        let cancelled = Arc::new(Notify::new());
        let notify = Arc::clone(&cancelled);
        Self {
            work: Arc::clone(work),
            queue: queue.clone(),
            connection,
            cancelled,
            cancellation: work.job.cancel.on_cancel(move || notify.notify_one()),
        }
    }

    /// Takes the next item, in an open loop when it is due.
    async fn next(&self) -> Option<Turn> {
        match self.work.interval {
            Some(_) => self.queue.recv_async().await.ok(),
            None => self.work.next().map(|item| (item, None)),
        }
    }

    /// Requests a URL and returns the whole body of a 200.
    async fn get(&mut self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        if self.work.job.cancel.is_cancelled() {
            return Err(DownloadError::cancelled());
        }
        let cancelled = Arc::clone(&self.cancelled);
        // Cancelling drops the request and its connection.
        select! {
            response = self.send(url, attempt) => response,
            () = cancelled.notified() => Err(DownloadError::cancelled()),
        }
    }

    async fn send(&mut self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        let begun = Instant::now();
        let url = Url::parse(url)?;
        let idle = self.connection.take();
        let idle = idle.filter(|idle| idle.http.leads_to(&url));
        let is_idle = idle.is_some();
        let mut connection = match idle {
            Some(idle) => idle,
            None => self.open(&url).await?,
        };
        let mut read = connection.get(&url, begun, attempt).await;
        if is_idle && connection.http.died(&read) {
            attempt.resend();
            connection = self.open(&url).await?;
            read = connection.get(&url, begun, attempt).await;
        }
        let response = connection.http.finish(read);
        self.connection = Some(connection).filter(|one| one.http.can_be_kept());
        response
    }

    async fn open(&self, url: &Url<'_>) -> Result<Connection, DownloadError> {
        let opened = Connection::open(url, &self.work.setup).await;
        let connection = opened.map_err(|error| error.during(Failure::Transport))?;
        Ok(connection)
    }

    /// Saves on another thread if the store may block, and waits for it.
    async fn save(&self, name: String, image: Vec<u8>) -> Result<(), DownloadError> {
        let store = Arc::clone(&self.work.job.store);
        let saved = if store.may_block() {
            let saving = spawn_blocking(move || store.save(&name, image)).await;
            saving.unwrap_or_else(|panic| resume_unwind(panic.into_panic()))
        } else {
            store.save(&name, image)
        };
        saved.map_err(|error| DownloadError::failed(Failure::Save, error))
    }
}
