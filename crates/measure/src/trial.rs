//! One trial: a process that downloads once, checks the result and reports its cost.
//!
//! The process is this program, run again with a hidden argument. It reads a [`Spec`] from standard
//! input and prints an [`Answer`], each as JSON.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Read, Write};
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use flagrace_core::{
    CountryCode, Directory, Downloader, Failure, Job, Memory, Null, Origin, Outcome, Report, Setup,
    Status, UrlList,
};
use flagrace_report::data::Sample;
use flagrace_report::metric;
use flagrace_server::Stats;
use hdrhistogram::Histogram;
use nix::sys::resource::UsageWho;
use serde::{Deserialize, Serialize};

use crate::system::{disturbed, on_cores};
use crate::{
    Cost, Engine, Meter, Server, StoreKind, Watch, raise_open_files, scenario, server, serving,
};

const ARGUMENT: &str = "__trial";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) engine: Engine,
    pub(crate) target: Target,
    pub(crate) setup: Setup,
    pub(crate) store: StoreKind,
    pub(crate) directory: PathBuf,
    /// Whether to connect and download one item per request in flight before the timed download.
    pub(crate) warm: bool,
    /// The number of bytes to compute on, and the only flag to compute on.
    pub(crate) compute: (u64, Option<String>),
    /// The time between two requests, in an open loop.
    pub(crate) interval: Option<Duration>,
    /// The number of requests at the server after which the job is cancelled.
    pub(crate) cancel_after: Option<usize>,
    /// The process number of the server, if it is here.
    pub(crate) server: Option<u32>,
    /// The cores of the trial; none for any.
    pub(crate) cores: Vec<usize>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Target {
    /// This many flags below a URL.
    Flags(String, usize),
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
        let spec = serde_json::from_reader(io::stdin().lock()).context("wrong input");
        let answer = spec.and_then(|spec| download(&spec));
        let answer = answer.map_err(|error| format!("{error:#}"));
        // If the parent has exited, the error does not matter. `perf` writes below the line.
        let _ = serde_json::to_writer(io::stdout(), &answer);
        println!();
        process::exit(0);
    }
    serving::become_server_if_asked();
}

fn download(spec: &Spec) -> anyhow::Result<Answer> {
    raise_open_files();
    let mut job = spec.target.job()?;
    let (items, concurrency) = (job.items.len(), spec.setup.concurrency);
    let is_whole = spec.cancel_after.is_none();
    let server = spec.server.filter(|_| is_whole);
    let watch = Arc::new(Watch::new(items, concurrency, server)?);
    job.store = match spec.store {
        StoreKind::Null => Arc::new(Null),
        StoreKind::Memory => Arc::new(Memory::default()),
        StoreKind::Directory => Arc::new(Directory::create(spec.directory.clone())?),
    };
    let (bytes, only) = &spec.compute;
    let only = only.as_deref().map(str::parse).transpose()?;
    job.observer = watch.clone();
    job.compute.bytes = *bytes;
    job.compute.only = only;
    let mut meter = Meter::open()?;
    let idle = meter.read()?;

    let (engine, set_up) = timed(|| spec.engine.build_for(&spec.setup, spec.warm, spec.interval));
    let engine = engine?;
    let mut connected = None;
    if spec.warm && !spec.engine.is_bare() {
        // One item for each request in flight opens all connections.
        let few = job.items.iter().copied().take(concurrency).collect();
        let few = Job::of(job.origin.clone(), few);
        let (report, took) = timed(|| engine.download_many(&few));
        report?;
        connected = Some(took);
    }
    let (downloaded, took) = timed(|| match spec.cancel_after {
        None => Ok((engine.download_many(&job)?, Sample::default())),
        Some(requests) => cancelled(&*engine, &job, requests),
    });
    let (report, ending) = downloaded?;
    // The workers of bare connect before their clock starts.
    let connected = connected.or(spec.warm.then(|| took.saturating_sub(report.elapsed)));
    let mut done = meter.read()?;
    done.threads = done.threads.max(watch.threads());
    let ((), end) = timed(|| drop(engine));

    check_computed(&job, &report)?;
    let (took, spent, served) = watch.span().context("the job did not end")?;
    let seconds = |time: Duration| Some(time.as_secs_f64());
    let number = |count: Option<u64>| count.map(|count| count as f64);
    let bytes = |kib: Option<u64>| number(kib.map(|kib| kib * 1024));
    let busiest = served.iter().copied().reduce(f64::max);
    let mut sample = Sample::of([
        ("setup_s", seconds(set_up)),
        ("connect_s", connected.and_then(seconds)),
        ("download_s", seconds(took).filter(|_| is_whole)),
        ("end_s", seconds(end)),
        ("resent", Some(report.resent().into())),
        ("idle_memory_bytes", bytes(idle.resident_kib)),
        (metric::MEMORY, bytes(done.peak_resident_kib)),
        (metric::THREADS, number(done.threads)),
        ("server_s", busiest.map(|_| served.iter().sum::<f64>())),
        ("server_busiest_s", busiest),
    ]);
    if spec.warm {
        // Otherwise the parent reports those of the whole process.
        sample.0.insert(metric::WALL.to_owned(), took.as_secs_f64());
        sample.0.extend(spent.0);
    }
    sample.0.extend(ending.0);
    if is_whole {
        sample.0.extend(times(&report, only)?.0);
    }
    let (tally, origin) = (report.tally(), &job.origin);
    let outcomes = || report.outcomes.iter();
    Ok(Answer {
        // Only a trial that cancels its job has any that are cancelled.
        counts: (tally.ok + tally.cancelled, tally.not_found, tally.failed),
        first_failure: outcomes()
            .find(|one| matches!(one.status, Status::Failed(why) if why != Failure::Cancelled))
            .map(Outcome::reason),
        missed: outcomes()
            .filter(|one| one.status != Status::Ok && matches!(origin, Origin::Urls(_)))
            .map(|one| (origin.url(one.item), one.reason()))
            .collect(),
        sample,
    })
}

