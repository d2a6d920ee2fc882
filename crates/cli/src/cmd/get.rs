//! `flagrace get`: download flags, or a list of URLs, with one of the engines.
//!
//! `get/own.rs` has the options for work of one's own.

mod own;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use flagrace_core::{
    Cancel, DEFAULT_CONCURRENCY, Directory, Item, Job, MAX_CONCURRENCY, Memory, NoObserver, Null,
    Observer, Origin, Outcome, Report, Selection, Setup, Store,
};
use flagrace_measure::Meter;

use self::own::Own;
use crate::args::{MOST, StoreKind, at_least_one, built_in, some_time, timeouts};
use crate::engine::Engine;
use crate::interrupt;
use crate::output::aside::{can_draw, tell};
use crate::output::{bar::Bar, json, summary, text, timeline};
use crate::server::{Knobs, Place, Source};
use crate::usage::Usage;

#[derive(clap::Args)]
#[command(after_help = "\
Without a country code it downloads the flags of the 20 most populous countries; with
--urls, what you name, from wherever it is, each as a file of its number and name: 0001-a.gif.
Redirects are not followed, and no proxy is asked. Only a request whose idle connection had
died is sent once more.
Exit code: 0 if nothing failed (not found is an answer), 1 if a flag failed or an address has
none of them, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// Two letters for one flag, or one letter for all 26 codes that begin with it
    #[arg(value_name = "CC")]
    codes: Vec<String>,
    /// All flags that are built in
    #[arg(short, long, conflicts_with_all = ["codes", "every"])]
    all: bool,
    /// All 676 codes from AA to ZZ, most of which do not exist
    #[arg(short, long, conflicts_with = "codes")]
    every: bool,
    /// At most N flags or URLs, the first in order
    #[arg(short, long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
    /// At most N requests at a time
    #[arg(short, long, alias = "max_req", value_name = "N", value_parser = at_least_one,
        default_value_t = DEFAULT_CONCURRENCY)]
    max_req: usize,
    /// The most that --max-req may ask for
    #[arg(long, value_name = "N", value_parser = at_least_one, default_value_t = MAX_CONCURRENCY)]
    max_concurrency: usize,
    /// How to download
    #[arg(short = 'E', long, value_enum, default_value_t = Engine::Threads)]
    engine: Engine,
    /// LOCAL, DELAY or ERROR to start a server, or the address of one that runs
    #[arg(short, long, value_name = "LABEL|URL", default_value = "LOCAL")]
    server: Place,
    #[command(flatten)]
    knobs: Knobs,
    #[command(flatten)]
    own: Own,
    /// Directory to keep the flags in
    #[arg(short, long, value_name = "DIR", default_value = "downloads")]
    output: PathBuf,
    /// Keep nothing: the same as --store null
    #[arg(long, conflicts_with_all = ["output", "store"])]
    no_save: bool,
    /// What keeps the flags
    #[arg(long, value_enum, default_value_t = StoreKind::Directory)]
    store: StoreKind,
    /// Ask for each flag's metadata too, and name the file after its country
    #[arg(long)]
    metadata: bool,
    /// How long to wait for each request
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = some_time)]
    timeout: Duration,
    /// Download each flag N times, for measuring
    #[arg(long, value_name = "N", value_parser = at_least_one, default_value_t = 1)]
    repeat: usize,
    /// Download N flags in all, the list over and over, for measuring
    #[arg(long, value_name = "N", value_parser = at_least_one, conflicts_with = "repeat")]
    total: Option<usize>,
    /// A line for each flag, as it is done
    #[arg(short, long, conflicts_with = "json")]
    verbose: bool,
    /// One JSON document on standard output, and nothing else
    #[arg(long)]
    json: bool,
    /// One line of JSON with the counts, the times and what it cost, without the single flags:
    /// what `compare` reads
    #[arg(long, conflicts_with_all = ["json", "verbose"])]
    summary: bool,
    /// Tell in the JSON what it cost: processor time, memory, threads, context switches
    #[arg(long, requires = "json")]
    cost: bool,
    #[command(flatten)]
    timelines: timeline::Wanted,
}

/// Counts the threads when half of the items are done, or the first, where all begin at once. At
/// the end of a job an engine may have none left.
struct Halfway {
    left: AtomicUsize,
    meter: Mutex<Meter>,
    threads: AtomicU64,
}

impl Halfway {
    fn new(items: usize, concurrency: usize) -> anyhow::Result<Self> {
        let at = if items > concurrency { items / 2 } else { 1 };
        Ok(Self {
            left: AtomicUsize::new(at),
            meter: Mutex::new(Meter::open()?),
            threads: AtomicU64::new(0),
        })
    }

    fn threads(&self) -> Option<u64> {
        Some(self.threads.load(Ordering::Relaxed)).filter(|&threads| threads > 0)
    }
}

