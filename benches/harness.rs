//! What the groups of benchmarks share: how they are timed, and what becomes of the results.
//!
//! Each file beside this one is a group and says which question it answers. The server is always
//! a process of its own, this program started once more, and every download that is timed is
//! checked.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use console::Term;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode};
use flagrace_report::analysis::{Margins, analyse};
use flagrace_report::data::{Design, Meta, Outcome, Point, Run, Sample, Scenario, Trial, Workload};
use flagrace_report::{metric, print, sentence, tables};

/// What all scenarios of a group have in common.
pub struct About {
    /// The name of the group and of its file.
    pub name: &'static str,
    /// A heading for readers.
    pub title: &'static str,
    /// What the number in a scenario's name counts.
    pub axis: &'static str,
    /// How many flags one `download_many` downloads; 0 where it downloads none.
    pub flags: usize,
    /// What else a reader should know.
    pub note: &'static str,
}

/// What a group measured; nothing if it was left out.
pub type Measured = Vec<(Scenario, Vec<Trial>)>;

/// The samples of one engine.
pub struct Benchmark {
    /// The engine's name.
    pub engine: String,
    /// The label of its scenario, often a number. May be empty.
    pub value: String,
    /// One number for each sample.
    pub samples: Vec<f64>,
}

/// How many samples criterion takes of each benchmark.
const SAMPLES: usize = 10;

/// One group of benchmarks under way.
pub struct Race<'a> {
    group: BenchmarkGroup<'a, WallTime>,
    measured: Vec<Benchmark>,
}

impl Race<'_> {
    /// Measures what follows for about this long.
    pub fn measure_for(&mut self, time: Duration) {
        self.group.measurement_time(time);
    }

    /// Times so many iterations of anything, by a clock of its own.
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
        // The calls before these warmed up. `--quick` ends with two that are alike.
        let taken = if is_quick() { 2 } else { SAMPLES };
        let samples = samples.split_off(samples.len().saturating_sub(taken));
        if !samples.is_empty() {
            let engine = engine.to_owned();
            self.measured.push(Benchmark {
                engine,
                value,
                samples,
            });
        }
    }
}

/// Measures one group with criterion.
pub fn race(about: &About, races: impl FnOnce(&mut Race<'_>)) -> Measured {
    let mut criterion = Criterion::default()
        .output_directory(&target().join("criterion"))
        .sample_size(SAMPLES)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1200))
        // Its plots show the density of all resamples: with the usual 100,000 that takes 3 s a
        // benchmark.
        .nresamples(2_000)
        .configure_from_args();
    if is_quick() {
        // Two samples make no plot.
        criterion = criterion.without_plots();
    }
    let mut group = criterion.benchmark_group(about.name);
    // The same number of iterations in every sample: samples can be compared.
    group.sampling_mode(SamplingMode::Flat);
    let measured = {
        let mut race = Race {
            group,
            measured: Vec::new(),
        };
        races(&mut race);
        race.measured
    };
    criterion.final_summary();
    about.scenarios(metric::TIME, measured)
}

impl About {
    /// One scenario for each value, with its trials. The metric is that of `key`.
    pub fn scenarios(&self, key: &str, benchmarks: Vec<Benchmark>) -> Measured {
        let mut measured = Measured::new();
        for Benchmark {
            engine,
            value,
            samples,
        } in benchmarks
        {
            let dash = if value.is_empty() { "" } else { "-" };
            let name = format!("{}{dash}{value}", self.name);
            let at = measured.iter().position(|(known, _)| known.name == name);
            let at = at.unwrap_or_else(|| {
                measured.push((self.scenario(name.clone(), &value), Vec::new()));
                measured.len() - 1
            });
            let (scenario, trials) = &mut measured[at];
            scenario.rounds = scenario.rounds.max(samples.len());
            scenario.engines.push(engine.clone());
            trials.extend((1..).zip(samples).map(|(round, number)| Trial {
                scenario: name.clone(),
                round,
                engine: engine.clone(),
                control: false,
                outcome: Outcome::Measured(Sample::of([(key, Some(number))])),
            }));
        }
        measured
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
                None if !value.is_empty() => format!("{}: {value}", self.title),
                _ => self.title.to_owned(),
            },
            design: Design::Sequential,
            point,
            workload: Workload {
                requests: self.flags,
                concurrency: self.flags,
                delay_s: None,
                store: "null".to_owned(),
                urls: false,
                server_here: true,
            },
            engines: Vec::new(),
            rounds: 0,
            date: meta().date,
            note: self.note.to_owned(),
        }
    }
}

