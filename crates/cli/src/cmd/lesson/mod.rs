//! `flagrace lesson`: a mistake and its cure, to be watched.

mod bare;
mod callbacks;
mod lost_saves;

use std::process::ExitCode;

use clap::Subcommand;

/// Which lesson.
#[derive(Subcommand)]
pub enum Lesson {
    /// The save that was never awaited: flags that are reported ok and are not there
    LostSaves(lost_saves::Args),
    /// From callbacks to await: errors that nobody can forget, and one that was forgotten
    Callbacks,
    /// One HTTP client under threads and under tasks: what differs, and what it costs
    Bare,
}

pub fn run(lesson: &Lesson) -> anyhow::Result<ExitCode> {
    match lesson {
        Lesson::LostSaves(args) => lost_saves::run(args),
        Lesson::Callbacks => callbacks::run(),
        Lesson::Bare => bare::run(),
    }
}
