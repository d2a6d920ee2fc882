//! One trial: a process that downloads once, checks the result and reports its cost.
//!
//! The process is this program, run again with a hidden argument. It reads a [`Spec`] from standard
//! input and prints an [`Answer`], each as JSON.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Read, Write};
use std::iter;
use std::path::PathBuf;
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use flagrace_core::{
    Compute, Directory, Downloader, Job, Memory, Null, Origin, Outcome, Report, Setup, Status,
    Store, UrlList,
};
use flagrace_report::data::Sample;
use flagrace_report::metric;
use flagrace_server::Stats;
use nix::sys::resource::UsageWho;
use serde::{Deserialize, Serialize};

use crate::system::{on_cores, thread_seconds};
use crate::{Cost, Engine, Meter, Server, StoreKind, Watch, raise_open_files, scenario};

/// The argument that turns this program into a trial.
const ARGUMENT: &str = "__trial";

/// The work of a trial.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) engine: Engine,
    pub(crate) target: Target,
    pub(crate) setup: Setup,
    pub(crate) store: StoreKind,
    pub(crate) directory: PathBuf,
    /// Whether to connect and download one item per request in flight before the timed download.
    pub(crate) warm: bool,
    /// The number of blocks to compute on, and the only flag to compute on.
    pub(crate) compute: (u64, Option<String>),
    /// The time between two requests, in an open loop.
    pub(crate) interval: Option<Duration>,
    /// The process number of the server, if it is here.
    pub(crate) server: Option<u32>,
    /// The cores of the trial; none for any.
    pub(crate) cores: Vec<usize>,
}

/// What a trial downloads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Target {
    /// This many flags below a URL.
    Flags(String, usize),
    /// A list of URLs, as text.
    Urls(String),
}

impl Target {
    pub(crate) fn job(&self) -> anyhow::Result<Job> {
        Ok(match self {
            Self::Flags(base_url, n) => Job::new(base_url.parse()?, scenario::flags(*n)),
            Self::Urls(text) => Job::of_urls(Arc::new(UrlList::parse(text)?)),
        })
    }
}

/// How many downloads succeeded, were not found, and failed.
pub(crate) type Counts = (usize, usize, usize);

/// The result of a trial. It is short: the time to write it is measured.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    counts: Counts,
    /// Why the first failed download failed.
    first_failure: Option<String>,
    /// The URLs of a list that were not downloaded, and why.
    missed: BTreeMap<String, String>,
    sample: Sample,
}

/// Becomes a trial and never returns, if this process was started as one.
///
/// A program that measures must call this at the top of `main`.
pub fn become_trial_if_asked() {
    if env::args_os().nth(1).is_some_and(|first| first == ARGUMENT) {
        let answer = be_a_trial().map_err(|error| format!("{error:#}"));
        // If the parent has exited, the error does not matter.
        let _ = serde_json::to_writer(io::stdout(), &answer);
        process::exit(0);
    }
}

fn be_a_trial() -> anyhow::Result<Answer> {
    let spec: Spec = serde_json::from_reader(io::stdin().lock())?;
    raise_open_files();
    let job = spec.target.job()?;
    let watch = Arc::new(Watch::new(job.items.len(), spec.setup.concurrency)?);
    let store: Arc<dyn Store> = match spec.store {
        StoreKind::Null => Arc::new(Null),
        StoreKind::Memory => Arc::new(Memory::default()),
        StoreKind::Directory => Arc::new(Directory::create(spec.directory.clone())?),
    };
    let (blocks, only) = &spec.compute;
    let only = only.as_deref().map(str::parse).transpose()?;
    let job = Job {
        store,
        observer: Arc::clone(&watch) as _,
        compute: Compute {
            blocks: *blocks,
            only,
        },
        ..job
    };
    let mut meter = Meter::open()?;
    let idle = meter.read()?;
    let start = Instant::now();
    let engine = spec.engine.build(&spec.setup, spec.interval)?;
    let set_up = start.elapsed();
    let connected = match spec.warm {
        true => Some(warm_up(&*engine, &job, spec.setup.concurrency)?),
        false => None,
    };
    let served = || spec.server.and_then(thread_seconds);
    let before = served();
    let report = engine.download_many(&job)?;
    let after = served();
    let mut done = meter.read()?;
    done.threads = done.threads.max(watch.threads());
    let start = Instant::now();
    drop(engine);
    let end = start.elapsed();

    let mut sample = numbers(&report, &idle, &done);
    let (took, spent) = watch.span().context("the job did not end")?;
    let seconds = |time: Duration| Some(time.as_secs_f64());
    let mut add = Sample::of([
        ("setup_s", seconds(set_up)),
        ("connect_s", connected.and_then(seconds)),
        ("download_s", seconds(took)),
        ("end_s", seconds(end)),
    ]);
    if let (Some(before), Some(after)) = (before, after) {
        let spent = || iter::zip(&after, &before).map(|(after, before)| after - before);
        let busiest = spent().reduce(f64::max);
        add.0
            .extend(busiest.map(|time| ("server_busiest_s".to_owned(), time)));
        add.0.insert("server_s".to_owned(), spent().sum());
    }
    if spec.warm {
        // These stand for the whole process otherwise.
        add.0.insert(metric::WALL.to_owned(), took.as_secs_f64());
        add.0.extend(spent.numbers().0);
    }
    sample.0.append(&mut add.0);
    check_computed(&job, &report)?;
    Ok(answer(&job.origin, &report, sample))
}

