//! Numbers and limits of this process from the operating system. Code for one system is here and
//! nowhere else in this crate; numbers that only Linux reports are `None` elsewhere.

use std::fs;
use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use flagrace_core::{Item, JobError, Observer, Outcome};
use flagrace_report::data::Sample;
#[cfg(target_os = "linux")]
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike;
#[cfg(target_os = "linux")]
use nix::unistd::Pid;
use serde::Serialize;

#[cfg(not(target_os = "linux"))]
const ONLY_LINUX: &str = "only available on Linux";

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
    /// OS threads now; for a download, when half of it was done.
    pub threads: Option<u64>,
}

impl Cost {
    /// The cost of this process so far.
    pub fn so_far() -> io::Result<Self> {
        Meter::open()?.read()
    }

    /// The processor time, memory and threads of a running process, on Linux only.
    pub fn of_process(process: u32) -> Option<Self> {
        #[cfg(target_os = "linux")]
        {
            let process: i32 = process.try_into().ok()?;
            // Its clock is exact, and its time in the kernel coarse.
            let clock = nix::time::clock_getcpuclockid(Pid::from_raw(process)).ok()?;
            let exact_s = std::time::Duration::from(clock.now().ok()?).as_secs_f64();
            let process = procfs::process::Process::new(process).ok()?;
            let (stat, status) = (process.stat().ok()?, process.status().ok()?);
            let system_s = stat.stime as f64 / procfs::ticks_per_second() as f64;
            Some(Self {
                user_s: exact_s - system_s,
                system_s,
                resident_kib: status.vmrss,
                // One that has ended, and is not yet waited for, has none.
                peak_resident_kib: Some(status.vmhwm?),
                threads: Some(status.threads),
                ..Self::default()
            })
        }
        #[cfg(not(target_os = "linux"))]
        Some(process).and(None)
    }

    /// The processor time and switches since an earlier reading, by the keys of their metrics.
    pub(crate) fn since(&self, before: &Self) -> Sample {
        let voluntary = self.voluntary_switches - before.voluntary_switches;
        let involuntary = self.involuntary_switches - before.involuntary_switches;
        Sample::of([
            ("user_s", Some(self.user_s - before.user_s)),
            ("system_s", Some(self.system_s - before.system_s)),
            ("voluntary_switches", Some(voluntary as f64)),
            ("involuntary_switches", Some(involuntary as f64)),
        ])
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
        self.status(Cost::of(UsageWho::RUSAGE_SELF)?)
    }

    /// Adds memory and threads to a cost.
    fn status(&mut self, cost: Cost) -> io::Result<Cost> {
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
                threads: Some(status.threads),
                ..cost
            })
        }
        #[cfg(not(target_os = "linux"))]
        Ok(cost)
    }
}

/// Observes a job from the start of its first item to the end of its last: the time between, the
/// cost of this process and of the server, and the threads when half of the items are done (at the
/// first if all start at once), since at the end an engine may have none left.
#[derive(Debug)]
pub struct Watch {
    left: AtomicUsize,
    /// How many items are left when the threads are counted.
    half: usize,
    meter: Mutex<Meter>,
    threads: AtomicU64,
    server: Option<u32>,
    begun: OnceLock<Reading>,
    ended: OnceLock<Reading>,
}

/// The time, the cost of this process, and the processor time of the server's threads.
type Reading = (Instant, Cost, Option<Vec<f64>>);

impl Watch {
    /// Observes a job of this many items, and the process with the number of the server.
    pub fn new(items: usize, concurrency: usize, server: Option<u32>) -> io::Result<Self> {
        let done = if items > concurrency { items / 2 } else { 1 };
        Ok(Self {
            left: AtomicUsize::new(items),
            half: items.saturating_sub(done),
            meter: Mutex::new(Meter::open()?),
            threads: AtomicU64::new(0),
            server,
            begun: OnceLock::new(),
            ended: OnceLock::new(),
        })
    }

    /// The number of threads, if the system reports it.
    pub fn threads(&self) -> Option<u64> {
        Some(self.threads.load(Ordering::Relaxed)).filter(|threads| *threads > 0)
    }

    /// The time from the first start to the last end; the processor time and switches between them;
    /// and the processor time of each thread of the server. `None` if the job has not ended, or was
    /// cancelled.
    pub fn span(&self) -> Option<(Duration, Sample, Vec<f64>)> {
        let (begun, before, idle) = self.begun.get()?;
        let (ended, after, busy) = self.ended.get()?;
        let served = busy.iter().flatten().zip(idle.iter().flatten());
        let served = served.map(|(after, before)| after - before).collect();
        Some((*ended - *begun, after.since(before), served))
    }
}

