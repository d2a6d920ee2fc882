//! What each lesson runs. A function returns the evidence, which follows "It was".

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use flagrace_bare::{Bare, Model};
use flagrace_core::{Cancel, CountryCode, Downloader, Item, Job, Origin, Setup, Store};
use flagrace_lessons::lost_saves::{self, Save};
use flagrace_lessons::{EventLoop, callbacks, slow_query};
use flagrace_measure::{Cost, Engine};
use flagrace_server::{Config, Delay, Fault, Profile, Server};
use flagrace_spinner::{Measurements, starting};
use similar::TextDiff;

use super::say;
use crate::args::built_in;
use crate::cmd::{compare, decide, spin};
use crate::output::table;
use crate::output::text::count;
use crate::server::start;

pub fn two_ways() -> anyhow::Result<String> {
    let [thread, task] = [spin("thread")?, spin("task")?].map(|seen| seen.frames);
    Ok(format!("{thread} frames as a thread, {task} as a task"))
}

pub fn what_blocks() -> anyhow::Result<String> {
    Ok(count(spin("blocked-task")?.frames, "frame"))
}

pub fn cures() -> anyhow::Result<String> {
    let cures = [spin("spawn-blocking-task")?, spin("yielding-task")?];
    let threads = |seen: Measurements| seen.threads.map_or("–".into(), |n| n.to_string());
    let [moved, cut]: [String; 2] = cures.map(threads);
    say("\nThe trap, two workers: flagrace spin compare --all")?;
    Ok(format!("{moved} OS threads; with yield_now {cut}"))
}

fn spin(variant: &str) -> anyhow::Result<Measurements> {
    say(format_args!("\n$ flagrace spin {variant}"))?;
    spin::Args::try_parse_from(["spin", variant])?.turn()
}

pub fn costs() -> anyhow::Result<String> {
    let tasks = starting::tasks()?;
    let round = |()| [starting::threads(100) / 100, tasks(100) / 100];
    let mut rounds = [(); 20].map(round);
    let [thread, task] = [0, 1].map(|one: usize| {
        rounds.sort_by_key(|round| round[one]);
        rounds[10][one]
    });
    say("\nThe median of 20 rounds, in which 100 are started and ended.")?;
    let times = thread.as_secs_f64() / task.as_secs_f64();
    Ok(format!("{times:.0} times: {thread:.1?} and {task:.1?}"))
}

pub fn callbacks() -> anyhow::Result<String> {
    let mut config = Config::default();
    let broken = CountryCode::select(["BR", "JP", "VN"])?.into_iter();
    config.profile.faults = broken.map(|code| (code, Fault::BAD_METADATA)).collect();
    let server = Server::start(config).context("cannot start a server")?;
    let job = Job::new(server.base_url(), CountryCode::popular());
    let event_loop = EventLoop::new(&Setup::with_concurrency(job.items.len()))?;
    let asked = job.items.len();
    let row = |name: &str, style| {
        let report = callbacks::download(style, &event_loop, &job);
        let tally = report.tally();
        let has_outcome = |item| report.outcomes.iter().any(|one| one.item == item);
        let missing = job.items.iter().filter(|&&item| !has_outcome(item));
        let missing: Vec<_> = missing.map(|&item| job.origin.label(item)).collect();
        let counts = [asked, report.outcomes.len(), tally.ok, tally.failed];
        let [asked, answered, ok, failed] = counts.map(|count| count.to_string());
        let (name, missing) = (name.to_owned(), missing.join(" "));
        [name, asked, answered, ok, failed, missing]
    };
    let awaited = row("await", callbacks::Style::Awaited);
    let right = row("callbacks", callbacks::Style::Callbacks);
    let forgotten = row("callbacks, one forgotten", callbacks::Style::Forgotten);
    let evidence = format!("{} flags, and {} with await", forgotten[2], awaited[2]);
    let heads = ["", "asked", "answered", "ok", "errors", "missing"];
    let table = table(heads, &[0, 5], [awaited, right, forgotten]);
    say(format_args!("\n{table}"))?;
    Ok(evidence)
}

