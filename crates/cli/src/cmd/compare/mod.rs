//! `flagrace compare`: engines in interleaved rounds, each trial a process of its own.

mod counts;
mod own;
mod progress;
mod rounds;
mod scenarios;
mod timelines;
mod trial;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Context;
use flagrace_core::{BaseUrl, Cancel};
use flagrace_report::Meta;
use flagrace_report::comparison::{self, Comparison, Writer, export};

use self::counts::Server;
use self::own::Own;
use self::progress::Progress;
use self::rounds::{Rounds, failures, resent, seed_of};
use self::scenarios::{DEFAULT, Scenario, Work};
use self::trial::Common;
use crate::args::at_least_one;
use crate::engine::Engine;
use crate::interrupt;
use crate::output::aside::tell;
use crate::output::{table, text};
use crate::server::address;
use crate::urls::Urls;

#[derive(clap::Args)]
#[command(after_help = "\
Each trial is a process of its own (`flagrace get --summary`); a round runs every engine once,
in random order, and the baseline twice: what its two trials differ by is the machine's noise.
Results are kept after each round: Ctrl-C loses none that is over.
Exit code: 0 if nothing failed, 1 if an engine failed, or with --urls a URL (not found counts), or
nothing could be measured, 2 for a wrong argument, 130 after Ctrl-C. Errors that a scenario asks
for are no failures.")]
pub struct Args {
    /// What to compare in: several names, with commas or an option each; 'all' means every one
    /// [default: those of --scenarios, or else local, delay]
    #[arg(short = 'c', long, value_name = "NAME", value_delimiter = ',')]
    scenario: Vec<String>,
    /// Who takes part: several names, with commas or an option each. The first is the baseline
    /// [default: as the scenario says; with --urls threads, seq, rayon, async]
    #[arg(short = 'E', long, value_enum, value_delimiter = ',')]
    engine: Vec<Engine>,
    /// How many rounds [default: as the scenario says]
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one)]
    rounds: Option<usize>,
    /// Decides the order within each round
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The address of a server that runs, on another host for instance; it has the delays and
    /// errors that it was started with
    #[arg(short, long, value_name = "URL", value_parser = address)]
    server: Option<BaseUrl>,
    /// A file of more scenarios, in TOML: --help shows one
    ///
    ///     [[scenario]]
    ///     name = "mine"
    ///     title = "All flags, from a server that takes 5 to 50 ms"
    ///     flags = "all"          # or "popular", a number, or a list: a curve
    ///     concurrency = 20       # requests at a time; or a list: a curve
    ///     delay = "5ms..50ms"    # before each answer; nothing if left out
    ///     engines = ["threads", "async"]    # the first is the baseline
    ///     rounds = 30
    ///
    /// and, where wanted, waves (in place of flags: so many times the concurrency), error_rate
    /// (from 0 to 1), metadata (true or false), store ("null", "memory", "directory"), timeline
    /// (true or false) and patience (how long a trial may take, such as "60s"). One with the
    /// name of a scenario that is built in takes its place.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    scenarios: Option<PathBuf>,
    /// Name the scenarios, and compare nothing
    #[arg(short, long)]
    list: bool,
    /// Folder to keep the results in
    #[arg(short, long, value_name = "DIR", default_value = "results/latest")]
    output: PathBuf,
    #[command(flatten)]
    own: Own,
    #[command(flatten)]
    form: Form,
}

/// The form of the tables; text where none is asked for.
#[derive(clap::Args)]
#[group(multiple = false)]
pub struct Form {
    /// The tables as JSON
    #[arg(long)]
    pub json: bool,
    /// The tables as CSV
    #[arg(long)]
    pub csv: bool,
    /// The tables as Markdown
    #[arg(long)]
    pub markdown: bool,
}