/// The clock is read last at the start, and first at the end.
impl Observer for Watch {
    fn started(&self, _item: Item) {
        self.begun.get_or_init(|| {
            let served = self.server.and_then(thread_seconds);
            let cost = Cost::of(UsageWho::RUSAGE_SELF).unwrap_or_default();
            (Instant::now(), cost, served)
        });
    }

    fn finished(&self, _outcome: &Outcome) {
        let left = self.left.fetch_sub(1, Ordering::Relaxed) - 1;
        if left == self.half
            && let Ok(mut meter) = self.meter.lock()
            // The other numbers are the sums over all threads, which take long to add up.
            && let Ok(cost) = meter.status(Cost::default())
        {
            (self.threads).store(cost.threads.unwrap_or_default(), Ordering::Relaxed);
        }
        if left == 0 {
            self.ended.get_or_init(|| {
                let now = Instant::now();
                let cost = Cost::of(UsageWho::RUSAGE_SELF).unwrap_or_default();
                (now, cost, self.server.and_then(thread_seconds))
            });
        }
    }
}

/// The processor time of each thread of a process, in seconds, on Linux only. The first number of
/// `schedstat` is the time on a processor in nanoseconds.
pub(crate) fn thread_seconds(process: u32) -> Option<Vec<f64>> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let seconds = |thread: fs::DirEntry| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
        Some(nanoseconds as f64 / 1e9)
    };
    let all: Option<Vec<f64>> = threads.map(|thread| seconds(thread.ok()?)).collect();
    // A kernel without scheduler statistics reports zeros.
    all.filter(|all| all.iter().any(|seconds| *seconds > 0.0))
}

/// Lets the peak of a process's resident memory begin anew, at what is resident now.
pub(crate) fn forget_peak(process: u32) -> io::Result<()> {
    fs::write(format!("/proc/{process}/clear_refs"), "5")
}

/// Calls a function, and returns beside its result what may have disturbed it.
pub(crate) fn disturbed<T>(body: impl FnOnce() -> T) -> (T, Sample) {
    let mut before = disturbances();
    let result = body();
    for (key, now) in disturbances().0 {
        // Connections in TIME_WAIT are those at the start.
        if let Some(before) = before.0.get_mut(&key).filter(|_| key != "time_wait") {
            *before = now - *before;
        }
    }
    (result, before)
}

/// What may disturb a trial, by Linux's counters of the whole machine.
fn disturbances() -> Sample {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let (netstat, sockets) = (read("/proc/net/netstat"), read("/proc/net/sockstat"));
    // A line of names, and below it one of numbers.
    let mut lines = netstat.lines().filter(|line| line.starts_with("TcpExt:"));
    let [names, numbers] = [(); 2].map(|()| lines.next().unwrap_or("").split(' '));
    let all: Vec<_> = names.zip(numbers).collect();
    let tcp = |key| all.iter().find(|(name, _)| *name == key)?.1.parse().ok();
    let waiting = sockets.split(' ').skip_while(|word| *word != "tw").nth(1);
    let stat = read("/proc/stat");
    let ticks = stat.split_whitespace().nth(8);
    // A tick is a hundredth of a second for every program.
    let steal = ticks.and_then(|ticks| ticks.parse::<f64>().ok());
    Sample::of([
        ("listen_overflows", tcp("ListenOverflows")),
        ("syn_retransmitted", tcp("TCPSynRetrans")),
        ("time_wait", waiting.and_then(|count| count.parse().ok())),
        ("steal_s", steal.map(|ticks| ticks / 100.0)),
    ])
}

/// The cores of the client and those of the server, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cores {
    pub(crate) client: Vec<usize>,
    pub(crate) server: Vec<usize>,
}

impl Cores {
    /// The last `client` cores for the client (half of them if `None`), the others for the server.
    /// If none are left, both share all.
    pub(crate) fn split(client: Option<usize>) -> anyhow::Result<Self> {
        let mut all = allowed().context("cannot pin the client to cores of its own")?;
        let client = client.unwrap_or((all.len() / 2).max(1));
        ensure!(
            client <= all.len(),
            "the client cannot have {client} cores; this machine has {}",
            all.len()
        );
        let client = all.split_off(all.len() - client);
        let server = if all.is_empty() { client.clone() } else { all };
        Ok(Self { client, server })
    }
}

/// The cores that this thread may use.
#[cfg(target_os = "linux")]
fn allowed() -> io::Result<Vec<usize>> {
    let set = sched_getaffinity(Pid::from_raw(0))?;
    let has = |core: &usize| set.is_set(*core).unwrap_or(false);
    // A container may allow less time than that of its cores.
    let cores = thread::available_parallelism()?.get();
    Ok((0..CpuSet::count()).filter(has).take(cores).collect())
}

#[cfg(not(target_os = "linux"))]
fn allowed() -> io::Result<Vec<usize>> {
    Err(io::Error::other(ONLY_LINUX))
}

