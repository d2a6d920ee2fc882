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

/// What to do.
#[derive(Subcommand)]
pub enum Verb {
    /// Download flags
    Get(Box<get::Args>),
    /// Compare engines in interleaved rounds, each trial a process of its own
    Compare(Box<compare::Args>),
    /// Serve flags, until Ctrl-C
    Serve(serve::Args),
    /// Let several engines download at once, and watch: for show
    Race(Box<race::Args>),
    /// Turn a spinner while something works: thread or task, and what blocking does
    Spin(spin::Args),
    /// Watch a mistake, and its cure
    #[command(subcommand)]
    Lesson(lesson::Lesson),
    /// Show the tables of the newest run, check the recorded ones, or record a run
    Report(report::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

/// Does it.
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