pub fn lost_save() -> anyhow::Result<String> {
    let server = start(&Profile::default())?;
    let row = |name: &str, save, end: fn(EventLoop)| -> anyhow::Result<_> {
        let disk = Arc::new(SlowDisk::default());
        let mut job = Job::new(server.base_url(), built_in().into_iter().take(60));
        job.store = disk.clone();
        let event_loop = EventLoop::new(&Setup::default())?;
        let ok = lost_saves::download(save, &event_loop, &job).tally().ok;
        let then = disk.0.load(Ordering::SeqCst);
        end(event_loop);
        let end = disk.0.load(Ordering::SeqCst);
        let counts = [ok, then, end, ok.saturating_sub(end)];
        let [ok, then, end, lost] = counts.map(|count| count.to_string());
        Ok([name.to_owned(), ok, then, end, lost])
    };
    // This program goes on: what the disk saves later is not counted.
    let exit = EventLoop::shutdown_background;
    let rows = [
        row("forgotten call, exit", Save::ForgottenCall, exit)?,
        row("forgotten call, drop", Save::ForgottenCall, drop)?,
        row("forgotten task, drop", Save::ForgottenTask, drop)?,
        row("awaited call, exit", Save::Awaited, exit)?,
    ];
    let [forgotten, .., awaited] = rows.each_ref().map(|row| row[3].clone());
    let table = table(["", "ok", "then", "end", "lost"], &[0], rows);
    say(format_args!("\n{table}"))?;
    Ok(format!("{forgotten} files, and {awaited} if awaited"))
}

/// A disk as slow as a busy one, which refuses one flag, and counts the others.
#[derive(Default)]
struct SlowDisk(AtomicUsize);

