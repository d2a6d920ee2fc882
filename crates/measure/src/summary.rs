//! What a process that downloaded once tells of itself.

use std::time::Duration;

use flagrace_report::comparison::Percentiles;
use serde::{Deserialize, Serialize};

use crate::Cost;

/// What a process that downloaded once tells of itself, in one line: as much as a comparison
/// needs and no more, because writing it is within the time that is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The engine's name.
    pub engine: String,
    /// How many were downloaded and kept.
    pub ok: usize,
    /// How many were answered with 404.
    pub not_found: usize,
    /// How many failed.
    pub errors: usize,
    /// Why the first of those failed, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_error: Option<String>,
    /// The URLs of a list that were not downloaded, each with its status in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<(String, String)>,
    /// Requests that were sent once more, because an idle connection had died.
    #[serde(default)]
    pub resent: u64,
    /// Building the engine, in seconds.
    pub setup_s: f64,
    /// Downloading, in seconds.
    pub download_s: f64,
    /// From a flag's turn to its outcome.
    pub service_s: Percentiles,
    /// From the start of the job to a flag's turn.
    pub queue_s: Percentiles,
    /// What the process had used before the engine was built.
    pub idle: Cost,
    /// What it had used when everything was downloaded.
    pub done: Cost,
}

impl Summary {
    /// The summary that a process printed.
    ///
    /// # Errors
    ///
    /// If it printed something else.
    pub fn parse(printed: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(printed)
    }

    /// The summary as one line, without its end.
    ///
    /// # Errors
    ///
    /// Never for a summary of finite numbers.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// Percentiles of times by the nearest rank: the smallest of them that is no less than so
/// many in a hundred. 0 where there is none.
pub fn percentiles(mut times: Vec<Duration>) -> Percentiles {
    times.sort_unstable();
    let at = |share: f64| {
        let rank = (share * times.len() as f64).ceil() as usize;
        let time = times.get(rank.clamp(1, times.len().max(1)) - 1);
        time.map_or(0.0, Duration::as_secs_f64)
    };
    Percentiles {
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        max: at(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seconds: impl IntoIterator<Item = u64>) -> Percentiles {
        percentiles(seconds.into_iter().map(Duration::from_secs).collect())
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let hundred = of((1..=100).rev());
        let told = [hundred.p50, hundred.p90, hundred.p99, hundred.max];
        assert_eq!(told, [50.0, 90.0, 99.0, 100.0]);
        let twenty = of(1..=20);
        let told = [twenty.p50, twenty.p90, twenty.p99, twenty.max];
        assert_eq!(told, [10.0, 18.0, 20.0, 20.0]);
        assert_eq!(of([7]).p50, 7.0);
        assert_eq!(of([]).max, 0.0);
    }
}
