//! `flagrace get`: downloads flags or URLs with one of the engines.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use flagrace_core::{
    Compute, CountryCode, Directory, Item, Job, Null, Observer, Origin, OriginError, Outcome,
    Store, UrlList,
};
use flagrace_measure::scenario::MOST;
use flagrace_measure::{Engine, Meter, Watch, span};
use flagrace_report::data::Timeline;
use flagrace_report::timeline;
use flagrace_server::ServerProcess;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{Network, Urls, Usage, at_least_one, built_in, some_time};
use crate::interrupt;
use crate::output::{check_files, json, tell, text, write_file};
use crate::server::{Knobs, Place, start};

#[derive(clap::Args)]
#[command(after_help = "\
Without codes and URLs, get downloads the flags of the 20 most populous countries. URLs are saved
as files of their number and name, such as 0001-a.gif. get follows no redirects and uses no proxy.
It resends a request only if an idle connection was dead.
Two gets may save in one directory. One that is killed leaves whole files, and perhaps .flagrace-*
files, to delete when no get runs. A power failure may leave recent files empty, cut or missing.
Exit code: 0 if nothing failed (not found is an answer), 1 if a download failed or the server has
no flags, 2 for a wrong argument, 130 after Ctrl-C.")]
pub struct Args {
    /// Codes such as BR, first letters such as B for all 26 codes, or URLs
    #[arg(value_name = "CC|URL", conflicts_with_all = ["all", "every", "urls"])]
    words: Vec<String>,
    /// Download all built-in flags
    #[arg(short, long, conflicts_with_all = ["every", "urls"])]
    all: bool,
    /// Try all 676 codes from AA to ZZ, most of which have no flag
    #[arg(short, long, conflicts_with = "urls")]
    every: bool,
    /// Download the URLs in a file, one per line; - is standard input
    #[arg(long, value_name = "FILE")]
    urls: Option<PathBuf>,
    /// Download only the first N
    #[arg(short, long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
    /// Download each N times, for measurements
    #[arg(long, value_name = "N", value_parser = at_least_one, default_value_t = 1)]
    repeat: usize,
    /// Request metadata too, and name each file after its country
    #[arg(long)]
    metadata: bool,
    /// Compute on each body for this processor time, before it is saved
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    cpu: Option<Duration>,
    /// Engine to download with
    #[arg(short = 'E', long, value_enum, default_value_t = Engine::Threads)]
    engine: Engine,
    #[command(flatten)]
    network: Network,
    /// LOCAL, DELAY or ERROR to start a flag server, or the URL of a running one
    #[arg(short, long, value_name = "LABEL|URL", default_value = "LOCAL")]
    server: Place,
    #[command(flatten)]
    knobs: Knobs,
    /// Directory to save files in
    #[arg(short, long, value_name = "DIR", default_value = "downloads")]
    output: PathBuf,
    /// Save nothing
    #[arg(long, conflicts_with = "output")]
    no_save: bool,
    /// Print a line for each download; with --json on standard error
    #[arg(short, long)]
    verbose: bool,
    /// Print one JSON document with the timing of each download and the cost of the run
    #[arg(long)]
    json: bool,
    /// Draw the timeline of each flag as SVG: queued, waiting, receiving, saving
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let list = args.list()?;
    let items = args.items(list.as_deref())?;
    check_files([&args.timeline])?;
    flagrace_measure::raise_open_files();
    let (_server, site, origin) = args.origin(list)?;
    // Calibrates, which must not count as work of the download.
    let compute = args.cpu.map(Compute::lasting).unwrap_or_default();
    let https = match &origin {
        Origin::Flags(base_url) => base_url.is_https(),
        Origin::Urls(list) => list.needs_tls(),
    };
    let setup = args.network.setup(items.len(), https)?;
    let store = args.store()?;
    let cancel = interrupt::cancels()?;

    let mut meter = Meter::open()?;
    let idle = meter.read()?;
    let engine = args.engine.build(&setup)?;
    let concurrency = engine.concurrency().min(items.len());

    if !args.json {
        text::opening(site, &origin, &items, concurrency)?;
    }
    let progress = Arc::new(Progress {
        bar: args.bar(items.len(), text::noun(&origin))?,
        verbose: args.verbose,
        json: args.json,
        origin: origin.clone(),
        watch: Watch::new(items.len(), concurrency, None)?,
    });
    let job = Job {
        metadata: args.metadata,
        compute,
        store,
        observer: Arc::clone(&progress) as _,
        cancel: cancel.clone(),
        ..Job::of(origin.clone(), items.into())
    };
    let report = engine.download_many(&job)?;
    let mut done = meter.read()?;
    done.threads = done.threads.max(progress.watch.threads());
    // Everything is saved: skip joining a thousand threads, for which the user would wait.
    let engine_name = engine.name();
    std::mem::forget(engine);
    progress.bar.finish_and_clear();

