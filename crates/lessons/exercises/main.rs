//! Checks the exercises of docs/LESSONS.md. Each is a file beside this one, with a gap.
//!
//! A check is ignored until its exercise is solved; `scripts/exercises` tries `solutions/`.

#![allow(clippy::unwrap_used)]

mod answer;
mod count;
mod cut;
mod save;
mod stop;
mod thaw;
mod your_engine;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{future, io, thread};

use flagrace_core::{CountryCode, Downloader, Job, JobError, Setup, Store};
use flagrace_http_blocking::Client;
use flagrace_server::{Delay, Profile, Server};
use tokio::runtime::Builder;
use tokio::task::yield_now;

/// Fails with what a student needs to know.
fn check(holds: bool, place: &str, expected: &str, happened: &str) {
    let place = format!("crates/lessons/exercises/{place} of docs/LESSONS.md");
    let text = format!("expected: {expected}\nhappened: {happened}\nlook at: {place}");
    assert!(holds, "\n\n{text}\n");
}

/// Checks the result of a future, that another task runs meanwhile, and that tokio starts at most
/// this many threads for blocking calls.
fn check_beside(place: &str, most: usize, right: usize, future: impl Future<Output = usize>) {
    let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let (starts, runs) = (Arc::clone(&counts), Arc::clone(&counts));
    let mut builder = Builder::new_current_thread();
    builder.on_thread_start(move || _ = starts[0].fetch_add(1, Relaxed));
    let runtime = builder.enable_time().build().unwrap();
    runtime.spawn(async move {
        loop {
            runs[1].fetch_add(1, Relaxed);
            yield_now().await;
        }
    });
    let result = runtime.block_on(future);
    let [threads, turns] = [0, 1].map(|one| counts[one].load(Relaxed));
    let expected = "another task runs at least 10 times meanwhile";
    let happened = format!("turns of the other task: {turns}");
    check(turns >= 10, place, expected, &happened);
    let happened = format!("threads started: {threads}");
    check(threads <= most, place, "no blocking thread", &happened);
    let [expected, happened] = [right, result].map(|one| format!("the result is {one}"));
    check(result == right, place, &expected, &happened);
}

#[tokio::test]
#[ignore = "exercise 1: cargo test -p flagrace-lessons --test exercises stop -- --ignored"]
async fn stop() {
    let owned = Arc::new(());
    let held = Arc::clone(&owned);
    let task = tokio::spawn(async move {
        future::pending::<()>().await;
        drop(held);
    });
    yield_now().await;
    // With these before it in the queue, the task does not end in the first round.
    (0..100).for_each(|_| drop(tokio::spawn(async {})));
    let happened = match tokio::time::timeout(Duration::from_secs(2), stop::stop(task)).await {
        Ok(()) => "`stop` returned, but the task still holds what it owns",
        Err(_) => "after 2 s `stop` still waits for a task that nothing stops",
    };
    let expected = "the task has ended when `stop` returns";
    let ended = Arc::strong_count(&owned) == 1;
    check(ended, "stop.rs, lesson 1", expected, happened);
}

#[test]
#[ignore = "exercise 2: cargo test -p flagrace-lessons --test exercises thaw -- --ignored"]
fn thaw() {
    let slow = thaw::slow(Duration::from_millis(50));
    check_beside("thaw.rs, lesson 2", 0, 42, slow);
}

#[test]
#[ignore = "exercise 3: cargo test -p flagrace-lessons --test exercises cut -- --ignored"]
fn cut() {
    let sum = cut::sum_of_squares(100_000);
    check_beside("cut.rs, lesson 3", 0, 333_328_333_350_000, sum);
}

/// Calls back with a body, or with an error: the country of DE and the image of JP are broken.
fn get(path: String, callback: impl FnOnce(Result<String, String>)) {
    let broken = ["DE.json", "JP.gif"].contains(&&*path);
    callback(if broken { Err(path) } else { Ok(path) });
}

