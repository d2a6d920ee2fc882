//! Saves that are never awaited.

use std::fs;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use flagrace_core::{Directory, Job, Setup, Status, Store};
use flagrace_lessons::EventLoop;
use flagrace_lessons::lost_saves::{Save, Seen, watch};
use flagrace_server::{Profile, ServerProcess};

use crate::args::built_in;
use crate::output::table;

/// Name, how the flags are saved, and whether the program exits then.
const CASES: [(&str, Save, bool); 4] = [
    ("forgotten call, exit", Save::ForgottenCall, true),
    ("forgotten call, drop", Save::ForgottenCall, false),
    ("forgotten task, drop", Save::ForgottenTask, false),
    ("awaited call, exit", Save::Awaited, true),
];

const FLAGS: usize = 60;

/// How long the disk takes for each file.
const SAVE_TIME: Duration = Duration::from_millis(20);

/// The flag that the disk refuses to save.
const REFUSED: &str = "AC";

const LEGEND: &str = "\
exit: the program exits; drop: the runtime is dropped, as at the end of main
then: files on the disk when the flags were reported
end: files when the runtime was gone, or the program would have been
lost: flags reported ok without a file
The code is in crates/lessons/src/lost_saves.rs, the reasons in docs/LESSONS.md.";

pub fn run() -> anyhow::Result<()> {
    let server = ServerProcess::start(&Profile::default()).context("cannot start a server")?;
    let mut out = io::stdout().lock();
    write!(
        out,
        "{FLAGS} flags; the disk takes {SAVE_TIME:?} for each file "
    )?;
    writeln!(out, "and refuses {REFUSED}.\n")?;
    let (mut rows, mut reported) = (Vec::new(), String::new());
    for (name, save, exits) in CASES {
        let codes = built_in().into_iter().take(FLAGS);
        let seen = watch_once(Job::new(server.base_url(), codes), save, exits)?;
        let ok = seen.report.tally().ok;
        rows.push([
            name.to_owned(),
            ok.to_string(),
            seen.files_then.to_string(),
            seen.files_in_the_end.to_string(),
            ok.saturating_sub(seen.files_in_the_end).to_string(),
        ]);
        let mut outcomes = seen.report.outcomes.into_iter();
        let failed = outcomes.find(|one| one.status != Status::Ok);
        let detail = failed.and_then(|one| one.detail);
        reported += &format!("\n  {name}: {}", detail.as_deref().unwrap_or("ok"));
    }
    let table = table::render(["", "ok", "then", "end", "lost"], rows, 4);
    writeln!(
        out,
        "{table}\n\nReported of {REFUSED}:{reported}\n\n{LEGEND}"
    )?;
    Ok(())
}

fn watch_once(job: Job, save: Save, exits: bool) -> anyhow::Result<Seen> {
    let folder = tempfile::tempdir().context("cannot make a directory for the flags")?;
    let store = Arc::new(SlowDisk {
        directory: Directory::create(folder.path())?,
        is_gone: AtomicBool::new(false),
    });
    let job = Job {
        store: store.clone(),
        ..job
    };
    let count_files = || fs::read_dir(folder.path()).map_or(0, Iterator::count);
    let end = |event_loop: EventLoop| {
        if exits {
            // This program goes on with the next case, so the disk stops in its place.
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
