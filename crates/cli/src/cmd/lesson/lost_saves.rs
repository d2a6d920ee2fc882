//! The save that was never awaited.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use flagrace_core::{CountryCode, Directory, Job, Setup, Status, Store};
use flagrace_lessons::EventLoop;
use flagrace_lessons::lost_saves::{Save, Seen, watch};
use flagrace_server::{Profile, ServerProcess};

use crate::args::{at_least_one, built_in, some_time};
use crate::output::table;
use crate::usage::Usage;

#[derive(clap::Args)]
#[command(after_help = "\
The three ways to save are crates/lessons/src/lost_saves/{forgotten_call,forgotten_task,awaited}.rs,
and docs/LESSONS.md says why each ends as it does.")]
pub struct Args {
    /// How many of the flags that are built in
    #[arg(long, value_name = "N", value_parser = at_least_one, default_value_t = 60)]
    flags: usize,
    /// How long the disk takes for each file
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "20ms")]
    disk: Duration,
}

/// How the runtime goes.
#[derive(Clone, Copy)]
enum End {
    /// As at the end of `main`.
    Dropped,
    /// As when the program exits, for whatever reason.
    Exit,
}

const CASES: [(&str, Save, End); 4] = [
    (
        "a call, not awaited, and the program exits",
        Save::ForgottenCall,
        End::Exit,
    ),
    (
        "a call, not awaited; the runtime is dropped",
        Save::ForgottenCall,
        End::Dropped,
    ),
    (
        "a task, not awaited; the runtime is dropped",
        Save::ForgottenTask,
        End::Dropped,
    ),
    ("awaited, and the program exits", Save::Awaited, End::Exit),
];

const LEGEND: &str = "\
then: files on the disk when the flags were reported
end: files when the runtime was gone, or the program would have been
lost: reported ok, and not there";

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut codes = built_in();
    let (asked, most) = (args.flags, codes.len());
    if asked > most {
        return Err(Usage::error(format!(
            "--flags {asked}: {most} flags are built in, and each is saved once"
        )));
    }
    codes.truncate(asked);
    let Some(&refused) = codes.first() else {
        return Ok(ExitCode::SUCCESS);
    };
    let server = ServerProcess::start(&Profile::default()).context("cannot start a server")?;
    writeln!(
        io::stdout(),
        "{} flags, to a disk that takes {} for each file and refuses {refused}.\n",
        codes.len(),
        humantime::format_duration(args.disk)
    )?;
    let (mut rows, mut told) = (Vec::new(), Vec::new());
    for (name, save, end) in CASES {
        let job = Job::new(server.base_url(), codes.clone());
        let seen = watch_once(job, save, end, args.disk, refused)?;
        let ok = seen.report.tally().ok;
        rows.push([
            name.to_owned(),
            ok.to_string(),
            seen.files_then.to_string(),
            seen.files_in_the_end.to_string(),
            ok.saturating_sub(seen.files_in_the_end).to_string(),
        ]);
        let mut outcomes = seen.report.outcomes.iter();
        let heard = outcomes.find(|one| one.status != Status::Ok);
        let heard = heard.map_or("ok", |one| {
            one.detail.as_deref().unwrap_or("no reason known")
        });
        told.push(format!("  {name}: {heard}"));
    }
    let table = table::render(["", "ok", "then", "end", "lost"], rows, 4);
    writeln!(io::stdout(), "{table}\n\n{LEGEND}\n")?;
    let told = told.join("\n");
    writeln!(io::stdout(), "What was heard of {refused}:\n{told}")?;
    Ok(ExitCode::SUCCESS)
}

fn watch_once(
    job: Job,
    save: Save,
    end: End,
    disk: Duration,
    refused: CountryCode,
) -> anyhow::Result<Seen> {
    let folder = tempfile::tempdir().context("cannot make a directory for the flags")?;
    let store = Arc::new(SlowDisk {
        directory: Directory::create(folder.path())?,
        each: disk,
        refused: refused.lower().as_str().to_owned(),
        is_gone: AtomicBool::new(false),
    });
    let job = Job {
        store: store.clone(),
        ..job
    };
    Ok(watch(
        save,
        &Setup::default(),
        &job,
        || files_in(folder.path()),
        |event_loop: EventLoop| match end {
            End::Dropped => drop(event_loop),
            End::Exit => {
                // This program goes on to the next case, so the disk goes in its place.
                store.is_gone.store(true, Ordering::SeqCst);
                event_loop.shutdown_background();
            }
        },
    )?)
}

fn files_in(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

/// A disk as slow as a busy one, or one at the other end of a network.
struct SlowDisk {
    directory: Directory,
    each: Duration,
    /// The beginning of the name of the file that it refuses.
    refused: String,
    is_gone: AtomicBool,
}

impl Store for SlowDisk {
    fn save(&self, name: &str, body: Vec<u8>) -> io::Result<()> {
        if !self.is_gone.load(Ordering::SeqCst) {
            thread::sleep(self.each);
        }
        if self.is_gone.load(Ordering::SeqCst) {
            return Err(io::Error::other("the program has ended"));
        }
        if name.starts_with(&self.refused) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.directory.save(name, body)
    }
}