/// Calls a function on these cores, or on any if there are none; a process that it starts stays
/// there. With cores it runs in a thread of its own, so that the caller's cores stay as they are.
pub(crate) fn on_cores<T: Send>(cores: &[usize], body: impl FnOnce() -> T + Send) -> io::Result<T> {
    if cores.is_empty() {
        return Ok(body());
    }
    let on_them = || {
        #[cfg(target_os = "linux")]
        {
            let mut set = CpuSet::new();
            cores.iter().try_for_each(|core| set.set(*core))?;
            sched_setaffinity(Pid::from_raw(0), &set)?;
        }
        Ok(body())
    };
    let called = thread::scope(|scope| scope.spawn(on_them).join());
    called.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Memory of this process now, in bytes, on Linux only: what was written to (stacks and the heap,
/// not the program's code), page tables (`VmPTE`), and kernel stacks of threads.
///
/// The kernel does not separate its stacks by process: on a busy machine only a large difference
/// is meaningful. [`Cost`] reads per-core counters that the kernel adds up roughly. This walks the
/// page tables, which is exact and slow.
pub fn footprint() -> io::Result<[u64; 3]> {
    #[cfg(target_os = "linux")]
    {
        use procfs::{Current, Meminfo, process::Process};

        let read = || -> procfs::ProcResult<[u64; 3]> {
            let process = Process::myself()?;
            let maps = process.smaps_rollup()?.memory_map_rollup;
            let written =
                |map: &procfs::process::MemoryMap| map.extension.map.get("Anonymous").copied();
            Ok([
                maps.iter().filter_map(written).sum(),
                process.status()?.vmpte.unwrap_or_default() * 1024,
                Meminfo::current()?.kernel_stack.unwrap_or_default(),
            ])
        };
        read().map_err(io::Error::other)
    }
    #[cfg(not(target_os = "linux"))]
    Err(io::Error::other(ONLY_LINUX))
}

/// The largest number of open files that a process may ask for.
pub(crate) fn open_files() -> Option<u64> {
    Some(getrlimit(Resource::RLIMIT_NOFILE).ok()?.1)
}

/// The largest number of threads of a process: Linux allows so many mappings, and a thread of std
/// takes four. Beyond them std ends the process.
pub(crate) fn most_threads() -> Option<u64> {
    let mappings = fs::read_to_string("/proc/sys/vm/max_map_count").ok()?;
    Some(mappings.trim().parse::<u64>().ok()? / 4)
}

/// Starts this many threads at once and ends them, unless limits are high: it takes 9 % of a `get`.
/// tokio panics if the system refuses its first thread, and waits forever for a worker.
pub(crate) fn start_threads(n: usize) -> Result<(), JobError> {
    let allows = |what, n| getrlimit(what).is_ok_and(|(soft, _)| soft >= n);
    let by_group = fs::read_to_string("/sys/fs/cgroup/pids.max").is_ok_and(|most| most != "max\n");
    let by_user = !allows(Resource::RLIMIT_NPROC, 10_000) || !allows(Resource::RLIMIT_AS, u64::MAX);
    if !by_group && !by_user {
        return Ok(());
    }
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let _closed = gate.lock();
        (0..n).try_for_each(|_| {
            let thread = thread::Builder::new().spawn_scoped(scope, || drop(gate.lock()));
            thread.map(drop).map_err(|why| JobError::Threads(n, why))
        })
    })
}

/// Raises this process's limit of open files as far as the system allows. Each connection is an
/// open file, and the usual soft limit of 1,024 is below the largest concurrency.
///
/// If the system refuses, the limit stays: a run that fits within it still works.
pub fn raise_open_files() {
    if let Some(hard) = open_files() {
        let set = |soft: &u64| setrlimit(Resource::RLIMIT_NOFILE, *soft, hard).is_ok();
        // macOS has no hard limit, and accepts 10,240.
        let _ = [hard, 10_240].iter().find(|soft| set(soft));
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::panic::catch_unwind;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_started_on_cores_stays_there_and_this_thread_returns_to_its_own() {
        let before = allowed().unwrap();
        let core = *before.last().unwrap();
        let child = || {
            let mut status = Command::new("grep");
            status.args(["Cpus_allowed_list", "/proc/self/status"]);
            String::from_utf8(status.output().unwrap().stdout).unwrap()
        };
        let shown = on_cores(&[core], child).unwrap();
        assert_eq!(shown.trim(), format!("Cpus_allowed_list:\t{core}"));
        assert_eq!(allowed().unwrap(), before);
        catch_unwind(|| on_cores(&[core], || panic!("planned"))).unwrap_err();
        assert_eq!(allowed().unwrap(), before);
        assert!(on_cores(&[100_000], || ()).is_err());
    }
}
