//! Numbers and limits of this process from the operating system. Code for one system is here and
//! nowhere else in this crate; numbers that only Linux reports are `None` elsewhere.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use flagrace_core::{Observer, Outcome};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike;
use serde::Serialize;

/// The resources that a process has used since it started, with all its threads.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cost {
    /// Processor time in the program's own code, in seconds.
    pub user_s: f64,
    /// Processor time in the kernel on behalf of the program, in seconds.
    pub system_s: f64,
    /// Voluntary context switches: a thread had to wait.
    pub voluntary_switches: u64,
    /// Involuntary context switches: the kernel preempted a thread.
    pub involuntary_switches: u64,
    /// Resident memory now, in KiB (`VmRSS`).
    pub resident_kib: Option<u64>,
    /// Peak resident memory, in KiB (`VmHWM`). Not `ru_maxrss`, which begins with the peak of the
    /// parent process.
    pub peak_resident_kib: Option<u64>,
    /// Peak reserved address space, in KiB (`VmPeak`): stacks count with their whole size.
    pub peak_reserved_kib: Option<u64>,
    /// OS threads now; for a download, when half of it was done.
    pub threads: Option<u64>,
}

impl Cost {
    /// The cost of this process so far.
    pub fn so_far() -> io::Result<Self> {
        Meter::open()?.read()
    }

    /// The processor time and switches since an earlier reading.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            user_s: self.user_s - before.user_s,
            system_s: self.system_s - before.system_s,
            voluntary_switches: self.voluntary_switches - before.voluntary_switches,
            involuntary_switches: self.involuntary_switches - before.involuntary_switches,
            ..*self
        }
    }

    /// The processor time and switches of this process, or of all children that have ended.
    pub(crate) fn of(who: UsageWho) -> io::Result<Self> {
        let usage = getrusage(who)?;
        let seconds = |time: nix::sys::time::TimeVal| time.num_microseconds() as f64 / 1e6;
        Ok(Self {
            user_s: seconds(usage.user_time()),
            system_s: seconds(usage.system_time()),
            voluntary_switches: usage.voluntary_context_switches().unsigned_abs(),
            involuntary_switches: usage.involuntary_context_switches().unsigned_abs(),
            ..Self::default()
        })
    }
}

/// Reads the cost of this process. Its file stays open, so that it works in a process that has run
/// out of file descriptors.
#[derive(Debug)]
pub struct Meter {
    #[cfg(target_os = "linux")]
    status: std::fs::File,
}

impl Meter {
    /// Opens the file in `/proc`.
    pub fn open() -> io::Result<Self> {
        Ok(Self {
            #[cfg(target_os = "linux")]
            status: std::fs::File::open("/proc/self/status")?,
        })
    }

    /// Reads the cost so far.
    pub fn read(&mut self) -> io::Result<Cost> {
        let cost = Cost::of(UsageWho::RUSAGE_SELF)?;
        #[cfg(target_os = "linux")]
        {
            use procfs::FromRead;

            // The kernel generates the content anew on each read from the beginning.
            io::Seek::rewind(&mut self.status)?;
            let status = procfs::process::Status::from_read(&self.status);
            let status = status.map_err(io::Error::other)?;
            Ok(Cost {
                resident_kib: status.vmrss,
                peak_resident_kib: status.vmhwm,
                peak_reserved_kib: status.vmpeak,
                threads: Some(status.threads),
                ..cost
            })
        }
        #[cfg(not(target_os = "linux"))]
        Ok(cost)
    }
}

/// Counts the threads when half of the items are done, or at the first if all start at once: at the
/// end of a job an engine may have none left.
#[derive(Debug)]
pub struct Halfway {
    left: AtomicUsize,
    meter: Mutex<Meter>,
    threads: AtomicU64,
}

impl Halfway {
    /// Counts during a job of this many items.
    pub fn new(items: usize, concurrency: usize) -> io::Result<Self> {
        let at = if items > concurrency { items / 2 } else { 1 };
        Ok(Self {
            left: AtomicUsize::new(at),
            meter: Mutex::new(Meter::open()?),
            threads: AtomicU64::new(0),
        })
    }

    /// The number of threads, if the system reports it.
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
            (self.threads).store(cost.threads.unwrap_or_default(), Ordering::Relaxed);
        }
    }
}

/// Memory of this process now, in bytes.
///
/// [`Cost`] reads per-core counters that the kernel adds up roughly. This walks the page tables,
/// which is exact and slow.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    /// Resident memory that was written to: stacks and the heap, not the program's code.
    pub written: u64,
    /// Page tables (`VmPTE`).
    pub page_tables: u64,
    /// Kernel stacks of threads, of *all* processes: the kernel does not separate them. On a busy
    /// machine only a large difference is meaningful.
    pub kernel_stacks: u64,
}

impl Footprint {
    /// Reads the current memory, on Linux only.
    pub fn now() -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            use procfs::{Current, Meminfo, process::Process};

            let read = || -> procfs::ProcResult<Self> {
                let process = Process::myself()?;
                let maps = process.smaps_rollup()?.memory_map_rollup;
                let written =
                    |map: &procfs::process::MemoryMap| map.extension.map.get("Anonymous").copied();
                Ok(Self {
                    written: maps.iter().filter_map(written).sum(),
                    page_tables: process.status()?.vmpte.unwrap_or_default() * 1024,
                    kernel_stacks: Meminfo::current()?.kernel_stack.unwrap_or_default(),
                })
            };
            read().map_err(io::Error::other)
        }
        #[cfg(not(target_os = "linux"))]
        Err(io::Error::other("only available on Linux"))
    }
}

/// Raises this process's limit of open files as far as the system allows. Each connection is an
/// open file, and the usual soft limit of 1,024 is below the largest concurrency.
///
/// If the system refuses, the limit stays: a run that fits within it still works.
pub fn raise_open_files() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}