/// Keeps what was measured in `results/latest/bench.jsonl`, unless it is only a part, and prints
/// the rounds in one table and one sentence.
///
/// # Errors
///
/// If the results cannot be written.
pub fn finish(groups: Measured, rounds: Option<Run>) -> anyhow::Result<()> {
    let mut run = Run::new(meta());
    for (scenario, trials) in groups {
        run.scenarios.push(scenario);
        run.trials.extend(trials);
    }
    if let Some(rounds) = &rounds {
        run.scenarios.extend_from_slice(&rounds.scenarios);
        run.trials.extend_from_slice(&rounds.trials);
    }
    if run.trials.is_empty() || only_tests() {
        return Ok(());
    }
    let width = Term::stdout().size_checked();
    let width = width.map_or(100, |(_, columns)| usize::from(columns));
    let margins = Margins::default();
    let shown = rounds.as_ref().unwrap_or(&run);
    // The sentence, which is the first block, comes last here.
    let blocks = tables::short(shown, margins).split_off(1);
    println!("{}\n", print::terminal(&blocks, width));
    if filters().next().is_some() {
        println!("Not kept: this was a part of the benchmarks.");
        return Ok(());
    }
    let latest = root().join("results/latest/bench.jsonl");
    run.write(&latest).context("cannot keep the results")?;
    let html = target().join("criterion/report/index.html");
    println!("Every number        flagrace report --details");
    println!("Every sample        {}", latest.display());
    println!("criterion's report  {}\n", html.display());
    if is_quick() {
        println!("A quick run has too few rounds for a verdict.");
    }
    if let Some(answer) = sentence::answer(&analyse(shown, margins)) {
        println!("{}", textwrap::fill(&answer, width));
    }
    Ok(())
}

/// What a reader must know of a run of benchmarks.
pub fn meta() -> Meta {
    let quick = if is_quick() { " -- --quick" } else { "" };
    let server = "a process of its own, same machine, 127.0.0.1";
    flagrace_measure::meta(&format!("cargo bench{quick}"), is_quick(), server)
}

/// Whether nothing is to be measured, only tried or listed.
pub fn only_tests() -> bool {
    env::args().any(|argument| matches!(&*argument, "--test" | "--list"))
}

/// Whether a group that is not criterion's is asked for.
pub fn is_wanted(name: &str) -> bool {
    let mut filters = filters().peekable();
    filters.peek().is_none() || filters.any(|filter| name.contains(&filter))
}

/// criterion takes each argument that is no option as a part of a benchmark's name.
fn filters() -> impl Iterator<Item = String> {
    (env::args().skip(1)).filter(|argument| !argument.starts_with('-'))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_becomes_a_scenario() {
        let about = About {
            name: "latency",
            title: "Title",
            axis: "ms",
            flags: 20,
            note: "",
        };
        let benchmark = |engine: &str, value: &str, samples: &[f64]| Benchmark {
            engine: engine.to_owned(),
            value: value.to_owned(),
            samples: samples.to_vec(),
        };
        let measured = about.scenarios(
            metric::TIME,
            vec![
                benchmark("threads", "10", &[0.1, 0.2]),
                benchmark("threads", "to disk", &[0.4]),
                benchmark("seq", "10", &[0.3]),
            ],
        );
        let told = measured.iter().map(|(scenario, trials)| {
            let x = scenario.point.as_ref().map(|point| point.x);
            (
                &*scenario.name,
                &*scenario.title,
                x,
                scenario.rounds,
                trials.len(),
            )
        });
        let expected = [
            ("latency-10", "Title", Some(10.0), 2, 3),
            ("latency-to disk", "Title: to disk", None, 1, 1),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        let (ten, trials) = &measured[0];
        assert_eq!(ten.engines, ["threads", "seq"]);
        assert_eq!((trials[1].round, trials[2].round), (2, 1));
    }
}