impl Store for SlowDisk {
    fn save(&self, name: &str, _: Vec<u8>) -> io::Result<()> {
        thread::sleep(Duration::from_millis(20));
        if name == "ac.gif" {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

pub fn timelines() -> anyhow::Result<String> {
    let delay = Delay::fixed(Duration::from_millis(20));
    let server = start(&Profile::delayed_by(delay))?;
    let job = Job::new(server.base_url(), built_in().into_iter().take(60));
    let mut times = Vec::new();
    for (name, engine, concurrency) in [
        ("one at a time", Engine::Seq, 1),
        ("ten threads", Engine::Threads, 10),
        ("sixty tasks", Engine::Async, 60),
    ] {
        let engine = engine.build(&Setup::with_concurrency(concurrency))?;
        let report = engine.download_many(&job)?;
        times.push(report.elapsed);
        say(format_args!("\n{name}: {:.1?}", report.elapsed))?;
        // Each fifth flag: dots while it waits for its turn, a bar while it waits for the server.
        for one in report.outcomes.iter().step_by(5) {
            let column = |time: Duration| time.div_duration_f64(times[0]).min(1.0) * 75.0;
            let start = column(one.timing.started.unwrap_or_default()) as usize;
            let length = (column(one.timing.finished) as usize).saturating_sub(start);
            say("·".repeat(start) + &"█".repeat(length.max(1)))?;
        }
    }
    say("\n· waits for its turn, █ for the server; each fifth flag. Then: flagrace race")?;
    let (threads, tasks) = (times[1], times[2]);
    Ok(format!("{threads:.0?}, and {tasks:.0?} with sixty tasks"))
}

pub fn model_alone() -> anyhow::Result<String> {
    use Model::{TaskPerRequest, Tasks, ThreadPerRequest, Threads};
    /// Enough for a second or two.
    const REQUESTS: usize = 20_000;
    const BLOCKING: &str = include_str!("../../../../bare/src/blocking.rs");
    const NONBLOCKING: &str = include_str!("../../../../bare/src/nonblocking.rs");
    let diff = TextDiff::from_lines(BLOCKING, NONBLOCKING);
    say("\n$ cd crates/bare/src; diff blocking.rs nonblocking.rs")?;
    say(diff.unified_diff().context_radius(0))?;
    let server = start(&Profile::default())?;
    let setup = Setup::default();
    let flag = Item::Flag("ZA".parse()?);
    let job = |count| Job::of(Origin::Flags(server.base_url()), vec![flag; count].into());
    let mut rows = Vec::new();
    for model in [Threads, Tasks, ThreadPerRequest, TaskPerRequest] {
        let engine = Bare::new(model, &setup)?;
        // Opens the connections first.
        engine.download_many(&job(setup.concurrency))?;
        let before = Cost::so_far()?;
        let report = engine.download_many(&job(REQUESTS))?;
        let after = Cost::so_far()?;
        ensure!(report.tally().ok == REQUESTS, "{:?}", report.tally());
        let processor = after.user_s + after.system_s - before.user_s - before.system_s;
        let switches = after.voluntary_switches - before.voluntary_switches;
        let requests = REQUESTS as f64;
        rows.push([
            engine.name().to_owned(),
            format!("{:.0}", requests / report.elapsed.as_secs_f64()),
            format!("{:.1} µs", processor * 1e6 / requests),
            format!("{:.2}", switches as f64 / requests),
        ]);
    }
    let [thread, task] = [0, 1].map(|row: usize| rows[row][3].clone());
    let heads = ["", "requests/s", "CPU each", "switches each"];
    say(table(heads, &[0], rows))?;
    let line = "compare --scenario cancel-silent-1000 -E threads-bare,async-bare -n 8";
    say(format_args!("\n$ flagrace {line}"))?;
    compare::run(&compare::Args::try_parse_from(line.split(' '))?)?;
    Ok(format!("{thread} as a thread, {task} as a task"))
}

pub fn where_it_matters() -> anyhow::Result<String> {
    say("\nThe first time, this calibrates the machine for 30 seconds, on Linux.")?;
    let decide = |line: &str| -> anyhow::Result<f64> {
        say(format_args!("\n$ flagrace {line}"))?;
        let args = decide::Args::try_parse_from(line.split(' '))?;
        let models = args.decide(&Cancel::default())?.0.models;
        Ok(models[1].time_s / models[0].time_s)
    };
    let api = decide("decide -m 20 -n 200 --delay 200ms")?;
    let idle = decide("decide -m 10000 -n 10000 --delay 30s")?;
    let images = decide("decide -m 20 -n 2000 --delay 50ms --cpu 20ms")?;
    Ok(format!("{api:.2}; idle {idle:.2}, computing {images:.2}"))
}

pub fn one_slow_query() -> anyhow::Result<String> {
    // A query is the time in milliseconds that it takes.
    let look_up = |query: &str| {
        thread::sleep(Duration::from_millis(query.parse().unwrap_or_default()));
        "1 match\n".to_owned()
    };
    let row = |name: &str, model| -> anyhow::Result<_> {
        let (clients, _runtime) = slow_query::start(model, 101, look_up)?;
        let mut rounds = [[Duration::ZERO; 101]; 31];
        for round in &mut rounds {
            (&clients[100]).write_all(b"20\n")?;
            let start = Instant::now();
            for mut other in &clients[..100] {
                other.write_all(b"0\n")?;
            }
            for (time, mut client) in round.iter_mut().zip(&clients) {
                let mut answer = [0; 8];
                client.read_exact(&mut answer)?;
                ensure!(answer == *b"1 match\n", "wrong answer: {answer:?}");
                *time = start.elapsed();
            }
        }
        // The 99th percentile of each round, and their median.
        rounds.sort_by_key(|round| round[98]);
        Ok([name.to_owned(), format!("{:.1?}", rounds[15][98])])
    };
    let rows = [
        row("a thread each", slow_query::Model::Thread)?,
        row("a task each", slow_query::Model::BlockedTask)?,
        row("a task each, spawn_blocking", slow_query::Model::MovedTask)?,
    ];
    let [thread, blocked, moved] = rows.each_ref().map(|row| row[1].clone());
    let table = table(["100 others", "p99"], &[0], rows);
    say(format_args!("\n{table}\nMedians of 31 rounds. Then try:"))?;
    say("flagrace chars, and nc 127.0.0.1 2323; flagrace compare --servers")?;
    say("diff crates/chars/src/thread.rs crates/chars/src/task.rs")?;
    Ok(format!("{blocked}; fixed {moved}, threads {thread}"))
}
