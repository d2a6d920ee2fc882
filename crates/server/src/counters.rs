//! The counters of the server.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use flagrace_core::CountryCode;
use hyper::StatusCode;
use serde::{Deserialize, Serialize};

/// Counters since the server's start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Accepted connections.
    pub connections_accepted: u64,
    /// Connections that are open now.
    pub connections_open: u64,
    /// Requests, except those for the counters.
    pub requests: u64,
    /// Requests in flight now.
    pub in_flight: u64,
    /// Maximum of `in_flight`.
    pub peak_in_flight: u64,
    /// Responses by status code, without truncated ones.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests for images by country code, whether or not the flag exists.
    pub by_code: BTreeMap<String, u64>,
}

/// Counters, shared by the server's threads.
///
/// A request is in flight from its parsed head until its response is handed to hyper. That is
/// before the response is sent, so a client with a limit of N is never counted with N + 1.
pub(crate) struct Counters {
    connections: AtomicU64,
    open: AtomicU64,
    requests: AtomicU64,
    in_flight: AtomicU64,
    peak: AtomicU64,
    by_status: [AtomicU64; 1000],
    /// From `AA` to `ZZ`.
    by_code: [AtomicU64; 26 * 26],
}

impl Counters {
    pub(crate) const fn new() -> Self {
        Self {
            connections: AtomicU64::new(0),
            open: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            by_status: [const { AtomicU64::new(0) }; 1000],
            by_code: [const { AtomicU64::new(0) }; 26 * 26],
        }
    }

    pub(crate) fn connection_accepted(&self) {
        self.connections.fetch_add(1, Relaxed);
        self.open.fetch_add(1, Relaxed);
    }

    pub(crate) fn connection_closed(&self) {
        self.open.fetch_sub(1, Relaxed);
    }

    /// Counts a request as in flight until the guard is dropped.
    pub(crate) fn request(&self) -> InFlight<'_> {
        self.requests.fetch_add(1, Relaxed);
        let number = self.in_flight.fetch_add(1, Relaxed) + 1;
        // Write only a new maximum, so that threads share the cache line.
        if number > self.peak.load(Relaxed) {
            self.peak.fetch_max(number, Relaxed);
        }
        InFlight {
            counters: self,
            number,
        }
    }

    pub(crate) fn image_requested(&self, code: CountryCode) {
        let [first, second] = [0, 1].map(|i| usize::from(code.as_str().as_bytes()[i] - b'A'));
        self.by_code[first * 26 + second].fetch_add(1, Relaxed);
    }

    pub(crate) fn answered(&self, status: StatusCode) {
        self.by_status[usize::from(status.as_u16())].fetch_add(1, Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        let codes = CountryCode::every().map(|code| code.to_string());
        Stats {
            connections_accepted: self.connections.load(Relaxed),
            connections_open: self.open.load(Relaxed),
            requests: self.requests.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            peak_in_flight: self.peak.load(Relaxed),
            by_status: non_zero((0..).zip(&self.by_status)),
            by_code: non_zero(codes.zip(&self.by_code)),
        }
    }

    /// Returns all and resets them, except what is open or in flight.
    pub(crate) fn take(&self) -> Stats {
        let stats = self.stats();
        self.connections.store(0, Relaxed);
        self.requests.store(0, Relaxed);
        self.peak.store(self.in_flight.load(Relaxed), Relaxed);
        for count in self.by_status.iter().chain(&self.by_code) {
            count.store(0, Relaxed);
        }
        stats
    }
}

fn non_zero<'a, K: Ord>(counts: impl Iterator<Item = (K, &'a AtomicU64)>) -> BTreeMap<K, u64> {
    let counts = counts.map(|(key, count)| (key, count.load(Relaxed)));
    counts.filter(|(_, count)| *count > 0).collect()
}

/// Guard for one request in flight.
pub(crate) struct InFlight<'a> {
    counters: &'a Counters,
    /// How many requests were in flight when this one began, itself included.
    pub(crate) number: u64,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.counters.in_flight.fetch_sub(1, Relaxed);
    }
}