#[test]
#[ignore = "exercise 4: cargo test -p flagrace-lessons --test exercises answer -- --ignored"]
fn answer() {
    let place = "answer.rs, lesson 5";
    let (jp, de) = (Err("JP.gif"), Err("DE.json"));
    for (code, expected) in [("BR", Ok("BR.gif of BR.json")), ("JP", jp), ("DE", de)] {
        let (done, outcome) = mpsc::channel();
        answer::download_one(code, move |result| done.send(result).unwrap());
        let happened = match outcome.try_recv() {
            Ok(result) => format!("{code} ended with {result:?}"),
            Err(_) => format!("`done` was not called for {code}"),
        };
        let expected = format!("{code} ended with {expected:?}");
        check(happened == expected, place, &expected, &happened);
    }
}

/// A disk that is busy until its channel is closed, and refuses AC.
struct Disk(Mutex<mpsc::Receiver<()>>);

impl Store for Disk {
    fn save(&self, name: &str, _: Vec<u8>) -> io::Result<()> {
        let busy = self.0.lock().unwrap().recv_timeout(Duration::from_secs(10));
        match (busy, name) {
            (Err(RecvTimeoutError::Timeout), _) => Err(io::Error::other("it blocks all tasks")),
            (_, "AC.gif") => Err(io::Error::other("refused")),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
#[ignore = "exercise 5: cargo test -p flagrace-lessons --test exercises save -- --ignored"]
async fn save() {
    let place = "save.rs, lesson 6";
    let (busy, disk) = mpsc::channel();
    let disk = Arc::new(Disk(Mutex::new(disk)));
    let save = |name: &str| save::save(disk.clone(), name.to_owned(), Vec::new());
    let saving = tokio::spawn(save("BR.gif"));
    yield_now().await;
    let when = ["free", "busy"][usize::from(saving.is_finished())];
    drop(busy);
    let saved = saving.await.unwrap();
    let happened = format!("`save` returned {saved:?} when the disk was {when}");
    let expected = "`save` returns Ok(()) when BR is on the disk";
    check(saved.is_ok() && when == "free", place, expected, &happened);
    let refused = save("AC.gif").await.is_err();
    let happened = "`save` returned Ok, but the disk refused AC";
    check(refused, place, "an error for AC", happened);
}

fn yours(setup: &Setup) -> Result<your_engine::YourEngine, JobError> {
    let concurrency = setup.concurrency;
    Client::new(setup).map(|client| your_engine::YourEngine {
        client,
        concurrency,
    })
}

#[cfg(feature = "exercise")]
flagrace_conformance::suite!(suite, yours, Reused);

#[test]
#[ignore = "exercise 6: cargo test -p flagrace-lessons --test exercises your_engine -- --ignored"]
fn your_engine() {
    let profile = Profile::delayed_by(Delay::fixed(Duration::from_millis(200)));
    let server = Server::start(profile.into()).unwrap();
    let job = Job::new(server.base_url(), CountryCode::popular());
    let engine = yours(&Setup::with_concurrency(5)).unwrap();
    let ok = engine.download_many(&job).unwrap().tally().ok;
    let most = server.stats().peak_in_flight;
    let happened = format!("{ok} flags, {most} at a time");
    let expected = "20 flags, 5 at a time";
    let place = "your_engine.rs, lesson 7";
    check(happened == expected, place, expected, &happened);
}

/// A library's computation: a sleep stands for it.
fn count_dark(image: &[u8]) -> usize {
    thread::sleep(Duration::from_millis(50));
    image.iter().filter(|&&pixel| pixel < 128).count()
}

#[test]
#[ignore = "exercise 7: cargo test -p flagrace-lessons --test exercises count -- --ignored"]
fn count() {
    check_beside("count.rs, lesson 9", 1, 2, count::count(vec![0, 255, 1]));
}
