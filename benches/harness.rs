//! What the benchmarks share: the server's process, the race, and the results.
//!
//! Each file beside this one is a group of benchmarks and says in a few lines what is
//! raced. This file makes sure that it is raced fairly:
//!
//! - The server is a process of its own: the benchmark runs itself once more as the server.
//! - An engine is built once for each scenario, and downloads one wave of flags before
//!   anything is timed, so that its connections are there.
//! - What is timed is `download_many` as a whole, by this thread's clock.
//! - Nothing is timed whose answer is not checked: each iteration must download every flag.

use std::cell::OnceCell;
use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use console::Term;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode};
use flagrace_async::Async;
use flagrace_core::{CountryCode, Downloader, Job, JobError, Selection, Setup, Status, Tally};
use flagrace_measure::meta;
use flagrace_rayon::Rayon;
use flagrace_report::export;
use flagrace_report::folder::LATEST;
use flagrace_report::{Cell, Group, Quantity, Run, criterion as files, folder};
use flagrace_seq::Seq;
use flagrace_server::{Profile, ServerProcess};
use flagrace_threads::Threads;

/// Builds an engine.
pub type Build = fn(&Setup) -> Result<Box<dyn Downloader>, JobError>;

/// An engine by its name in the tables.
pub type Engine = (&'static str, Build);

/// One flag after another.
pub const SEQ: Engine = ("seq", |setup| Ok(Box::new(Seq::new(setup)?)));
/// A pool of OS threads.
pub const THREADS: Engine = ("threads", |setup| Ok(Box::new(Threads::new(setup)?)));
/// A work-stealing pool as large as the concurrency.
pub const RAYON: Engine = ("rayon", |setup| Ok(Box::new(Rayon::new(setup)?)));
/// A work-stealing pool of rayon's own default size.
pub const RAYON_DEFAULT: Engine = ("rayon-default", |setup| {
    Ok(Box::new(Rayon::with_default_size(setup)?))
});
/// Tasks on an event loop.
pub const ASYNC: Engine = ("async", |setup| Ok(Box::new(Async::new(setup)?)));
/// Tasks on tokio's multi-threaded runtime.
pub const ASYNC_MULTI: Engine = ("async-multi", |setup| {
    Ok(Box::new(Async::multi_threaded(setup)?))
});

/// The four ways.
pub const FOUR: [Engine; 4] = [SEQ, THREADS, RAYON, ASYNC];
/// The four ways, and tasks as `#[tokio::main]` runs them.
pub const FIVE: [Engine; 5] = [SEQ, THREADS, RAYON, ASYNC, ASYNC_MULTI];

/// What all scenarios of a group have in common.
pub struct About {
    /// The group's short name, which is its file's too.
    pub name: &'static str,
    /// A heading for readers.
    pub title: &'static str,
    /// What a scenario's label counts, with its unit.
    pub axis: &'static str,
    /// How many flags one `download_many` downloads; 0 where none.
    pub flags: usize,
    /// What else a reader should know.
    pub note: &'static str,
}

/// One group of benchmarks under way.
pub struct Race<'a> {
    group: BenchmarkGroup<'a, WallTime>,
}

/// What is downloaded in a scenario, and from whom.
pub struct Course {
    /// The scenario's label.
    pub scenario: String,
    /// How the server behaves.
    pub profile: Profile,
    /// How many flags at a time.
    pub concurrency: usize,
    /// Which flags.
    pub codes: Vec<CountryCode>,
    server: OnceCell<ServerProcess>,
}

impl Course {
    /// A course, whose server is not yet started.
    pub fn new(
        scenario: impl ToString,
        profile: Profile,
        concurrency: usize,
        codes: Vec<CountryCode>,
    ) -> Self {
        Self {
            scenario: scenario.to_string(),
            profile,
            concurrency,
            codes,
            server: OnceCell::new(),
        }
    }

    /// A job on this course. The server starts with the first: a filter may leave a whole
    /// scenario out.
    fn job(&self) -> Job {
        let start = || {
            ServerProcess::start(&self.profile)
                .unwrap_or_else(|error| panic!("no server: {error:?}"))
        };
        let server = self.server.get_or_init(start);
        Job::new(server.base_url(), self.codes.clone())
    }
}

impl Race<'_> {
    /// Measures what follows for about this long, where it may take less than others.
    pub fn measure_for(&mut self, time: Duration) {
        self.group.measurement_time(time);
    }

    /// Races one engine over a course.
    pub fn run(&mut self, engine: Engine, course: &Course) {
        self.run_with(engine, course, |job| (job, ()));
    }

    /// Races one engine over a course whose every job is made ready first, by adding a
    /// store, say. What comes with the job is dropped after the clock has stopped.
    pub fn run_with<T>(
        &mut self,
        (name, build): Engine,
        course: &Course,
        ready: impl Fn(Job) -> (Job, T),
    ) {
        let expected: Tally = course.codes.iter().map(|_| Status::Ok).collect();
        // Built with the first iteration: a filter may leave this benchmark out.
        let built = OnceCell::new();
        self.measure(name, &course.scenario, |iterations| {
            let engine = built.get_or_init(|| warmed_up(build, course));
            let mut elapsed = Duration::ZERO;
            for _ in 0..iterations {
                let (job, kept) = ready(course.job());
                let start = Instant::now();
                let report = engine.download_many(&job);
                elapsed += start.elapsed();
                drop(kept);
                let report = report.unwrap_or_else(|error| panic!("{name}: {error:?}"));
                assert_eq!(report.tally(), expected, "{name}, {}", course.scenario);
            }
            elapsed
        });
    }

    /// Times so many iterations of anything, by a clock of its own.
    pub fn measure(&mut self, engine: &str, scenario: &str, mut time: impl FnMut(u64) -> Duration) {
        let id = BenchmarkId::new(engine, scenario);
        self.group
            .bench_function(id, |bencher| bencher.iter_custom(&mut time));
    }
}

