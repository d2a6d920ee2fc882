//! `flagrace race`: several engines at once, for a class to watch.
//!
//! # Layout
//!
//! - this file: who races, on what, and from start to end
//! - `show.rs`: what is seen meanwhile, bars or lines
//! - `results.rs`: what each engine came to, as a table, and what went wrong
//!
//! It measures nothing that could be quoted: engines that run at the same time take
//! processor time from each other.

mod results;
mod show;

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::process::ExitCode;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use flagrace_core::{Cancel, CountryCode, Downloader, Job, Selection, Setup};
use flagrace_server::{Delay, Profile};

use crate::args::{at_least_one, built_in, some_time, timeouts};
use crate::engine::Engine;
use crate::interrupt;
use crate::output::text::count;
use crate::server::{Knobs, Place, Source, describe};
use crate::usage::Usage;
use results::Finish;
use show::Show;

#[derive(clap::Args)]
#[command(after_help = "\
The engines download the same flags from the same server at the same time, and take from each
other what they need: it is for show, and `flagrace compare` is for numbers. Few requests at a
time and a slow server leave time to watch; seq takes about half a minute (-E threads,async
leaves it out). Ctrl-C ends the race, with a table of what was done.
Exit code: 0 if nothing failed, 1 if a flag failed or an engine could not start, 2 for a wrong
argument, 130 after Ctrl-C.")]
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
    /// Who races: several names, with commas or an option each
    #[arg(
        short = 'E',
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "seq,threads,rayon,async"
    )]
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
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let selection = match args.codes.is_empty() {
        true => Selection::Codes(built_in()),
        false => Selection::Words(args.codes.clone()),
    };
    let codes = selection.codes(args.limit).map_err(Usage::error)?;
    let place = args.place();
    args.knobs.fit(&place)?;
    let concurrency = args.max_req.min(codes.len()).max(1);
    flagrace_measure::raise_open_files();
    let source = Source::open(&place, &args.knobs)?;
    let setup = Setup {
        concurrency,
        timeouts: timeouts(args.timeout),
        tls: source.base_url.is_https().then(Arc::default),
        ..Setup::default()
    };
    let cancel = Cancel::default();
    interrupt::cancels(&cancel)?;

    // All are built before any of them starts: that too takes from the others.
    let (engines, mut no_start) = args.build(&setup);
    let server = match &place {
        Place::Label(_, profile) => describe(&args.knobs.shape(profile.clone())),
        Place::Url(url) => url.to_string(),
    };
    opening(&engines, &codes, concurrency, &server)?;
    let names: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
    let show = Show::new(&names, codes.len());
    let mut finishes = Vec::new();
    let ran = race(&engines, &show, |index| Job {
        observer: show.observer(index),
        cancel: cancel.clone(),
        ..Job::new(source.base_url.clone(), codes.clone())
    });
    for (engine, ran) in names.iter().zip(ran) {
        match ran {
            Ok(finish) => finishes.push(finish),
            Err(why) => no_start.push(did_not_race(engine, &why)),
        }
    }
    show.close();
    // Everything is done: joining all their threads first would only make the user wait.
    std::mem::forget(engines);

    results::print(&finishes, codes.len())?;
    let sound = results::tell_what_is_wrong(&finishes, &no_start);
    Ok(if cancel.is_cancelled() {
        ExitCode::from(interrupt::EXIT_CODE)
    } else if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Args {
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
    fn build(&self, setup: &Setup) -> (Vec<Box<dyn Downloader>>, Vec<String>) {
        let (mut engines, mut no_start) = (Vec::new(), Vec::new());
        for kind in Engine::each_once(&self.engine) {
            match kind.build(setup) {
                Ok(engine) => engines.push(engine),
                Err(why) => no_start.push(did_not_race(&kind.name(), &why.into())),
            }
        }
        (engines, no_start)
    }
}

fn did_not_race(engine: &str, why: &anyhow::Error) -> String {
    format!("{engine} did not race: {why:#}")
}

fn opening(
    engines: &[Box<dyn Downloader>],
    codes: &[CountryCode],
    concurrency: usize,
    server: &str,
) -> io::Result<()> {
    let fewer = engines
        .iter()
        .filter(|engine| engine.concurrency() < concurrency);
    let fewer = fewer.map(|engine| format!("{}: {}", engine.name(), engine.concurrency()));
    let fewer = match fewer.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        some => format!(" ({some})"),
    };
    writeln!(
        io::stdout(),
        "{}, {} each, {concurrency} at a time{fewer}; server: {server}.",
        count(engines.len(), "engine"),
        count(codes.len(), "flag"),
    )
}

/// Lets all of them run, each on a thread of its own. What they came to is in their order.
fn race(
    engines: &[Box<dyn Downloader>],
    show: &Show,
    job: impl Fn(usize) -> Job,
) -> Vec<anyhow::Result<Finish>> {
    // All wait to read when the race began, until the last of them was started. A barrier
    // would wait for ever for a thread that could not be.
    let start = RwLock::new(Instant::now());
    let runs = |index: usize, job: &Job| {
        let engine = &engines[index];
        let start = *start.read().unwrap_or_else(PoisonError::into_inner);
        show.starts(index);
        let report = engine.download_many(job);
        let report = report.inspect_err(|_| show.fails(index))?;
        let finish = Finish::now(engine.name(), start, &job.origin, &report);
        show.ends(index, &finish);
        anyhow::Ok(finish)
    };
    thread::scope(|scope| {
        let spawn = |index| {
            let (job, runs) = (job(index), &runs);
            let thread = thread::Builder::new().spawn_scoped(scope, move || runs(index, &job));
            thread.inspect_err(|_| show.fails(index))
        };
        let mut begins = start.write().unwrap_or_else(PoisonError::into_inner);
        let threads: Vec<_> = (0..engines.len()).map(spawn).collect();
        *begins = Instant::now();
        drop(begins);
        let ended = threads
            .into_iter()
            .map(|thread| thread?.join().unwrap_or_else(|panic| resume_unwind(panic)));
        ended.collect()
    })
}
