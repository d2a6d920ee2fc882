//! All groups of benchmarks, one after another, and then the tables.
//!
//! One program: to link one for each group took most of the time of a build.

mod concurrency;
mod latency;
mod memory;
mod overhead;
mod save;
mod setup;
mod spinner;

fn main() -> anyhow::Result<()> {
    flagrace_server::become_server_if_asked();
    if let Some(sample) = memory::asked_sample() {
        return memory::be_a_sample(&sample);
    }
    flagrace_measure::raise_open_files();
    let runs = [
        concurrency::run,
        latency::run,
        memory::run,
        overhead::run,
        save::run,
        setup::run,
        spinner::run,
    ];
    let groups: anyhow::Result<Vec<Option<_>>> = runs.into_iter().map(|run| run()).collect();
    flagrace_benches::finish(groups?.into_iter().flatten().collect())
}
