//! All groups of benchmarks in order, and then the results.
//!
//! It is one program: linking one for each group took most of the time of a build.

mod latency;
mod memory;
mod rounds;
mod spinner;

use flagrace_report::data::Run;

fn main() -> anyhow::Result<()> {
    flagrace_server::become_server_if_asked();
    flagrace_measure::become_trial_if_asked();
    if memory::was_a_sample()? {
        return Ok(());
    }
    flagrace_measure::raise_open_files();
    let mut run = Run::new(flagrace_benches::meta());
    for group in [latency::run, memory::run, spinner::run] {
        group(&mut run)?;
    }
    flagrace_benches::finish(run, rounds::run()?)
}