/// Downloads, and cancels the job when the server has had this many requests. Returns with the
/// report the time and the cost from the cancel until the engine returned.
fn cancelled(
    engine: &dyn Downloader,
    job: &Job,
    requests: usize,
) -> anyhow::Result<(Report, Sample)> {
    let Origin::Flags(base_url) = &job.origin else {
        bail!("only a flag server counts the requests after which to cancel");
    };
    let Server::Somewhere(_, Some(agent)) = Server::at(base_url.clone()) else {
        bail!("the server has no counters");
    };
    let has_few = || {
        let stats = server::ask(base_url, &agent, false);
        stats.is_none_or(|stats| stats.requests < requests as u64)
    };
    let cost = || Cost::of(UsageWho::RUSAGE_SELF);
    let ((before, start), returned) = thread::scope(|scope| {
        let downloading = scope.spawn(|| (engine.download_many(job), Instant::now(), cost()));
        while !downloading.is_finished() && has_few() {
            thread::sleep(Duration::from_millis(1));
        }
        let before = (cost(), Instant::now());
        job.cancel.cancel();
        (before, downloading.join())
    });
    let (report, end, after) = returned.unwrap_or_else(|panic| resume_unwind(panic));
    let report = report?;
    let cancelled = report.tally().cancelled;
    ensure!(cancelled > 0, "it ended before it was cancelled");
    let mut sample = after?.since(&before?);
    let took = end.saturating_duration_since(start);
    sample.0.insert(metric::WALL.to_owned(), took.as_secs_f64());
    Ok((report, sample))
}

fn timed<T>(body: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (body(), start.elapsed())
}

/// Checks that each flag to compute on was computed on, always with the same result. A case of the
/// conformance suite checks the result itself.
fn check_computed(job: &Job, report: &Report) -> anyhow::Result<()> {
    let mut results = BTreeMap::new();
    for one in (report.outcomes.iter()).filter(|one| one.status == Status::Ok) {
        let (name, result) = (job.origin.label(one.item), one.computed);
        let first = *results.entry(one.item).or_insert(result);
        ensure!(
            result == first && result.is_some() == job.compute.wants(one.item),
            "{name}: the results of computing are {first:?} and {result:?}"
        );
    }
    Ok(())
}

/// Percentiles of the times of service and, in an open loop, of latency. If only one flag computes,
/// the question is how long the others take.
fn times(report: &Report, only: Option<CountryCode>) -> anyhow::Result<Sample> {
    let outcomes = || report.outcomes.iter();
    let since = |start: Option<Duration>, one: &Outcome| {
        start.map(|start| one.timing.finished.saturating_sub(start))
    };
    let asked = outcomes().filter(|one| only.is_none() || one.item.code() != only);
    let service = percentiles(asked.filter_map(|one| since(one.timing.started, one)))?;
    let latency = percentiles(outcomes().filter_map(|one| since(one.timing.due, one)))?;
    Ok(Sample::of([
        ("service_p50_s", service[0]),
        ("service_p99_s", service[1]),
        ("latency_p50_s", latency[0]),
        (metric::P99, latency[1]),
        ("latency_p999_s", latency[2]),
    ]))
}

