//! What only a server can know: how it was asked.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use flagrace_core::CountryCode;
use serde::{Deserialize, Serialize};

/// What a server has seen since it started, or since it was last reset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Connections accepted.
    pub connections_accepted: u64,
    /// Requests below `/flags`; the gallery and the counts themselves do not count.
    pub requests: u64,
    /// Requests under way at this moment.
    pub in_flight: u64,
    /// The most requests that were under way at one moment.
    pub peak_in_flight: u64,
    /// Processor time of the threads that accept and serve since they started, in seconds;
    /// absent where the system does not tell it by thread.
    pub cpu_seconds: Option<f64>,
    /// The same for each of these threads, always in the same order.
    #[serde(default)]
    pub cpu_seconds_by_thread: Vec<f64>,
    /// Requests by the HTTP status of the answer; a request that got none is not here.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests for an image, by country code, whether or not there is such a flag.
    pub by_code: BTreeMap<String, u64>,
}

/// One letter after another: `AA` is 0, `ZZ` is 675.
const CODES: usize = 26 * 26;

/// HTTP status codes run from 100 to 599.
const STATUSES: usize = 500;

/// The counts, which all of the server's threads share.
///
/// A request is in flight from its head being read until its answer is handed over to be
/// written. It leaves before its answer does, so a client that keeps to N at a time can
/// never be seen with N + 1.
#[derive(Debug)]
pub(crate) struct Counters {
    connections: AtomicU64,
    requests: AtomicU64,
    in_flight: AtomicU64,
    peak: AtomicU64,
    by_status: Box<[AtomicU64]>,
    by_code: Box<[AtomicU64]>,
    /// The `schedstat` file of each of the server's threads.
    threads: Mutex<Vec<String>>,
}

impl Default for Counters {
    fn default() -> Self {
        let zeros = |n| (0..n).map(|_| AtomicU64::new(0)).collect();
        Self {
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            by_status: zeros(STATUSES),
            by_code: zeros(CODES),
            threads: Mutex::default(),
        }
    }
}

impl Counters {
    pub(crate) fn connection_accepted(&self) {
        self.connections.fetch_add(1, Relaxed);
    }

    /// One more request is in flight, until the guard is dropped.
    pub(crate) fn request(&self) -> InFlight<'_> {
        self.requests.fetch_add(1, Relaxed);
        let now = self.in_flight.fetch_add(1, Relaxed) + 1;
        // Only a new record writes: the shared line stays clean for the other threads.
        if now > self.peak.load(Relaxed) {
            self.peak.fetch_max(now, Relaxed);
        }
        InFlight {
            counters: self,
            number: now,
        }
    }

    pub(crate) fn image_asked(&self, code: CountryCode) {
        self.by_code[index(code)].fetch_add(1, Relaxed);
    }

    pub(crate) fn answered(&self, status: u16) {
        if let Some(count) = self.by_status.get(usize::from(status).wrapping_sub(100)) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// The thread that calls is one of the server's.
    pub(crate) fn add_this_thread(&self) {
        if let Ok(thread) = fs::read_link("/proc/thread-self") {
            self.threads()
                .push(format!("/proc/{}/schedstat", thread.display()));
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let by_code = CountryCode::every()
            .map(|code| (code.to_string(), self.by_code[index(code)].load(Relaxed)));
        let by_status = (100..)
            .zip(&self.by_status)
            .map(|(status, count)| (status, count.load(Relaxed)));
        let by_thread = self.cpu_seconds_by_thread().unwrap_or_default();
        Stats {
            connections_accepted: self.connections.load(Relaxed),
            requests: self.requests.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            peak_in_flight: self.peak.load(Relaxed),
            cpu_seconds: (!by_thread.is_empty()).then(|| by_thread.iter().sum()),
            cpu_seconds_by_thread: by_thread,
            by_status: by_status.filter(|(_, count)| *count > 0).collect(),
            by_code: by_code.filter(|(_, count)| *count > 0).collect(),
        }
    }

    /// Back to nothing, but for the processor time and what is in flight.
    pub(crate) fn reset(&self) {
        self.connections.store(0, Relaxed);
        self.requests.store(0, Relaxed);
        self.peak.store(self.in_flight.load(Relaxed), Relaxed);
        for count in self.by_status.iter().chain(&self.by_code) {
            count.store(0, Relaxed);
        }
    }

    /// The first number in `schedstat` is the thread's time on a processor in nanoseconds
    /// (Linux, Documentation/scheduler/sched-stats.rst). `getrusage` would count the whole
    /// process, and in a test the clients live there too.
    fn cpu_seconds_by_thread(&self) -> Option<Vec<f64>> {
        let of = |path: &String| {
            let text = fs::read_to_string(path).ok()?;
            let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
            Some(nanoseconds as f64 / 1e9)
        };
        let all: Vec<f64> = self.threads().iter().map(of).collect::<Option<_>>()?;
        all.iter().any(|seconds| *seconds > 0.0).then_some(all)
    }

    fn threads(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn index(code: CountryCode) -> usize {
    let [first, second] = [0, 1].map(|i| usize::from(code.as_str().as_bytes()[i] - b'A'));
    first * 26 + second
}

/// A request in flight.
pub(crate) struct InFlight<'a> {
    counters: &'a Counters,
    number: u64,
}

impl InFlight<'_> {
    /// How many were in flight when this one began, itself included.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.counters.in_flight.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_the_most_at_one_moment() {
        let counters = Counters::default();
        let first = counters.request();
        drop(counters.request());
        drop(counters.request());
        drop(first);
        let stats = counters.stats();
        assert_eq!(
            (stats.requests, stats.peak_in_flight, stats.in_flight),
            (3, 2, 0)
        );
    }

    #[test]
    fn each_code_has_a_count_of_its_own() {
        let counters = Counters::default();
        CountryCode::every().for_each(|code| counters.image_asked(code));
        let by_code = counters.stats().by_code;
        assert_eq!(by_code.len(), 676);
        assert!(by_code.values().all(|&count| count == 1));
        counters.reset();
        assert!(counters.stats().by_code.is_empty());
    }
}
