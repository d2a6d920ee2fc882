//! All groups of benchmarks, one after another, and then the results.
//!
//! It is one program: linking one for each group took most of the time of a build.

mod latency;
mod memory;
mod overhead;
mod rounds;
mod spinner;

fn main() -> anyhow::Result<()> {
    flagrace_server::become_server_if_asked();
    flagrace_measure::become_trial_if_asked();
    if let Some(sample) = memory::asked_sample() {
        return memory::be_a_sample(&sample);
    }
    flagrace_measure::raise_open_files();
    let mut groups = Vec::new();
    for run in [latency::run, memory::run, overhead::run, spinner::run] {
        groups.extend(run()?);
    }
    flagrace_benches::finish(groups, rounds::run()?)
}
