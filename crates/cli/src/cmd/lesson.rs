//! `flagrace lesson`: runs a mistake and its fix side by side.

use std::fs;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Subcommand;
use flagrace_bare::{Bare, Model};
use flagrace_core::{CountryCode, Directory, Downloader, Item, Job, Origin, Setup, Store};
use flagrace_lessons::EventLoop;
use flagrace_lessons::callbacks::{Style, download};
use flagrace_lessons::lost_saves::{Save, Seen, watch};
use flagrace_measure::Cost;
use flagrace_server::{Config, Fault, Profile, Server};
use similar::TextDiff;

use crate::args::built_in;
use crate::output::table;
use crate::server::start;

#[derive(Subcommand)]
pub enum Lesson {
    /// Saves that are never awaited: flags are reported ok but are not on disk
    LostSaves,
    /// From callbacks to await: an error branch that forgets its callback
    Callbacks,
    /// One HTTP client under threads and under tasks: the difference and its cost
    Bare,
}

pub fn run(lesson: &Lesson) -> anyhow::Result<()> {
    match lesson {
        Lesson::LostSaves => lost_saves(),
        Lesson::Callbacks => callbacks(),
        Lesson::Bare => bare(),
    }
}

/// The time that the disk takes for each file.
const SAVE_TIME: Duration = Duration::from_millis(20);

/// The flag that the disk refuses to save.
const REFUSED: &str = "AC";

const LOST_SAVES: &str = "\
exit: the program exits; drop: the runtime is dropped, as at the end of main
then: files on the disk when the flags were reported
end: files after the end of the runtime or, on exit, of the program
lost: flags reported ok without a file
The code is in crates/lessons/src/lost_saves.rs, the reasons in docs/LESSONS.md.";

fn lost_saves() -> anyhow::Result<()> {
    const FLAGS: usize = 60;
    let server = start(&Profile::default())?;
    let mut out = io::stdout().lock();
    let disk = format!("the disk takes {SAVE_TIME:?} for each file and refuses {REFUSED}");
    writeln!(out, "{FLAGS} flags; {disk}.\n")?;
    let mut rows = Vec::new();
    // Name, how the flags are saved, and whether the program then exits.
    for (name, save, exits) in [
        ("forgotten call, exit", Save::ForgottenCall, true),
        ("forgotten call, drop", Save::ForgottenCall, false),
        ("forgotten task, drop", Save::ForgottenTask, false),
        ("awaited call, exit", Save::Awaited, true),
    ] {
        let codes = built_in().into_iter().take(FLAGS);
        let seen = watch_saves(Job::new(server.base_url(), codes), save, exits)?;
        let ok = seen.report.tally().ok;
        rows.push([
            name.to_owned(),
            ok.to_string(),
            seen.files_then.to_string(),
            seen.files_in_the_end.to_string(),
            ok.saturating_sub(seen.files_in_the_end).to_string(),
        ]);
    }
    let table = table(["", "ok", "then", "end", "lost"], &[0], rows);
    writeln!(out, "{table}\n\n{LOST_SAVES}")?;
    Ok(())
}

fn watch_saves(mut job: Job, save: Save, exits: bool) -> anyhow::Result<Seen> {
    let folder = tempfile::tempdir().context("cannot make a directory for the flags")?;
    let store = Arc::new(SlowDisk {
        directory: Directory::create(folder.path())?,
        is_gone: AtomicBool::new(false),
    });
    job.store = store.clone();
    let count_files = || fs::read_dir(folder.path()).map_or(0, Iterator::count);
    let end = |event_loop: EventLoop| {
        if exits {
            // This program goes on with the next case, so the disk stops instead.
            store.is_gone.store(true, Ordering::SeqCst);
            event_loop.shutdown_background();
        }
    };
    Ok(watch(save, &Setup::default(), &job, count_files, end)?)
}

/// A disk as slow as a busy one, or one behind a network.
struct SlowDisk {
    directory: Directory,
    is_gone: AtomicBool,
}

