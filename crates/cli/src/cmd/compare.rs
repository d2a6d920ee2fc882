//! `flagrace compare`: runs engines in interleaved rounds, each trial in its own process.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use bytesize::ByteSize;
use flagrace_core::BaseUrl;
use flagrace_measure::{Comparison, Engine, Scenario, Server, StoreKind, scenario};
use flagrace_report::data::{Meta, Outcome, Run, Writer};
use indicatif::{ProgressBar, ProgressStyle};

use super::report::Form;
use crate::args::{Network, Urls, Usage, at_least_one, size, some_time};
use crate::interrupt;
use crate::output::tell;
use crate::output::text::count;

/// Where the server is that a comparison starts.
pub const HERE: &str = "a process of its own, same machine, 127.0.0.1";

#[derive(clap::Parser)]
#[command(
    mut_arg("concurrency", |arg| arg.requires("urls").help("Requests in flight at a time, for --urls")),
    after_help = "\
A round runs every engine once, in random order, and the baseline twice: its two trials show the
noise of the machine. Every trial is a separate process, and its downloads are checked.
Exit code: 0 if nothing failed, 1 if a trial or a URL failed (not found counts), 2 for a wrong
argument, 130 after Ctrl-C, which shows the completed rounds."
)]
pub struct Args {
    /// Scenarios to run, or series of them, separated by commas; 'all' runs every one
    /// [default: all of --scenarios or --servers, or local,delay]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    scenario: Vec<String>,
    /// Engines to compare, separated by commas; the first is the baseline
    /// [default: those of the scenario]
    #[arg(short = 'E', long, value_enum, value_delimiter = ',')]
    engine: Vec<Engine>,
    /// Number of rounds [default: that of the scenario]
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one)]
    rounds: Option<usize>,
    /// Give the client and the server cores of their own, half of the machine each (Linux only)
    #[arg(long)]
    pin: bool,
    /// Compute this long on each body [default: that of the scenario]
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    cpu: Option<Duration>,
    /// Let the server send bodies of this size, such as 1MiB [default: that of the scenario]
    #[arg(long, value_name = "SIZE", value_parser = size, conflicts_with_all = ["server", "urls"])]
    body: Option<u64>,
    /// URL of a running flag server, which keeps its own delays
    #[arg(short, long, value_name = "URL")]
    server: Option<BaseUrl>,
    /// File of scenarios to use instead of the built-in ones; --help shows one
    ///
    ///     [[scenario]]
    ///     name = "mine"
    ///     title = "100 flags, 20 at a time, 5 to 50 ms"
    ///     flags = 100
    ///     concurrency = 20
    ///     delay = "5ms..50ms"               # before each answer
    ///     engines = ["threads", "async"]    # the first is the baseline
    ///
    /// Optional: `waves` (instead of flags: a multiple of the concurrency), `series` (instead of
    /// concurrency: a list of them), `load` (open loops: a list of shares of the capacity), `warm`
    /// (true: connections open before the clock starts), `pin`, `cpu`, `body` (as the options),
    /// `cpu_of` ("CN", the only flag to compute on), `count` (true: count system calls), `cancel`
    /// (after this many waves; the time is then from there until the engine returns), `rounds` (20),
    /// `store` ("null", "memory" or "directory"), `timeline` (true or false) and `limit` ("60s", how
    /// long a trial may take). With `idle` it compares servers: see crates/measure/servers.toml.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    scenarios: Option<PathBuf>,
    /// Compare servers, a thread and a task for each connection, under the same load (Linux only)
    #[arg(long, conflicts_with_all = ["engine", "pin", "cpu", "body", "server", "scenarios", "urls",
        "timeout", "max_body", "ca"])]
    servers: bool,
    /// Download the URLs in a file instead, one per line; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "server", "scenarios"])]
    urls: Option<PathBuf>,
    #[command(flatten)]
    network: Network,
    /// List the scenarios and exit
    #[arg(short, long)]
    list: bool,
    /// File to write every trial to, as JSON Lines: each round as soon as it ends
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let urls = args.urls.as_deref().map(Urls::read).transpose()?;
    let scenarios = args.chosen(urls.as_ref())?;
    if args.list {
        for Scenario { name, title, .. } in &scenarios {
            writeln!(io::stdout(), "{name:24} {title}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (https, place) = match (&urls, &args.server) {
        (Some(urls), _) => (urls.list.needs_tls(), "those of the URLs"),
        (None, Some(url)) => (url.is_https(), &*format!("somewhere, {url}")),
        (None, None) => (false, HERE),
    };
    let setup = args.network.setup(usize::MAX, https)?;
    args.form.check()?;
    let meta = meta(place);
    let mut writer = match &args.output {
        Some(path) => Writer::resume(path, Run::new(meta))?,
        None => Writer::in_memory(meta),
    };
    let saved = args.folder(&scenarios)?;
    let folder = saved.as_ref().map(|one| PathBuf::from(one.path()));
    let server = urls.map(|urls| Server::Urls(urls.text));
    let server = server.or_else(|| args.server.clone().map(Server::at));
    let comparison = Comparison {
        scenarios,
        setup,
        seed: fastrand::u32(..).into(),
        folder: folder.unwrap_or_default(),
        cancel: interrupt::cancels()?,
    };
    let compared = with_bar(&comparison, server, &mut writer);
    // However it ended, show the completed rounds.
    let run = writer.run();
    let shown = match run.trials.is_empty() {
        true => Ok(()),
        false => args.form.show(run),
    };
    let failed = complain(run, &compared?);
    shown?;
    Ok(interrupt::exit_code(&comparison.cancel, failed))
}

pub fn meta(server: &str) -> Meta {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(|one| one.to_string_lossy()).collect();
    flagrace_measure::meta(&format!("flagrace {}", arguments.join(" ")), false, server)
}

/// Compares with a progress bar, and returns the URLs that were not downloaded.
pub fn with_bar(
    comparison: &Comparison,
    server: Option<Server>,
    writer: &mut Writer,
) -> anyhow::Result<BTreeMap<String, String>> {
    flagrace_measure::raise_open_files();
    let trials = |one: &Scenario| one.rounds * (one.engines.len() + 1);
    let trials: usize = comparison.scenarios.iter().map(trials).sum();
    let bar = ProgressBar::new(trials as u64);
    let style = ProgressStyle::with_template("{bar:30} {msg}, about {eta} left")?;
    bar.set_style(style);
    let mut progress = |Scenario { name, rounds, .. }: &Scenario, round: usize| {
        if round == 0 && bar.is_hidden() {
            tell(format_args!("{name}: {}", count(*rounds, "round")));
        }
        bar.set_message(format!("{name}, round {round} of {rounds}"));
        bar.inc(u64::from(round > 0));
    };
    let compared = flagrace_measure::compare(comparison, server, writer, &mut progress);
    bar.finish_and_clear();
    compared
}

impl Args {
    /// The scenarios to run, as changed by the command line.
    fn chosen(&self, urls: Option<&Urls>) -> anyhow::Result<Vec<Scenario>> {
        let mut scenarios = match (urls, &self.scenarios) {
            (Some(urls), _) => vec![self.of_urls(urls)],
            (None, Some(path)) => {
                let name = path.display();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Usage::error(format!("cannot read {name}: {error}")))?;
                let all = scenario::parse(&text);
                all.map_err(|what| Usage::error(format!("{name}: {what}")))?
            }
            (None, None) => {
                let text = [scenario::BUILT_IN, scenario::SERVERS][usize::from(self.servers)];
                scenario::parse(text).map_err(anyhow::Error::msg)?
            }
        };
        let mut names = self.scenario.clone();
        let has_own = self.scenarios.is_some() || self.servers || urls.is_some();
        if names.is_empty() && !has_own && !self.list {
            names = ["local", "delay"].map(str::to_owned).into();
        }
        if !names.is_empty() && !names.iter().any(|name| name == "all") {
            scenarios = scenario::select(scenarios, &names).map_err(Usage::error)?;
        }
        let engines = Engine::each_once(&self.engine);
        for scenario in &mut scenarios {
            scenario.rounds = self.rounds.unwrap_or(scenario.rounds);
            scenario.pin |= self.pin;
            scenario.cpu = self.cpu.unwrap_or(scenario.cpu);
            scenario.body = self.body.map(ByteSize).or(scenario.body);
            if !engines.is_empty() {
                scenario.engines.clone_from(&engines);
            }
            if let Err(why) = scenario.check(true) {
                let name = &scenario.name;
                return Err(Usage::error(format!("scenario {name}: {why}")));
            }
        }
        Ok(scenarios)
    }

    fn of_urls(&self, urls: &Urls) -> Scenario {
        let requests = urls.list.items().count();
        let concurrency = self.network.concurrency.min(requests);
        Scenario {
            name: "urls".to_owned(),
            title: format!("{requests} URLs, {concurrency} at a time"),
            requests,
            concurrency,
            store: StoreKind::Memory,
            engines: vec![Engine::Threads, Engine::Seq, Engine::Rayon, Engine::Async],
            // The server is a real service with other clients.
            rounds: 10,
            limit: Duration::from_secs(600),
            ..Scenario::default()
        }
    }

    /// A folder for scenarios that save to disk, removed at the end. It is beside the results or in
    /// the current folder: the system's temporary folder may be in memory.
    fn folder(&self, scenarios: &[Scenario]) -> anyhow::Result<Option<tempfile::TempDir>> {
        let mut stores = scenarios.iter().map(|one| one.store);
        if !stores.any(|store| store == StoreKind::Directory) {
            return Ok(None);
        }
        let beside = self.output.as_deref().and_then(Path::parent);
        let beside = Path::new(".").join(beside.unwrap_or(Path::new("")));
        let folder = tempfile::TempDir::with_prefix_in(".flagrace-", &beside);
        let folder = folder.with_context(|| format!("cannot save in {}", beside.display()))?;
        Ok(Some(folder))
    }
}

/// Reports the URLs and the engines that failed, after the results. Returns whether any did.
pub fn complain(run: &Run, missed: &BTreeMap<String, String>) -> bool {
    for (url, why) in missed {
        tell(format_args!("flagrace: {url}: {why}"));
    }
    let mut failures: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for trial in &run.trials {
        if let Outcome::Failed(why) = &trial.outcome {
            let key = (trial.scenario.as_str(), trial.engine.as_str());
            failures.entry(key).or_insert(why);
        }
    }
    for ((scenario, engine), why) in &failures {
        tell(format!("flagrace: scenario {scenario}, {engine}: {why}"));
    }
    !missed.is_empty() || !failures.is_empty()
}
