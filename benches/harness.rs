//! What the benchmark groups share: timing, and handling of results.
//!
//! Each other file is a group and states its question. The server always runs in its own process,
//! which is this program run again, and every timed download is checked.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use console::Term;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode};
use flagrace_report::analysis::Margins;
use flagrace_report::data::{Design, Meta, Outcome, Point, Run, Sample, Scenario, Trial, Workload};
use flagrace_report::{metric, print, tables};

/// What all scenarios of a group have in common.
#[allow(missing_docs)]
pub struct About {
    pub name: &'static str,
    pub title: &'static str,
    /// The meaning of the number in a scenario's name.
    pub axis: &'static str,
    /// How many flags one `download_many` downloads; 0 where it downloads none.
    pub flags: usize,
    pub note: &'static str,
}

/// The number of samples that criterion takes of each benchmark.
const SAMPLES: usize = 10;

/// One group of benchmarks in progress.
pub struct Race<'a> {
    run: &'a mut Run,
    about: &'a About,
    group: BenchmarkGroup<'a, WallTime>,
}

impl Race<'_> {
    /// Times this many iterations of anything, by its own clock.
    pub fn measure(
        &mut self,
        engine: &str,
        value: impl ToString,
        mut time: impl FnMut(u64) -> Duration,
    ) {
        let value = value.to_string();
        let id = BenchmarkId::new(engine, &value);
        let mut samples = Vec::new();
        self.group.bench_function(id, |bencher| {
            bencher.iter_custom(|iterations| {
                let elapsed = time(iterations);
                samples.push(elapsed.as_secs_f64() / iterations as f64);
                elapsed
            });
        });
        // The calls before these were the warm-up. `--quick` ends with two similar ones.
        let taken = if is_quick() { 2 } else { SAMPLES };
        let samples = samples.split_off(samples.len().saturating_sub(taken));
        if !samples.is_empty() {
            self.about
                .add(self.run, metric::TIME, engine, &value, samples);
        }
    }
}

/// Measures one group with criterion, and adds it to the run.
pub fn race(run: &mut Run, about: &About, races: impl FnOnce(&mut Race<'_>)) {
    let mut criterion = Criterion::default()
        .output_directory(&target().join("criterion"))
        .sample_size(SAMPLES)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1200))
        // criterion plots the density of all resamples: with the default of 100,000 that takes 3 s
        // per benchmark.
        .nresamples(2_000)
        .configure_from_args();
    if is_quick() {
        // Two samples are too few for a plot.
        criterion = criterion.without_plots();
    }
    let mut group = criterion.benchmark_group(about.name);
    // Every sample has the same number of iterations, so that samples are comparable.
    group.sampling_mode(SamplingMode::Flat);
    races(&mut Race { run, about, group });
    criterion.final_summary();
}

impl About {
    /// Adds the samples of one engine to the scenario of `value`, often a number, with the metric
    /// `key`.
    pub fn add(&self, run: &mut Run, key: &str, engine: &str, value: &str, samples: Vec<f64>) {
        let name = format!("{}-{value}", self.name);
        let mut known = run.scenarios.iter();
        let at = known.position(|scenario| scenario.name == name);
        let at = at.unwrap_or_else(|| {
            run.scenarios.push(self.scenario(name.clone(), value));
            run.scenarios.len() - 1
        });
        let scenario = &mut run.scenarios[at];
        scenario.rounds = scenario.rounds.max(samples.len());
        scenario.engines.push(engine.to_owned());
        let trials = (1..).zip(samples).map(|(round, number)| Trial {
            scenario: name.clone(),
            round,
            engine: engine.to_owned(),
            control: false,
            outcome: Outcome::Measured(Sample::of([(key, Some(number))])),
        });
        run.trials.extend(trials);
    }

    fn scenario(&self, name: String, value: &str) -> Scenario {
        let point = value.parse().ok().map(|x| Point {
            series: self.name.to_owned(),
            axis: self.axis.to_owned(),
            x,
        });
        Scenario {
            name,
            title: match point {
                Some(_) => self.title.to_owned(),
                None => format!("{}: {value}", self.title),
            },
            design: Design::Sequential,
            point,
            workload: Workload {
                requests: self.flags,
                concurrency: self.flags,
                store: "null".to_owned(),
                server_here: true,
                ..Workload::default()
            },
            engines: Vec::new(),
            rounds: 0,
            note: self.note.to_owned(),
        }
    }
}

/// Writes the results to `results/latest/bench.jsonl`, unless they are only a part, and prints the
/// rounds in one table and one sentence.
pub fn finish(mut run: Run, rounds: Option<Run>) -> anyhow::Result<()> {
    if let Some(rounds) = &rounds {
        run.scenarios.extend_from_slice(&rounds.scenarios);
        run.trials.extend_from_slice(&rounds.trials);
    }
    if run.trials.is_empty() || only_tests() {
        return Ok(());
    }
    let width = Term::stdout().size_checked();
    let width = width.map_or(100, |(_, columns)| usize::from(columns));
    let mut blocks = tables::short(rounds.as_ref().unwrap_or(&run), Margins::default());
    // The last block is the sentence, which ends everything.
    let sentence = blocks.split_off(blocks.len().saturating_sub(1));
    println!("{}\n", print::terminal(&blocks, width));
    if filter().is_some() {
        println!("Not kept: this was a part of the benchmarks.");
    } else {
        let latest = root().join("results/latest/bench.jsonl");
        run.write(&latest).context("cannot keep the results")?;
        let html = target().join("criterion/report/index.html");
        println!("Every number        flagrace report --details");
        println!("Every sample        {}", latest.display());
        println!("criterion's report  {}", html.display());
    }
    println!("\n{}", print::terminal(&sentence, width));
    Ok(())
}

/// The metadata of a run of benchmarks.
pub fn meta() -> Meta {
    let quick = if is_quick() { " -- --quick" } else { "" };
    let server = "a process of its own, same machine, 127.0.0.1";
    flagrace_measure::meta(&format!("cargo bench{quick}"), is_quick(), server)
}

/// Whether to measure nothing and only test or list the benchmarks.
pub fn only_tests() -> bool {
    env::args().any(|argument| matches!(&*argument, "--test" | "--list"))
}

/// Whether the filter selects a group that criterion does not run.
pub fn is_wanted(name: &str) -> bool {
    filter().is_none_or(|part| name.contains(&part))
}

/// The options that take no value. criterion reads an argument that is no option, nor the value of
/// one, as part of a benchmark's name.
const FLAGS: &str = "--bench --test --list --quick --verbose --quiet --noplot --exact --ignored \
                     --discard-baseline -v -n";

fn filter() -> Option<String> {
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if !argument.starts_with('-') {
            return Some(argument);
        }
        if !argument.contains('=') && !FLAGS.split(' ').any(|flag| flag == argument) {
            arguments.next();
        }
    }
    None
}

/// Whether this is a quick run, which measures less.
pub fn is_quick() -> bool {
    env::args().any(|argument| argument == "--quick")
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