/// An engine whose connections are open.
fn warmed_up(build: Build, course: &Course) -> Box<dyn Downloader> {
    let setup = Setup::with_concurrency(course.concurrency);
    let engine = build(&setup).unwrap_or_else(|error| panic!("cannot build an engine: {error:?}"));
    let mut job = course.job();
    job.items = job.items.iter().take(course.concurrency).copied().collect();
    engine
        .download_many(&job)
        .unwrap_or_else(|error| panic!("{}: {error:?}", engine.name()));
    engine
}

/// One group: races, and returns what was measured; `None` where a filter or test mode left it out.
///
/// # Errors
///
/// If criterion's files cannot be read.
pub fn race(about: &About, races: impl FnOnce(&mut Race<'_>)) -> anyhow::Result<Option<Group>> {
    let since = SystemTime::now();
    let criterion_folder = target().join("criterion");
    let mut criterion = Criterion::default()
        .output_directory(&criterion_folder)
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1200))
        // Its plots show the density of all resamples: with the usual 100,000 that takes 3 s a
        // benchmark. Our own tables need none.
        .nresamples(2_000)
        .configure_from_args();
    if is_quick() {
        // Two samples make no picture.
        criterion = criterion.without_plots();
    }
    let mut group = criterion.benchmark_group(about.name);
    // The same number of iterations in every sample: samples can be compared.
    group.sampling_mode(SamplingMode::Flat);
    let mut race = Race { group };
    races(&mut race);
    drop(race);
    criterion.final_summary();
    let cells = files::cells(&criterion_folder, about.name, since)
        .context("cannot read criterion's files")?;
    Ok((!cells.is_empty()).then(|| about.group(Quantity::Time, cells)))
}

impl About {
    /// The group with what was measured.
    pub fn group(&self, quantity: Quantity, cells: Vec<Cell>) -> Group {
        Group {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            scenario_axis: self.axis.to_owned(),
            quantity,
            baseline: None,
            flags: self.flags,
            note: self.note.to_owned(),
            cells,
        }
    }
}

/// Prints what was measured. All of it is kept as `results/latest`; a part is only shown.
///
/// # Errors
///
/// If the results cannot be written.
pub fn finish(groups: Vec<Group>) -> anyhow::Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let width = Term::stdout().size_checked().map(|(_, columns)| columns);
    if filters().next().is_some() {
        println!("{}", export::terminal(&groups, width));
        println!("Not kept: this was a part of the benchmarks.");
        return Ok(());
    }
    let command = if is_quick() {
        "cargo bench -- --quick"
    } else {
        "cargo bench"
    };
    let server = "a process of its own, same machine, 127.0.0.1";
    let run = Run::new(meta(command, is_quick(), server), groups);
    let latest = root().join("results").join(LATEST);
    folder::write(&latest, &run).context("cannot keep the results")?;
    println!("{}", export::short(&run, width));
    println!("All tables          flagrace report");
    let samples = latest.join(folder::RAW);
    println!("Every sample        {}", samples.display());
    if !is_quick() {
        let report = target().join("criterion/report/index.html");
        println!("criterion's report  {}", report.display());
    }
    Ok(())
}

/// Whether nothing is to be measured, only tried or listed.
pub fn only_tests() -> bool {
    env::args().any(|argument| matches!(&*argument, "--test" | "--list"))
}

/// Whether a group that is not criterion's is asked for.
pub fn is_wanted(about: &About) -> bool {
    let mut filters = filters().peekable();
    filters.peek().is_none() || filters.any(|filter| about.name.contains(&filter))
}

/// criterion takes each argument that is no option as a part of a benchmark's name.
fn filters() -> impl Iterator<Item = String> {
    (env::args().skip(1)).filter(|argument| !argument.starts_with('-'))
}

/// Whether this is a quick run, with fewer flags where many take long.
pub fn is_quick() -> bool {
    env::args().any(|argument| argument == "--quick")
}

/// The flags of the 20 most populous countries.
pub fn popular() -> Vec<CountryCode> {
    Selection::Popular
        .codes(None)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// All flags; in a quick run every fifth.
pub fn all() -> Vec<CountryCode> {
    let step = if is_quick() { 5 } else { 1 };
    let flags = flagrace_catalog::all().iter().step_by(step);
    flags.filter_map(|flag| flag.code.parse().ok()).collect()
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