impl Form {
    /// The tables of a comparison in this form.
    pub fn text(&self, of: &Comparison) -> anyhow::Result<String> {
        let findings = comparison::findings(of);
        Ok(match self {
            Self { json: true, .. } => export::json(of, &findings)?,
            Self { csv: true, .. } => export::csv(&findings)?,
            Self { markdown: true, .. } => export::markdown(of, &findings),
            Self { .. } => export::terminal(&findings, table::width()),
        })
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let urls = args.own.read()?;
    let scenarios = args.chosen(urls.as_ref())?;
    if args.list {
        for Scenario { name, title, .. } in &scenarios {
            writeln!(io::stdout(), "{name:18} {title}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    flagrace_measure::raise_open_files();
    let interrupted = Cancel::default();
    interrupt::cancels(&interrupted)?;

    let far = match (&args.server, &urls) {
        (Some(url), _) => Some(Server::at(url)),
        (None, Some(_)) => Some(Server::Unknown(None)),
        (None, None) => None,
    };
    let mut writer = Writer::new(&args.output, args.meta(far.is_none()))?;
    // On the disk that the results are on: a temporary directory may be memory.
    let saved = tempfile::Builder::new()
        .prefix(".saved-")
        .tempdir_in(&args.output);
    let saved = saved.with_context(|| format!("cannot save in {}", args.output.display()))?;
    let common = Common {
        program: std::env::current_exe().context("cannot find this program")?,
        more: match &urls {
            Some(urls) => args.own.arguments(urls, saved.path())?,
            None => Vec::new(),
        },
        saved: saved.path().to_path_buf(),
    };

    let mut missed = BTreeMap::new();
    let ran = args.each(
        &scenarios,
        &common,
        far,
        &interrupted,
        &mut writer,
        &mut missed,
    );
    // Whatever ended it, the tables are of the rounds that are kept.
    let kept = writer.kept();
    let failures = match kept.trials.is_empty() {
        true => Vec::new(),
        false => args.show(kept)?,
    };
    if !missed.is_empty() {
        let n = text::count(missed.len(), "URL");
        tell(format_args!("flagrace: {n} failed:"));
    }
    for (url, why) in &missed {
        tell(format_args!("  {url}: {why}"));
    }
    if !failures.is_empty() {
        let failures = failures.join("; ");
        tell(format_args!("flagrace: trials failed: {failures}"));
    }
    ran?;
    if interrupted.is_cancelled() {
        if kept.trials.is_empty() {
            tell("No round was over: nothing is kept, and what was there stays.");
        }
        return Ok(ExitCode::from(interrupt::EXIT_CODE));
    }
    Ok(match failures.is_empty() && missed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

impl Args {
    /// The scenarios that are meant, with the engines that are.
    fn chosen(&self, urls: Option<&Urls>) -> anyhow::Result<Vec<Scenario>> {
        let mut chosen = match urls {
            Some(urls) => vec![self.own.scenario(urls)],
            None => {
                let own = self.scenarios.as_deref().map(scenarios::read);
                let own = own.transpose()?;
                let words = match (&self.scenario[..], &own) {
                    ([], _) if self.list => vec![scenarios::ALL.to_owned()],
                    ([], Some(own)) => own.iter().map(|entry| entry.name.clone()).collect(),
                    ([], None) => DEFAULT.map(str::to_owned).to_vec(),
                    (words, _) => words.to_vec(),
                };
                scenarios::select(scenarios::load(&own.unwrap_or_default())?, &words)?
            }
        };
        if !self.engine.is_empty() {
            let engines = Engine::each_once(&self.engine);
            for scenario in &mut chosen {
                scenario.engines.clone_from(&engines);
            }
        }
        Ok(chosen)
    }

    fn rounds_of(&self, scenario: &Scenario) -> usize {
        self.rounds.unwrap_or(scenario.rounds)
    }

    /// One scenario after another, until Ctrl-C. `far` is the server, where it is none of ours.
    fn each(
        &self,
        scenarios: &[Scenario],
        common: &Common,
        mut far: Option<Server>,
        interrupted: &Cancel,
        writer: &mut Writer,
        missed: &mut BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        let mut progress = Progress::new(scenarios, |scenario| self.rounds_of(scenario));
        let mut given_up = BTreeMap::new();
        let mut family = None;
        for scenario in scenarios {
            let of = scenario.family.as_ref().map(|family| family.name.clone());
            if of != family {
                given_up.clear();
                family = of;
            }
            let mut own;
            let server = match &mut far {
                Some(server) => server,
                None => {
                    own = Server::start(&scenario.profile)?;
                    &mut own
                }
            };
            writer.scenario(self.header(scenario, common, server));
            let rounds = Rounds {
                scenario,
                common,
                server,
                progress: &mut progress,
                interrupted,
                given_up: &mut given_up,
                missed,
            };
            let seed = seed_of(self.seed, &scenario.name);
            let ran = rounds.run(self.rounds_of(scenario), seed, writer);
            if interrupted.is_cancelled() {
                break;
            }
            if ran.is_err() {
                progress.clear();
                return ran;
            }
            if scenario.timeline {
                timelines::keep(scenario, server, writer)?;
            }
        }
        progress.clear();
        Ok(())
    }

    /// Where and how this is measured.
    fn meta(&self, server_here: bool) -> Meta {
        let command: Vec<String> = std::env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        let command = format!("flagrace {}", command.join(" "));
        let server = match (&self.server, server_here) {
            (Some(url), _) => format!("somewhere, {url}"),
            (None, false) => "those of the URLs".to_owned(),
            (None, true) => "a process of its own, same machine, 127.0.0.1".to_owned(),
        };
        flagrace_measure::meta(&command, false, &server)
    }

    fn header(
        &self,
        scenario: &Scenario,
        common: &Common,
        server: &Server,
    ) -> comparison::Scenario {
        let here = server.is_here();
        let delay = scenario.profile.delay;
        let is_same = delay.min == delay.max;
        let mut command = scenario.arguments(common, "ENGINE", "URL", "DIR");
        for argument in &mut command {
            // The copy of a list of URLs, which is gone when somebody reads this.
            if Path::new(argument).starts_with(&common.saved) {
                *argument = "FILE".to_owned();
            }
        }
        comparison::Scenario {
            name: scenario.name.clone(),
            title: match &self.server {
                Some(url) => scenario.title_at(url),
                None => scenario.title.clone(),
            },
            family: scenario.family.clone(),
            flags: scenario.flags(),
            urls: matches!(scenario.work, Work::Urls(_)),
            concurrency: scenario.concurrency,
            // With metadata each flag waits twice, one after the other.
            delay_s: (here && is_same && !scenario.metadata).then_some(delay.min.as_secs_f64()),
            store: scenario.store.name().to_owned(),
            baseline: scenario.engines[0].name(),
            server_here: here,
            seed: self.seed,
            rounds: self.rounds_of(scenario),
            date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            command: format!("flagrace {}", command.join(" ")),
        }
    }

    /// Prints the tables. Returns which engines failed, and where.
    fn show(&self, shown: &Comparison) -> anyhow::Result<Vec<String>> {
        io::stdout().write_all(self.form.text(shown)?.as_bytes())?;
        let resent = resent(shown);
        let resent: Vec<_> = resent.iter().map(|(who, n)| format!("{who} {n}")).collect();
        if !resent.is_empty() {
            tell(format_args!(
                "Requests sent once more, because an idle connection had died: {}.",
                resent.join(", ")
            ));
        }
        tell(format_args!(
            "Every trial is kept in {}. `flagrace report` shows them: --markdown with \
             all columns, --open as a page.",
            self.output.display()
        ));
        Ok(failures(shown))
    }
}
