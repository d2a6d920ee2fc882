//! Workers as threads: while a worker waits for a response, its thread does nothing else.

use std::net::Shutdown;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use flagrace_core::{Attempt, DownloadError, Failure, Outcome, Subscription, metadata};
use flume::{Receiver, Sender, unbounded};

use crate::blocking::Connection;
use crate::http::Url;
use crate::{Turn, Work, lock};

/// Starts the workers, lets them go when all run, and collects the outcomes.
pub fn download_all(work: &Arc<Work<Connection>>) -> Vec<Outcome> {
    let (starting, started) = unbounded();
    let (working, worked) = unbounded();
    let (queue, queued) = unbounded();
    let mut workers = Vec::new();
    for _ in 0..work.workers() {
        let session = Session::new(work, &queued);
        let (starting, working) = (starting.clone(), working.clone());
        workers.extend(work.spawn(move || worker(session, starting, working)));
    }
    // The channels close when every worker runs, and when none has an item left.
    drop((starting, working, queued));
    let _ = started.recv();
    let dispatcher = work.start(queue);
    let _ = worked.recv();
    work.end.open();
    // A panic propagates only after all workers have ended.
    let mut ended = Vec::new();
    for worker in workers {
        ended.push(worker.join());
    }
    let _ = dispatcher.map(JoinHandle::join);
    let ended = ended.into_iter();
    ended
        .flat_map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic)))
        .collect()
}

/// Downloads one item after another until none is left.
fn worker(mut session: Session, starting: Sender<()>, working: Sender<()>) -> Vec<Outcome> {
    let work = Arc::clone(&session.work);
    if work.warm {
        // If this request fails, so will the job's.
        let mut attempt = work.first_attempt();
        let url = work.job.url(attempt.item());
        let _ = session.get(&url, &mut attempt);
    }
    drop(starting);
    work.start.at.wait();
    let mut outcomes = Vec::new();
    while let Some(turn) = session.next() {
        let outcome;
        (session, outcome) = if work.per_request {
            let child = work.spawn(move || download_one(session, turn));
            let Some(child) = child else { return outcomes };
            child.join().unwrap_or_else(|panic| resume_unwind(panic))
        } else {
            download_one(session, turn)
        };
        outcomes.push(outcome);
    }
    // Removes the hook before checking: a later cancellation finds no hook.
    drop(session.cancellation);
    if !work.job.cancel.is_cancelled() {
        lock(&work.idle).extend(session.connection);
    }
    drop(working);
    work.end.at.wait();
    outcomes
}

/// Downloads one item, from the request to the store.
fn download_one(mut session: Session, (item, due): Turn) -> (Session, Outcome) {
    let mut attempt = Attempt::begin(&session.work.job, session.work.start.time(), item);
    attempt.due(due);
    let result = fetch_and_save(&mut session, &mut attempt);
    let outcome = attempt.end(result);
    (session, outcome)
}

fn fetch_and_save(session: &mut Session, attempt: &mut Attempt) -> Result<(), DownloadError> {
    let work = Arc::clone(&session.work);
    let (job, item) = (&work.job, attempt.item());
    let image = session.get(&job.url(item), attempt)?;
    attempt.image_read(image.len());
    attempt.computed(job.compute.on(item, &image));

    let name = if let Some(url) = job.metadata_url(item) {
        let body = session.get(&url, attempt)?;
        attempt.metadata_read();
        job.file_name_by_country(item, &metadata::country(&body)?)
    } else {
        job.file_name(item)
    };

    session.save(name, image)?;
    attempt.saved();
    Ok(())
}

/// The state of one worker: its connection and its cancellation.
struct Session {
    work: Arc<Work<Connection>>,
    queue: Receiver<Turn>,
    connection: Option<Connection>,
    cancellation: Option<Subscription>,
}

impl Session {
    fn new(work: &Arc<Work<Connection>>, queue: &Receiver<Turn>) -> Self {
        let connection = lock(&work.idle).pop();
        let shut_down = |connection| shut_down_on_cancel(work, connection);
        Self {
            work: Arc::clone(work),
            queue: queue.clone(),
            cancellation: connection.as_ref().map(shut_down),
            connection,
        }
    }

    /// Takes the next item, in an open loop when it is due.
    fn next(&self) -> Option<Turn> {
        match self.work.interval {
            Some(_) => self.queue.recv().ok(),
            None => self.work.next().map(|item| (item, None)),
        }
    }

    /// Requests a URL and returns the whole body of a 200.
    fn get(&mut self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        if self.work.job.cancel.is_cancelled() {
            return Err(DownloadError::cancelled());
        }
        let response = self.send(url, attempt);
        // After a shutdown of the socket, a read looks like a close by the server.
        match self.work.job.cancel.is_cancelled() {
            true => Err(DownloadError::cancelled()),
            false => response,
        }
    }

    fn send(&mut self, url: &str, attempt: &mut Attempt) -> Result<Vec<u8>, DownloadError> {
        let begun = Instant::now();
        let url = Url::parse(url)?;
        let idle = self.connection.take();
        let idle = idle.filter(|idle| idle.http.leads_to(&url));
        let is_idle = idle.is_some();
        let mut connection = match idle {
            Some(idle) => idle,
            None => self.open(&url)?,
        };
        let mut read = connection.get(&url, begun, attempt);
        if is_idle && connection.http.died(&read) && !self.work.job.cancel.is_cancelled() {
            attempt.resend();
            connection = self.open(&url)?;
            read = connection.get(&url, begun, attempt);
        }
        let response = connection.http.finish(read);
        self.connection = Some(connection).filter(|one| one.http.can_be_kept());
        response
    }

    fn open(&mut self, url: &Url<'_>) -> Result<Connection, DownloadError> {
        let opened = Connection::open(url, &self.work.setup);
        let connection = opened.map_err(|error| error.during(Failure::Transport))?;
        self.cancellation = Some(shut_down_on_cancel(&self.work, &connection));
        Ok(connection)
    }

    /// Saves, and waits until it is done.
    fn save(&self, name: String, image: Vec<u8>) -> Result<(), DownloadError> {
        let saved = self.work.job.store.save(&name, image);
        saved.map_err(|error| DownloadError::failed(Failure::Save, error))
    }
}

/// A blocked thread cannot check a flag: only shutting down its socket ends the read.
fn shut_down_on_cancel(work: &Work<Connection>, connection: &Connection) -> Subscription {
    let stream = Arc::clone(&connection.stream);
    work.job.cancel.on_cancel(move || {
        let _ = stream.shutdown(Shutdown::Both);
    })
}