/// Downloads one item per request in flight, and returns the time.
fn warm_up(engine: &dyn Downloader, job: &Job, concurrency: usize) -> anyhow::Result<Duration> {
    let few = Job {
        items: job.items.iter().copied().take(concurrency).collect(),
        observer: Arc::new(()),
        store: Arc::new(Null),
        compute: Compute::default(),
        ..job.clone()
    };
    let start = Instant::now();
    engine.download_many(&few)?;
    Ok(start.elapsed())
}

/// The results of one flag must be the same, and that of the first what this process computes.
fn check_computed(job: &Job, report: &Report) -> anyhow::Result<()> {
    let mut results = BTreeMap::new();
    for one in &report.outcomes {
        if let Some(result) = one.computed {
            let first = *results.entry(one.item).or_insert(result);
            ensure!(result == first, "{:?} was computed differently", one.item);
        }
    }
    if let Some((item, result)) = results.pop_first()
        && let Some(flag) = item
            .code()
            .and_then(|code| flagrace_catalog::find(code.as_str()))
        && report
            .outcomes
            .iter()
            .any(|one| one.item == item && one.bytes == flag.gif.len() as u64)
    {
        let expected = job.compute.on(item, flag.gif);
        ensure!(Some(result) == expected, "{item:?} was computed wrongly");
    }
    Ok(())
}

fn numbers(report: &Report, idle: &Cost, done: &Cost) -> Sample {
    let outcomes = || report.outcomes.iter();
    let number = |count: Option<u64>| count.map(|count| count as f64);
    let bytes = |kib: Option<u64>| number(kib.map(|kib| kib * 1024));
    let mut sample = Sample::of([
        ("idle_memory_bytes", bytes(idle.resident_kib)),
        (metric::MEMORY, bytes(done.peak_resident_kib)),
        ("peak_reserved_bytes", bytes(done.peak_reserved_kib)),
        (metric::THREADS, number(done.threads)),
        ("resent", Some(report.resent().into())),
    ]);
    let waited = |one: &Outcome| one.timing.started.unwrap_or(one.timing.finished);
    // Where one flag computes, the question is how long the others take.
    let service = outcomes()
        .filter(|one| one.computed.is_none())
        .map(|one| one.timing.finished.saturating_sub(waited(one)));
    let queue = outcomes().map(waited);
    let times: [(_, Vec<_>); 2] = [("service", service.collect()), ("queue", queue.collect())];
    for (name, mut times) in times {
        times.sort_unstable();
        for (key, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)] {
            let time = percentile(&times, share);
            let entry = time.map(|time| (format!("{name}_{key}_s"), time.as_secs_f64()));
            sample.0.extend(entry);
        }
    }
    sample
}

fn answer(origin: &Origin, report: &Report, sample: Sample) -> Answer {
    let tally = report.tally();
    let outcomes = || report.outcomes.iter();
    Answer {
        counts: (tally.ok, tally.not_found, tally.errors()),
        first_failure: outcomes()
            .find(|one| matches!(one.status, Status::Failed(_)))
            .map(Outcome::reason),
        missed: outcomes()
            .filter(|one| one.status != Status::Ok && matches!(origin, Origin::Urls(_)))
            .map(|one| (origin.url(one.item), one.reason()))
            .collect(),
        sample,
    }
}

/// The nearest-rank percentile of sorted times.
fn percentile(sorted: &[Duration], share: f64) -> Option<Duration> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// A trial that was killed.
#[derive(Debug, thiserror::Error)]
#[error("it took longer than {}, and was killed", humantime::format_duration(*.0))]
pub(crate) struct TooLong(Duration);

