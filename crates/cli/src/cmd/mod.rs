//! The verbs, one file each.

mod compare;
mod completions;
mod get;
mod lesson;
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
    /// Serve flags until Ctrl-C
    Serve(serve::Args),
    /// Watch several engines download at once
    Race(Box<race::Args>),
    /// Watch a spinner as a thread and as a task, and what blocks it
    Spin(spin::Args),
    /// Watch a mistake and its fix
    #[command(subcommand)]
    Lesson(lesson::Lesson),
    /// Show results
    Report(report::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

pub fn run(verb: Verb) -> anyhow::Result<ExitCode> {
    match verb {
        Verb::Get(args) => get::run(&args),
        Verb::Compare(args) => compare::run(&args),
        Verb::Serve(args) => serve::run(args),
        Verb::Race(args) => race::run(&args),
        Verb::Spin(args) => spin::run(&args),
        Verb::Lesson(lesson) => lesson::run(&lesson),
        Verb::Report(args) => report::run(&args),
        Verb::Completions(args) => completions::run(&args),
    }
}