impl Store for SlowDisk {
    fn save(&self, name: &str, body: Vec<u8>) -> io::Result<()> {
        if !self.is_gone.load(Ordering::SeqCst) {
            thread::sleep(SAVE_TIME);
        }
        if self.is_gone.load(Ordering::SeqCst) {
            return Err(io::Error::other("the program has ended"));
        }
        if name.starts_with(&REFUSED.to_lowercase()) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.directory.save(name, body)
    }
}

/// The flags whose metadata the server of `callbacks` breaks.
const BROKEN: [&str; 3] = ["BR", "JP", "VN"];

const CALLBACKS: &str = "\
asked, answered, missing: flags; each should have an outcome: ok or an error
With await the compiler checks that. With callbacks the author must:
cd crates/lessons/src/callbacks; diff nested.rs forgotten.rs";

fn callbacks() -> anyhow::Result<()> {
    let codes = CountryCode::popular();
    let mut config = Config::default();
    for code in BROKEN {
        let faults = &mut config.profile.faults;
        faults.insert(code.parse()?, Fault::BadMetadata);
    }
    let server = Server::start(config).context("cannot start a server")?;
    let event_loop = EventLoop::new(&Setup::with_concurrency(codes.len()))?;
    let job = Job::new(server.base_url(), codes);
    let (asked, broken) = (job.items.len(), BROKEN.join(", "));
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{asked} flags with metadata; that of {broken} is not JSON.\n"
    )?;
    let mut rows = Vec::new();
    for (name, style) in [
        ("await", Style::Awaited),
        ("callbacks", Style::Callbacks),
        ("callbacks, one forgotten", Style::Forgotten),
    ] {
        let report = download(style, &event_loop, &job);
        let tally = report.tally();
        let has_outcome = |item: Item| report.outcomes.iter().any(|one| one.item == item);
        let missing = job.items.iter().filter(|&&item| !has_outcome(item));
        let missing: Vec<_> = missing.map(|&item| job.origin.label(item)).collect();
        rows.push([
            name.to_owned(),
            asked.to_string(),
            report.outcomes.len().to_string(),
            tally.ok.to_string(),
            tally.failed.to_string(),
            missing.join(" "),
        ]);
    }
    let header = ["", "asked", "answered", "ok", "errors", "missing"];
    writeln!(out, "{}\n\n{CALLBACKS}", table(header, &[0, 5], rows))?;
    Ok(())
}

const BLOCKING: &str = include_str!("../../../bare/src/blocking.rs");
const NONBLOCKING: &str = include_str!("../../../bare/src/nonblocking.rs");

const BARE: &str = "\
CPU: processor time of this program for each request, without the server
switches: context switches for each request because a thread had to wait
The client is the same in all rows. A pool of threads or tasks waits for the
answers; in the last two rows each request starts a thread or a task.
More of the code: cd crates/bare/src; diff threads.rs tasks.rs";

fn bare() -> anyhow::Result<()> {
    /// Enough for a second or two.
    const REQUESTS: usize = 20_000;
    let mut out = io::stdout().lock();
    let diff = TextDiff::from_lines(BLOCKING, NONBLOCKING);
    let diff = diff.unified_diff().context_radius(0).to_string();
    let command = "cd crates/bare/src; diff blocking.rs nonblocking.rs";
    writeln!(out, "{command}\n\n{diff}")?;
    let server = start(&Profile::default())?;
    let setup = Setup::default();
    let concurrency = setup.concurrency;
    writeln!(out, "{REQUESTS} requests, {concurrency} at a time:\n")?;
    let flag = Item::Flag("ZA".parse()?);
    let job = |count| Job::of(Origin::Flags(server.base_url()), vec![flag; count].into());
    let mut rows = Vec::new();
    for model in [
        Model::Threads,
        Model::Tasks,
        Model::ThreadPerRequest,
        Model::TaskPerRequest,
    ] {
        let engine = Bare::new(model, &setup)?;
        // Opens the connections first.
        engine.download_many(&job(concurrency))?;
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
    let header = ["", "requests/s", "CPU", "switches"];
    writeln!(out, "{}\n\n{BARE}", table(header, &[0], rows))?;
    Ok(())
}