/// Runs a trial, which fails if its counts differ from the expected ones. Adds URLs of a list that
/// were not downloaded to `missed`.
pub(crate) fn run(
    spec: &Spec,
    server: &mut Server,
    limit: Duration,
    expected: Option<Counts>,
    missed: &mut BTreeMap<String, String>,
) -> anyhow::Result<(Counts, Sample)> {
    let mut command = Command::new(env::current_exe()?);
    command.envs(spec.engine.environment());
    server.settle();
    let input = serde_json::to_vec(spec)?;
    let ended = on_cores(&spec.cores, || {
        run_process(command.arg(ARGUMENT), &input, limit)
    })??;
    let counted = server.take();
    let answer: Result<Answer, String> =
        serde_json::from_slice(&ended.stdout).context(format!("no answer, {}", ended.status))?;
    let mut answer = answer.map_err(anyhow::Error::msg)?;
    missed.append(&mut answer.missed);
    let (ok, not_found, failed) = answer.counts;
    ensure!(
        expected.map_or(ok > 0, |expected| answer.counts == expected),
        "{ok} ok, {not_found} not found, {failed} failed{}{}",
        (answer.first_failure.as_ref()).map_or(String::new(), |why| format!(", the first: {why}")),
        expected.map_or(String::new(), |due| format!("; {} must be ok", due.0)),
    );
    let count = |of: fn(&Stats) -> u64| counted.as_ref().map(|all| of(all) as f64);
    let mut sample = ended.cost.numbers();
    sample.0.append(
        &mut Sample::of([
            (metric::WALL, Some(ended.wall.as_secs_f64())),
            ("connections", count(|all| all.connections_accepted)),
            ("peak_in_flight", count(|all| all.peak_in_flight)),
        ])
        .0,
    );
    sample.0.extend(answer.sample.0);
    for number in sample.0.values_mut() {
        // Rounded to the nanosecond: a difference of floating-point numbers has a meaningless tail.
        *number = (*number * 1e9).round() / 1e9;
    }
    Ok((answer.counts, sample))
}

/// A process that has exited.
struct Ended {
    /// From before its start until its exit.
    wall: Duration,
    /// Processor time and context switches of the whole process.
    cost: Cost,
    status: ExitStatus,
    stdout: Vec<u8>,
}

/// Runs a process to its exit, or kills it after the limit. No other child of this program may exit
/// meanwhile: the system counts all of them together.
fn run_process(command: &mut Command, input: &[u8], limit: Duration) -> anyhow::Result<Ended> {
    let before = Cost::of(UsageWho::RUSAGE_CHILDREN)?;
    let start = Instant::now();
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.spawn().context("the process could not be started")?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (sender, read) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            // A process that fails early reads and writes less.
            let _ = stdin.map(|mut pipe| pipe.write_all(input));
            let mut output = Vec::new();
            let _ = stdout.map(|mut pipe| pipe.read_to_end(&mut output));
            sender.send(output)
        });
        let stdout = read.recv_timeout(limit);
        if stdout.is_err() {
            child.kill()?;
        }
        let status = child.wait()?;
        Ok(Ended {
            wall: start.elapsed(),
            status,
            cost: Cost::of(UsageWho::RUSAGE_CHILDREN)?.since(&before),
            stdout: stdout.map_err(|_| TooLong(limit))?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let of = |n: u64, share| {
            let times: Vec<_> = (1..=n).map(Duration::from_secs).collect();
            percentile(&times, share).map(|time| time.as_secs())
        };
        assert_eq!([of(100, 0.5), of(100, 0.99)], [Some(50), Some(99)]);
        assert_eq!([of(20, 0.9), of(20, 0.99)], [Some(18), Some(20)]);
        assert_eq!([of(1, 0.5), of(0, 1.0)], [Some(1), None]);
    }

    /// In one test: the system counts all children of this program together.
    #[test]
    fn a_process_is_measured_as_a_whole_and_killed_when_it_takes_too_long() {
        let shell = |script: &str, limit| {
            run_process(Command::new("sh").args(["-c", script]), b"input", limit)
        };
        let minute = Duration::from_secs(60);
        let sum = "cat; i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done; echo $i";
        let ended = shell(sum, minute).unwrap();
        assert_eq!(ended.stdout, b"input600000\n");
        // One thread cannot use more than the wall time, but the clocks differ. Nothing else here
        // takes as long as six hundred thousand iterations of a shell loop.
        let (cost, wall) = (ended.cost, ended.wall.as_secs_f64());
        let used = cost.user_s + cost.system_s;
        assert!(used > 0.02 && used < wall * 1.1 + 0.01, "{cost:?}, {wall}");

        let error = shell("exec sleep 600", Duration::from_millis(50)).err();
        let error = error.unwrap().downcast::<TooLong>().unwrap();
        assert!(error.to_string().contains("longer than 50ms"));
        assert!(run_process(&mut Command::new("/nowhere/at/all"), b"", minute).is_err());
    }
}