/// The percentiles 50, 99 and 99.9 of times, in seconds.
pub(crate) type Percentiles = [Option<f64>; 3];

/// The percentiles of these times, if there are any.
pub(crate) fn percentiles(times: impl Iterator<Item = Duration>) -> anyhow::Result<Percentiles> {
    let mut all = Histogram::<u64>::new(3)?;
    for time in times {
        all.record(time.as_micros().try_into()?)?;
    }
    let at = |share| (!all.is_empty()).then(|| all.value_at_quantile(share) as f64 / 1e6);
    Ok([0.5, 0.99, 0.999].map(at))
}

#[derive(Debug, thiserror::Error)]
#[error("it took longer than {}, and was killed", humantime::format_duration(*.0))]
pub(crate) struct TooLong(pub(crate) Duration);

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
    let input = serde_json::to_vec(spec)?;
    server.settle();
    let run = || run_process(command.arg(ARGUMENT), &input, limit);
    let (ended, disturbed) = disturbed(|| on_cores(&spec.cores, run));
    let ended = ended??;
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
    let mut sample = Sample::of([
        (metric::WALL, Some(ended.wall.as_secs_f64())),
        ("connections", count(|all| all.connections_accepted)),
        ("peak_in_flight", count(|all| all.peak_in_flight)),
    ]);
    for part in [ended.cost, disturbed, answer.sample] {
        sample.0.extend(part.0);
    }
    Ok((answer.counts, sample))
}

/// The system calls that `perf` counts, and their metrics.
const CALLS: [(&str, &str); 4] = [
    ("syscalls", "raw_syscalls:sys_enter"),
    ("epoll_waits", "syscalls:sys_enter_epoll_wait"),
    ("receives", "syscalls:sys_enter_recvfrom"),
    ("futexes", "syscalls:sys_enter_futex"),
];

/// The system calls per request, counted by `perf` in untimed trials of N and of 2N requests; `None`
/// if that fails, as without permission.
pub(crate) fn calls(spec: &Spec, server: &mut Server, limit: Duration) -> Option<Sample> {
    let Target::Flags(url, n) = &spec.target else {
        return None;
    };
    let events = CALLS.map(|(_, event)| event).join(",");
    let mut count = |requests| {
        let mut spec = spec.clone();
        spec.target = Target::Flags(url.clone(), requests);
        let mut perf = Command::new("perf");
        // Below the answer of the trial.
        perf.args(["stat", "--field-separator=,", "--log-fd=1", "--event"]);
        // Killing `perf` would not end the trial.
        perf.arg(&events).args(["--", "timeout", "60"]);
        perf.arg(env::current_exe().ok()?).arg(ARGUMENT);
        perf.envs(spec.engine.environment()).stderr(Stdio::null());
        let input = serde_json::to_vec(&spec).ok()?;
        server.settle();
        let ended = on_cores(&spec.cores, || run_process(&mut perf, &input, limit));
        let text = String::from_utf8(ended.ok()?.ok()?.stdout).ok()?;
        let (answer, counts) = text.split_once('\n')?;
        let answer: Result<Answer, String> = serde_json::from_str(answer).ok()?;
        let count = |(_, event): (&str, &str)| {
            let line = counts.lines().find(|line| line.contains(event))?;
            line.split(',').next()?.parse::<f64>().ok()
        };
        (answer.ok()?.counts.0 == requests).then(|| CALLS.map(count))
    };
    let (once, twice) = (count(*n)?, count(2 * n)?);
    let more = |i: usize| Some((twice[i]? - once[i]?).max(0.0) / *n as f64);
    Some(Sample::of([0, 1, 2, 3].map(|i| (CALLS[i].0, more(i)))))
}

