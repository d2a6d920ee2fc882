//! What this process has used so far.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What this process has used since it started, all of its threads together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Processor time in the program's own code, in seconds.
    pub user_s: f64,
    /// Processor time in the kernel on the program's behalf, in seconds.
    pub system_s: f64,
    /// Switches of context because a thread had to wait.
    pub voluntary_switches: u64,
    /// Switches of context because a thread's time was up.
    pub involuntary_switches: u64,
    /// What is resident in memory now, in KiB (`VmRSS`). Linux only.
    pub resident_kib: Option<u64>,
    /// The most that was ever resident, in KiB (`VmHWM`). Not `ru_maxrss`, which begins
    /// with the peak of whatever process started this one. Linux only.
    pub peak_resident_kib: Option<u64>,
    /// The most addresses that were ever reserved, in KiB (`VmPeak`): every stack with its
    /// whole size, of which only what is touched becomes resident. Linux only.
    pub peak_reserved_kib: Option<u64>,
    /// OS threads at this moment; of a download, when half of it was done. Linux only.
    pub threads: Option<u64>,
}

/// The system would not say what this process has used.
#[derive(Debug, Error)]
#[error("cannot read what this process has used: {0}")]
pub struct CostError(String);

impl CostError {
    pub(crate) fn new(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// Reads what this process has used. It keeps open what it reads from: a process that has
/// used up its open files can still be asked what it cost to get there.
#[derive(Debug)]
pub struct Meter {
    #[cfg(target_os = "linux")]
    status: std::fs::File,
}

impl Meter {
    /// Opens what is read from.
    ///
    /// # Errors
    ///
    /// If the system does not tell.
    pub fn open() -> Result<Self, CostError> {
        Ok(Self {
            #[cfg(target_os = "linux")]
            status: std::fs::File::open("/proc/self/status").map_err(CostError::new)?,
        })
    }

    /// What this process has used so far.
    ///
    /// # Errors
    ///
    /// If the system does not tell.
    pub fn read(&mut self) -> Result<Cost, CostError> {
        let cost = Cost::of(UsageWho::RUSAGE_SELF).map_err(CostError::new)?;
        #[cfg(target_os = "linux")]
        let cost = self.with_status(cost)?;
        Ok(cost)
    }

    #[cfg(target_os = "linux")]
    fn with_status(&mut self, cost: Cost) -> Result<Cost, CostError> {
        use std::io::Seek;

        use procfs::FromRead;

        // Reading it from its beginning makes it anew.
        self.status.rewind().map_err(CostError::new)?;
        let status = procfs::process::Status::from_read(&self.status).map_err(CostError::new)?;
        Ok(Cost {
            resident_kib: status.vmrss,
            peak_resident_kib: status.vmhwm,
            peak_reserved_kib: status.vmpeak,
            threads: Some(status.threads),
            ..cost
        })
    }
}

impl Cost {
    /// What this process has used so far.
    ///
    /// # Errors
    ///
    /// If the system does not tell.
    pub fn so_far() -> Result<Self, CostError> {
        Meter::open()?.read()
    }

    /// What `getrusage` tells: processor time and switches.
    pub(crate) fn of(who: UsageWho) -> nix::Result<Self> {
        let usage = getrusage(who)?;
        let seconds = |time: nix::sys::time::TimeVal| time.num_microseconds() as f64 / 1e6;
        Ok(Self {
            user_s: seconds(usage.user_time()),
            system_s: seconds(usage.system_time()),
            voluntary_switches: usage.voluntary_context_switches().unsigned_abs(),
            involuntary_switches: usage.involuntary_context_switches().unsigned_abs(),
            resident_kib: None,
            peak_resident_kib: None,
            peak_reserved_kib: None,
            threads: None,
        })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_peak_stays_when_memory_is_given_back() {
        let before = Cost::so_far().unwrap();
        let large = vec![1u8; 64 << 20];
        std::hint::black_box(&large);
        drop(large);
        let after = Cost::so_far().unwrap();
        let grown = after.peak_resident_kib.unwrap() - before.peak_resident_kib.unwrap();
        assert!(grown > 60 << 10, "{grown} KiB");
        assert!(after.user_s + after.system_s > before.user_s + before.system_s);
    }
}