    // The flags are saved even if this fails, so report its error last.
    let written = args.timeline.as_ref().map_or(Ok(()), |path| {
        let timeline = Timeline {
            scenario: "get".to_owned(),
            engine: engine_name.to_owned(),
            spans: report.outcomes.iter().map(|one| span(&job, one)).collect(),
        };
        write_file(path, timeline::figure(&[&timeline]))
    });
    if args.json {
        json::print(engine_name, &job, &report, idle, done)?;
    } else {
        text::closing(&origin, &report)?;
    }
    let complaint = text::complaint(&origin, &report);
    if let Some(line) = &complaint {
        tell(format_args!("flagrace: {line}"));
    }
    written?;
    Ok(interrupt::exit_code(&cancel, complaint.is_some()))
}

/// Moves the bar or prints lines, and counts threads.
struct Progress {
    /// Drawn when an item finishes, at most 20 times a second: a steady tick would need a thread.
    bar: ProgressBar,
    verbose: bool,
    json: bool,
    origin: Origin,
    watch: Watch,
}

impl Observer for Progress {
    fn finished(&self, outcome: &Outcome) {
        self.bar.inc(1);
        if let (true, Some(line)) = (self.verbose, text::line(&self.origin, outcome)) {
            // A closed reader is noticed at the end; downloads go on.
            let _ = match self.json {
                true => writeln!(io::stderr(), "{line}"),
                false => writeln!(io::stdout(), "{line}"),
            };
        }
        self.watch.finished(outcome);
    }
}

impl Args {
    fn list(&self) -> anyhow::Result<Option<Arc<UrlList>>> {
        if let Some(path) = &self.urls {
            return Ok(Some(Arc::new(Urls::read(path)?.list)));
        }
        if !self.words.iter().any(|word| word.contains("://")) {
            return Ok(None);
        }
        let list = UrlList::parse(&self.words.join("\n")).map_err(|error| match error {
            OriginError::Line(_, url, why) => {
                Usage::error(format!("cannot download '{url}' as a URL: {why}"))
            }
            error => Usage::error(error),
        })?;
        Ok(Some(Arc::new(list)))
    }

    fn items(&self, list: Option<&UrlList>) -> anyhow::Result<Vec<Item>> {
        let mut items: Vec<Item> = match list {
            Some(list) => list.items().collect(),
            None => {
                let codes = if self.every {
                    CountryCode::every().collect()
                } else if self.all {
                    built_in()
                } else if self.words.is_empty() {
                    CountryCode::popular()
                } else {
                    CountryCode::select(&self.words).map_err(Usage::error)?
                };
                codes.into_iter().map(Item::Flag).collect()
            }
        };
        items.truncate(self.limit.unwrap_or(MOST));
        match items.len().saturating_mul(self.repeat) {
            ..=MOST => Ok(items.repeat(self.repeat)),
            many => Err(Usage::error(format!(
                "{many} downloads are too many: at most {MOST} in one run"
            ))),
        }
    }

    /// Where to download from, with its label, and the server if one is started.
    fn origin(
        &self,
        list: Option<Arc<UrlList>>,
    ) -> anyhow::Result<(Option<ServerProcess>, &str, Origin)> {
        let is_default = matches!(&self.server, Place::Label(label, _) if label == "LOCAL");
        let shaped = self.knobs != Knobs::default();
        match (list, &self.server) {
            (Some(_), _) if self.metadata || shaped || !is_default => Err(Usage::error(
                "--server, --delay, --error-rate, --seed, --body and --metadata are for flags, not for URLs",
            )),
            (Some(list), _) => Ok((None, "", Origin::Urls(list))),
            (None, Place::Url(_)) if shaped => Err(Usage::error(
                "--delay, --error-rate, --seed and --body are for a server that get starts: \
                 give them to the `flagrace serve` at that URL",
            )),
            (None, Place::Url(url)) => Ok((None, "URL", Origin::Flags(url.clone()))),
            (None, Place::Label(label, profile)) => {
                let server = start(&self.knobs.shape(profile.clone()))?;
                let origin = Origin::Flags(server.base_url());
                Ok((Some(server), label, origin))
            }
        }
    }

    fn store(&self) -> anyhow::Result<Arc<dyn Store>> {
        if self.no_save {
            return Ok(Arc::new(Null));
        }
        let directory = Directory::create(&self.output).with_context(|| {
            let path = self.output.display();
            format!("cannot save flags in {path} (-o names another directory)")
        })?;
        Ok(Arc::new(directory))
    }

    fn bar(&self, items: usize, noun: &str) -> anyhow::Result<ProgressBar> {
        if self.verbose || self.json {
            return Ok(ProgressBar::hidden());
        }
        let style = format!("{{bar:40}} {{pos}}/{{len}} {noun}s, {{elapsed}}");
        let style = ProgressStyle::with_template(&style)?;
        Ok(ProgressBar::new(items as u64).with_style(style))
    }
}