impl Observer for Halfway {
    fn finished(&self, _outcome: &Outcome) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1
            && let Ok(mut meter) = self.meter.lock()
            && let Ok(cost) = meter.read()
        {
            let threads = cost.threads.unwrap_or_default();
            self.threads.store(threads, Ordering::Relaxed);
        }
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let list = args.own.list()?;
    let items = match &list {
        Some(list) => list
            .items()
            .take(args.limit.unwrap_or(usize::MAX))
            .collect(),
        None => args.flags()?,
    };
    args.knobs.fit(&args.server)?;
    let wanted = args
        .total
        .unwrap_or(items.len().saturating_mul(args.repeat));
    if wanted > MOST {
        return Err(Usage::error(format!(
            "{wanted} downloads are too many: a run has {MOST} at most"
        )));
    }
    let items = match args.total {
        Some(total) => items.iter().copied().cycle().take(total).collect(),
        None => items.repeat(args.repeat),
    };
    let setup = Setup {
        concurrency: args.concurrency(items.len()).max(1),
        timeouts: timeouts(args.timeout),
        ..args.own.setup(list.as_deref(), &args.server)?
    };
    let store = args.store()?;
    let timelines = args.timelines.open()?;
    flagrace_measure::raise_open_files();
    let (mut source, origin) = match list {
        Some(list) => (None, Origin::Urls(list)),
        None => {
            let source = Source::open(&args.server, &args.knobs)?;
            let origin = Origin::Flags(source.base_url.clone());
            (Some(source), origin)
        }
    };
    let cancel = Cancel::default();
    if !args.summary {
        // Listening takes a thread, and a trial's threads are counted: Ctrl-C just ends it.
        interrupt::cancels(&cancel)?;
    }

    let mut meter = Meter::open()?;
    let idle = meter.read()?;
    let setup_start = Instant::now();
    let engine = args.engine.build(&setup)?;
    let setup_time = setup_start.elapsed();
    let concurrency = engine.concurrency().min(items.len());

    if !args.json && !args.summary {
        text::opening(source.as_ref(), &origin, &items, concurrency)?;
    }
    let bar = args
        .shows_bar()
        .then(|| Arc::new(Bar::new(items.len(), text::noun(&origin))));
    let halfway = match args.summary || args.cost {
        true => Some(Arc::new(Halfway::new(items.len(), concurrency)?)),
        false => None,
    };
    let job = Job {
        metadata: args.metadata,
        store,
        observer: match (&bar, &halfway) {
            (Some(bar), _) => Arc::clone(bar) as _,
            (_, Some(halfway)) => Arc::clone(halfway) as _,
            _ if args.verbose => Arc::new(text::Verbose(origin.clone())),
            _ => Arc::new(NoObserver),
        },
        cancel: cancel.clone(),
        ..Job::of(origin.clone(), items.into())
    };
    let report = engine.download_many(&job)?;
    let mut done = meter.read()?;
    if let Some(halfway) = &halfway {
        done.threads = done.threads.max(halfway.threads());
    }
    // An error here is told of at the end: the flags are there all the same.
    let written = timelines.write(engine.name(), &job, &report);
    // The process is about to end, and everything is saved: joining a thousand threads
    // first would only make the user wait.
    let engine = std::mem::ManuallyDrop::new(engine);
    if let Some(bar) = bar {
        bar.clear();
    }

    if args.summary {
        let summary = summary::of(&**engine, &origin, &report, setup_time, (idle, done));
        writeln!(io::stdout(), "{}", summary.line()?)?;
        written?;
        return Ok(exit_code(&report, &cancel));
    }
    if args.json {
        let cost = json::Costs { idle, done };
        let server = source.as_mut().and_then(Source::stats);
        json::print(&json::Document {
            engine: engine.name(),
            base_url: source.as_ref().map(|source| source.base_url.as_str()),
            concurrency,
            counts: json::Counts::of(&report),
            setup_s: setup_time.as_secs_f64(),
            elapsed_s: report.elapsed.as_secs_f64(),
            cost: args.cost.then_some(cost),
            server,
            outcomes: json::outcomes(&origin, &report),
        })?;
    } else {
        text::closing(&origin, &report)?;
    }
    let nothing = text::nothing_there(&origin, &report);
    let line = match args.verbose || args.json {
        true => nothing,
        false => nothing.or_else(|| text::some_failed(&origin, &report)),
    };
    if let Some(line) = line {
        tell(format_args!("flagrace: {line}"));
    }
    written?;
    Ok(exit_code(&report, &cancel))
}

fn exit_code(report: &Report, cancel: &Cancel) -> ExitCode {
    if cancel.is_cancelled() {
        ExitCode::from(interrupt::EXIT_CODE)
    } else if report.tally().errors() > 0 || text::no_flags_there(report) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

impl Args {
    fn flags(&self) -> anyhow::Result<Vec<Item>> {
        let selection = if self.every {
            Selection::Every
        } else if self.all {
            Selection::Codes(built_in())
        } else if self.codes.is_empty() {
            Selection::Popular
        } else {
            Selection::Words(self.codes.clone())
        };
        let codes = selection.codes(self.limit).map_err(Usage::error)?;
        Ok(codes.into_iter().map(Item::Flag).collect())
    }

    /// As in the book: what was asked for, the maximum, or a connection for each flag,
    /// whichever is least.
    fn concurrency(&self, flags: usize) -> usize {
        let asked = self.max_req;
        if asked > self.max_concurrency {
            let most = self.max_concurrency;
            tell(format_args!(
                "flagrace: -m {asked} is reduced to {most}; --max-concurrency raises the limit"
            ));
        }
        asked.min(self.max_concurrency).min(flags)
    }

    fn store(&self) -> anyhow::Result<Arc<dyn Store>> {
        Ok(match self.store {
            _ if self.no_save => Arc::new(Null),
            StoreKind::Null => Arc::new(Null),
            StoreKind::Memory => Arc::new(Memory::default()),
            StoreKind::Directory => {
                let directory = Directory::create(&self.output).with_context(|| {
                    let path = self.output.display();
                    format!("cannot keep flags in {path} (-o names another directory)")
                })?;
                Arc::new(directory)
            }
        })
    }

    fn shows_bar(&self) -> bool {
        can_draw() && !self.verbose && !self.json && !self.summary
    }
}