struct Ended {
    /// From before its start until its exit.
    wall: Duration,
    /// Processor time and context switches of the whole process.
    cost: Sample,
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
    use flagrace_core::{Attempt, Item, Timing};
    use flagrace_server::{Delay, Profile, Server as FlagServer};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Engine::ThreadsBare)]
    #[case(Engine::AsyncBare)]
    fn a_job_is_cancelled_when_the_server_has_its_requests(#[case] engine: Engine) {
        let engine = engine.build(&Setup::with_concurrency(5)).unwrap();
        let cancelled = |server: &FlagServer, requests| {
            let job = Job::new(server.base_url(), scenario::flags(20));
            cancelled(&*engine, &job, requests)
        };
        let silent = Profile::delayed_by(Delay::fixed(Duration::from_secs(3600)));
        let silent = FlagServer::start(silent.into()).unwrap();
        let (report, Sample(cost)) = cancelled(&silent, 5).unwrap();
        assert!(report.tally().cancelled == 20 && cost["wall_s"] > 0.0);
        let stats = silent.stats();
        assert_eq!((stats.connections_accepted, stats.requests), (5, 5));
        let prompt = FlagServer::start(Profile::default().into()).unwrap();
        let early = cancelled(&prompt, 21).unwrap_err().to_string();
        assert_eq!(early, "it ended before it was cancelled");
    }

    #[rstest]
    #[case(Engine::ThreadsBare)]
    #[case(Engine::AsyncBare)]
    fn a_warm_trial_connects_before_its_clock_starts(#[case] engine: Engine) {
        // The first answer comes when all five have connected.
        let profile = Profile {
            gate: 5,
            ..Profile::default()
        };
        let server = FlagServer::start(profile.into()).unwrap();
        let spec = Spec {
            engine,
            target: Target::Flags(server.base_url().to_string(), 20),
            setup: Setup::with_concurrency(5),
            store: StoreKind::Null,
            directory: PathBuf::new(),
            warm: true,
            compute: (0, None),
            interval: None,
            cancel_after: None,
            server: None,
            cores: Vec::new(),
        };
        let Sample(warm) = download(&spec).unwrap().sample;
        let stats = server.stats();
        assert_eq!((stats.connections_accepted, stats.requests), (5, 20 + 5));
        assert!(warm["connect_s"] > 0.0 && warm["wall_s"] == warm["download_s"]);
    }

    fn outcome(computed: Option<u64>) -> Outcome {
        let job = Job::new("http://127.0.0.1:1/flags".parse().unwrap(), []);
        let brazil = Item::Flag("BR".parse().unwrap());
        let mut attempt = Attempt::begin(&job, Instant::now(), brazil);
        attempt.computed(computed);
        attempt.end(Ok(()))
    }

    #[test]
    fn latency_counts_from_when_a_request_was_due() {
        let ms = Duration::from_millis;
        let outcomes = (1..=1000).map(|i| Outcome {
            timing: Timing {
                due: Some(ms(i)),
                started: Some(ms(2 * i)),
                finished: ms(2 * i) + ms(10),
                ..Timing::default()
            },
            ..outcome(None)
        });
        let report = Report::new(outcomes.collect(), ms(0));
        let others = super::times(&report, Some("BR".parse().unwrap()));
        assert_eq!(others.unwrap().get("service_p50_s"), None);
        let Sample(times) = times(&report, None).unwrap();
        let is_near = |key: &str, due: f64| (times[key] / due - 1.0).abs() < 2e-3;
        assert!(is_near("service_p50_s", 0.010) && is_near("service_p99_s", 0.010));
        assert!(is_near("latency_p50_s", 0.510) && is_near("latency_p99_s", 1.0));
        assert!(is_near("latency_p999_s", 1.009), "{times:?}");
    }

    #[test]
    fn results_of_computing_are_checked() {
        let url = "http://127.0.0.1:1/flags".parse().unwrap();
        let mut job = Job::new(url, scenario::flags(2));
        job.compute.bytes = 10;
        let fits = |job: &Job, computed: &[Option<u64>]| {
            let outcomes = computed.iter().map(|result| outcome(*result));
            check_computed(job, &Report::new(outcomes.collect(), Duration::ZERO)).is_ok()
        };
        assert!(fits(&job, &[Some(1), Some(1)]));
        assert!(!fits(&job, &[Some(1), None]) && !fits(&job, &[Some(1), Some(2)]));
        job.compute.only = Some("FR".parse().unwrap());
        assert!(fits(&job, &[None]) && !fits(&job, &[Some(1)]));
    }

    #[test]
    fn a_process_is_measured_as_a_whole() {
        let sum = "cat; i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done; echo $i";
        let mut shell = Command::new("sh");
        let minute = Duration::from_secs(60);
        let ended = run_process(shell.args(["-c", sum]), b"input", minute).unwrap();
        assert_eq!(ended.stdout, b"input600000\n");
        // One thread cannot use more than the wall time, but the clocks differ. Nothing else here
        // takes as long as six hundred thousand iterations of a shell loop.
        let (Sample(cost), wall) = (ended.cost, ended.wall.as_secs_f64());
        let used = cost["user_s"] + cost["system_s"];
        assert!(used > 0.02 && used < wall * 1.1 + 0.01, "{cost:?}, {wall}");
    }
}
