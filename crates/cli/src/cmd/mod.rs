//! The verbs, one file each.

mod chars;
mod compare;
mod decide;
mod get;
mod lesson;
mod map;
mod race;
mod report;
mod serve;
mod spin;

use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
pub enum Verb {
    /// Download flags or URLs
    Get(Box<get::Args>),
    /// Compare engines: interleaved rounds, one process per trial
    Compare(Box<compare::Args>),
    /// Predict what threads and tasks take for your workload, and say which to take
    Decide(Box<decide::Args>),
    /// Record where the model matters on this machine, in about 20 minutes
    Map(map::Args),
    /// Serve flags until Ctrl-C
    Serve(serve::Args),
    /// Serve characters by their names over TCP and HTTP until Ctrl-C
    Chars(chars::Args),
    /// Watch several engines download at once
    Race(Box<race::Args>),
    /// Watch a spinner as a thread and as a task, and what blocks it
    Spin(spin::Args),
    /// List the lessons, or run one: a prediction, the evidence, and the code
    Lesson(lesson::Args),
    /// Show results
    Report(report::Args),
}

pub fn run(verb: Verb) -> anyhow::Result<ExitCode> {
    match verb {
        Verb::Get(args) => return get::run(&args),
        Verb::Compare(args) => return compare::run(&args),
        Verb::Decide(args) => return decide::run(&args),
        Verb::Map(args) => return map::run(&args),
        Verb::Race(args) => return race::run(&args),
        Verb::Spin(args) => return spin::run(&args),
        Verb::Serve(args) => serve::run(args)?,
        Verb::Chars(args) => chars::run(&args)?,
        Verb::Lesson(args) => lesson::run(&args)?,
        Verb::Report(args) => report::run(&args)?,
    }
    Ok(ExitCode::SUCCESS)
}
