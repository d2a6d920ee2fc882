//! `flagrace race`: several engines at once, for a class to watch.
//!
//! # Layout
//!
//! - this file: who races, on what, and from start to end
//! - `start.rs`: the line from which all of them start together
//! - `show.rs`: what is seen meanwhile, bars or lines
//! - `ranking.rs`: who came when, as a table and as JSON
//!
//! It measures nothing that could be quoted: engines that run at the same time take
//! processor time from each other.

mod ranking;
mod show;
mod start;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use flagrace_core::{
    Cancel, CountryCode, Downloader, Job, MAX_CONCURRENCY, Selection, Setup, Timeouts,
};
use flagrace_server::{Delay, Profile};

use crate::args::{at_least_one, some_time};
use crate::engine::Engine;
use crate::interrupt;
use crate::server::{Knobs, Place, Source, describe};
use crate::usage::Usage;
use ranking::{NoStart, Ranking};
use show::Show;
use start::StartLine;

#[derive(clap::Args)]
#[command(after_help = "\
All engines download the same flags from the same server at the same time, and take from each
other what they need: it is for show, and `flagrace compare` is for numbers. Few requests at a
time and a slow server leave time to watch; seq takes about half a minute (-E threads,async
leaves it out). Ctrl-C ends the race, with a ranking of those that are done.
Exit code: 0 if nothing failed, 1 if a flag failed, an engine could not start or two of them
disagree, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// Two letters for one flag, or one letter for all 26 codes [default: all that are built in]
    #[arg(value_name = "CC")]
    codes: Vec<String>,
    /// At most N flags, the first in order
    #[arg(short, long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
    /// At most N requests at a time, for each engine but seq
    #[arg(short, long, value_name = "N", value_parser = at_least_one, default_value_t = 5)]
    max_req: usize,
    /// Who races: several names, with commas or an option each [default: all engines]
    #[arg(short = 'E', long, value_enum, value_delimiter = ',')]
    engine: Vec<Engine>,
    /// LOCAL, DELAY or ERROR to start a server, or the address of one that runs [default: a
    /// server of 50ms..150ms of delay]
    #[arg(short, long, value_name = "LABEL|URL")]
    server: Option<Place>,
    #[command(flatten)]
    knobs: Knobs,
    /// How long to wait for each request
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = some_time)]
    timeout: Duration,
    /// The ranking as one JSON document on standard output, and nothing else
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let codes = args.selection().codes(args.limit).map_err(Usage::error)?;
    let place = args.place();
    args.knobs.fit(&place)?;
    let concurrency = args.max_req.min(MAX_CONCURRENCY).min(codes.len()).max(1);
    flagrace_measure::raise_open_files();
    let source = Source::open(&place, &args.knobs)?;
    let setup = Setup {
        concurrency,
        timeouts: Timeouts {
            connect: args.timeout.min(Timeouts::default().connect),
            request: args.timeout,
        },
        tls: source.base_url.is_https().then(Arc::default),
        ..Setup::default()
    };
    let cancel = Cancel::default();
    interrupt::cancels(&cancel)?;

    // All are built before any of them starts: that too takes from the others.
    let (engines, no_start) = args.build(&setup);
    if !args.json {
        let server = match &place {
            Place::Label(_, profile) => describe(&args.knobs.shape(profile.clone())),
            Place::Url(url) => url.to_string(),
        };
        opening(&engines, &codes, concurrency, &server)?;
    }
    let names: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
    let show = Show::new(&names, codes.len(), args.json);
    let job = |index| Job {
        observer: show.observer(index),
        cancel: cancel.clone(),
        ..Job::new(source.base_url.clone(), codes.clone())
    };
    let mut ranking = race(&engines, &show, job);
    show.close();
    ranking.no_start.extend(no_start);
    // Everything is done: joining all their threads first would only make the user wait.
    std::mem::forget(engines);

    ranking.sort();
    if args.json {
        ranking.print_json(source.base_url.as_str(), codes.len(), concurrency)?;
    } else {
        ranking.print(codes.len())?;
    }
    let sound = ranking.tell_what_is_wrong(source.base_url.as_str(), args.json);
    Ok(if cancel.is_cancelled() {
        ExitCode::from(interrupt::EXIT_CODE)
    } else if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Args {
    fn selection(&self) -> Selection {
        if self.codes.is_empty() {
            let codes = flagrace_catalog::all().iter();
            Selection::Codes(codes.filter_map(|flag| flag.code.parse().ok()).collect())
        } else {
            Selection::Words(self.codes.clone())
        }
    }

    /// All flags in a row from the usual server take 26 s.
    fn place(&self) -> Place {
        self.server.clone().unwrap_or_else(|| {
            let delay = Delay {
                min: Duration::from_millis(50),
                max: Duration::from_millis(150),
            };
            Place::Label("DELAY".to_owned(), Profile::delayed_by(delay))
        })
    }

    /// Those that can be built, and why the others cannot.
    fn build(&self, setup: &Setup) -> (Vec<Box<dyn Downloader>>, Vec<NoStart>) {
        let kinds = match self.engine.as_slice() {
            [] => Engine::value_variants(),
            chosen => chosen,
        };
        let (mut engines, mut no_start) = (Vec::new(), Vec::new());
        for kind in Engine::each_once(kinds) {
            match kind.build(setup) {
                Ok(engine) => engines.push(engine),
                Err(error) => no_start.push(NoStart::new(&kind.name(), error)),
            }
        }
        (engines, no_start)
    }
}

fn opening(
    engines: &[Box<dyn Downloader>],
    codes: &[CountryCode],
    concurrency: usize,
    server: &str,
) -> io::Result<()> {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let one = match concurrency {
        1 => "",
        _ if engines.iter().any(|engine| engine.name() == "seq") => " (seq: 1)",
        _ => "",
    };
    writeln!(
        io::stdout(),
        "{}, {} each, {concurrency} at a time{one}; server: {server}.",
        count(engines.len(), "engine"),
        count(codes.len(), "flag"),
    )
}

/// Lets all of them run, each on a thread of its own.
fn race(engines: &[Box<dyn Downloader>], show: &Show, job: impl Fn(usize) -> Job) -> Ranking {
    let line = StartLine::default();
    let ranking = Mutex::default();
    // A thread that panicked while it wrote left a sound list.
    let write = || ranking.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let mut there = 0;
        for (index, engine) in engines.iter().enumerate() {
            let (job, line) = (job(index), &line);
            let runs = move || {
                let start = line.wait();
                show.starts(index);
                let report = engine.download_many(&job);
                // Looked at by one at a time, the clock agrees with the places.
                let mut ranking: MutexGuard<'_, Ranking> = write();
                match report {
                    Ok(report) => show.ends(index, ranking.enter(engine.name(), start, &report)),
                    Err(error) => {
                        show.fails(index);
                        ranking.no_start.push(NoStart::new(engine.name(), error));
                    }
                }
            };
            match thread::Builder::new().spawn_scoped(scope, runs) {
                Ok(_) => there += 1,
                Err(error) => {
                    show.fails(index);
                    write().no_start.push(NoStart::new(engine.name(), error));
                }
            }
        }
        line.open(there);
    });
    std::mem::take(&mut *write())
}
