//! What the operating system tells about this process, and what it allows. Code for one system is
//! here and nowhere else in this crate; numbers that only Linux tells are `None` elsewhere.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use flagrace_core::{Observer, Outcome};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};

/// What a process has used since it started, all of its threads together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Processor time in the program's own code, in seconds.
    pub user_s: f64,
    /// Processor time in the kernel on the program's behalf, in seconds.
    pub system_s: f64,
    /// Context switches because a thread had to wait.
    pub voluntary_switches: u64,
    /// Context switches because the kernel preempted a thread.
    pub involuntary_switches: u64,
    /// Memory that is resident now, in KiB (`VmRSS`).
    pub resident_kib: Option<u64>,
    /// The most memory that was ever resident, in KiB (`VmHWM`). Not `ru_maxrss`, which begins
    /// with the peak of the parent process.
    pub peak_resident_kib: Option<u64>,
    /// The most address space that was ever reserved, in KiB (`VmPeak`): stacks count with their
    /// whole size.
    pub peak_reserved_kib: Option<u64>,
    /// OS threads now; of a download, when half of it was done.
    pub threads: Option<u64>,
}

impl Cost {
    /// What this process has used so far.
    pub fn so_far() -> io::Result<Self> {
        Meter::open()?.read()
    }

    /// What all children that have ended used, without memory.
    pub(crate) fn of_children() -> io::Result<Self> {
        Self::of(UsageWho::RUSAGE_CHILDREN)
    }

    /// Processor time and switches since an earlier reading.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            user_s: self.user_s - before.user_s,
            system_s: self.system_s - before.system_s,
            voluntary_switches: self.voluntary_switches - before.voluntary_switches,
            involuntary_switches: self.involuntary_switches - before.involuntary_switches,
            ..*self
        }
    }

    fn of(who: UsageWho) -> io::Result<Self> {
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

/// Reads what this process has used. Its file stays open, so that it works in a process that has
/// run out of file descriptors.
#[derive(Debug)]
pub struct Meter {
    #[cfg(target_os = "linux")]
    status: std::fs::File,
}

impl Meter {
    /// Opens the file that is read.
    pub fn open() -> io::Result<Self> {
        Ok(Self {
            #[cfg(target_os = "linux")]
            status: std::fs::File::open("/proc/self/status")?,
        })
    }

    /// What this process has used so far.
    pub fn read(&mut self) -> io::Result<Cost> {
        let cost = Cost::of(UsageWho::RUSAGE_SELF)?;
        #[cfg(target_os = "linux")]
        let cost = self.with_status(cost)?;
        Ok(cost)
    }

    #[cfg(target_os = "linux")]
    fn with_status(&mut self, cost: Cost) -> io::Result<Cost> {
        use procfs::FromRead;

        // The kernel writes it anew when it is read from its beginning.
        io::Seek::rewind(&mut self.status)?;
        let status = procfs::process::Status::from_read(&self.status).map_err(io::Error::other)?;
        Ok(Cost {
            resident_kib: status.vmrss,
            peak_resident_kib: status.vmhwm,
            peak_reserved_kib: status.vmpeak,
            threads: Some(status.threads),
            ..cost
        })
    }
}

/// Counts the threads when half of the items are done, or the first if all begin at once: at the
/// end of a job an engine may have none left.
#[derive(Debug)]
pub struct Halfway {
    left: AtomicUsize,
    meter: Mutex<Meter>,
    threads: AtomicU64,
}

impl Halfway {
    /// Counts during a job of so many items.
    pub fn new(items: usize, concurrency: usize) -> io::Result<Self> {
        let at = if items > concurrency { items / 2 } else { 1 };
        Ok(Self {
            left: AtomicUsize::new(at),
            meter: Mutex::new(Meter::open()?),
            threads: AtomicU64::new(0),
        })
    }

    /// How many there were, if the system told.
    pub fn threads(&self) -> Option<u64> {
        Some(self.threads.load(Ordering::Relaxed)).filter(|threads| *threads > 0)
    }
}

impl Observer for Halfway {
    fn finished(&self, _outcome: &Outcome) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1
            && let Ok(mut meter) = self.meter.lock()
            && let Ok(cost) = meter.read()
        {
            let threads = cost.threads.unwrap_or_default();
            self.threads.store(threads, Ordering::Relaxed);
        }
    }
}

/// Memory of this process now, in bytes.
///
/// [`Cost`] reads counters that the kernel keeps for each core and adds up roughly. This walks the
/// page tables, which is exact and slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Resident memory that was written to: stacks and the heap, not the program's code.
    pub written: u64,
    /// Page tables (`VmPTE`).
    pub page_tables: u64,
    /// Kernel stacks of threads, of *all* processes: the kernel does not tell them apart. On a
    /// busy machine only a large difference means anything.
    pub kernel_stacks: u64,
}

impl Footprint {
    /// Reads it; only Linux tells.
    #[cfg(target_os = "linux")]
    pub fn now() -> io::Result<Self> {
        use procfs::process::Process;
        use procfs::{Current, Meminfo};

        let read = || -> procfs::ProcResult<Self> {
            let process = Process::myself()?;
            let maps = process.smaps_rollup()?.memory_map_rollup;
            let written = maps
                .iter()
                .filter_map(|map| map.extension.map.get("Anonymous"));
            Ok(Self {
                written: written.sum(),
                page_tables: process.status()?.vmpte.unwrap_or_default() * 1024,
                kernel_stacks: Meminfo::current()?.kernel_stack.unwrap_or_default(),
            })
        };
        read().map_err(io::Error::other)
    }

    /// Reads it; only Linux tells.
    #[cfg(not(target_os = "linux"))]
    pub fn now() -> io::Result<Self> {
        Err(io::Error::other("only Linux tells"))
    }
}

/// Raises this process's limit of open files as far as the system allows. Each connection is an
/// open file, and the usual soft limit of 1,024 is less than the largest concurrency.
///
/// If the system refuses, the limit stays: a run that fits below it works.
pub fn raise_open_files() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// Runs a function on one core, with the threads that it starts: the last core that is usable, as
/// the first often serves the devices. Without Linux it runs on any core.
pub fn on_one_core<T>(run: impl FnOnce() -> T) -> io::Result<T> {
    #[cfg(target_os = "linux")]
    {
        use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
        use nix::unistd::Pid;

        let this_thread = Pid::from_raw(0);
        let usual = sched_getaffinity(this_thread)?;
        let is_usable = |core: &usize| usual.is_set(*core).unwrap_or(false);
        if let Some(core) = (0..CpuSet::count()).rev().find(is_usable) {
            let mut one = CpuSet::new();
            one.set(core)?;
            sched_setaffinity(this_thread, &one)?;
        }
        let result = run();
        sched_setaffinity(this_thread, &usual)?;
        Ok(result)
    }
    #[cfg(not(target_os = "linux"))]
    Ok(run())
}
