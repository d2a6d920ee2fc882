//! `flagrace lesson`: a mistake and its cure, run side by side.

mod bare;
mod callbacks;
mod lost_saves;

use std::process::ExitCode;

use clap::Subcommand;

/// The lesson to run.
#[derive(Subcommand)]
pub enum Lesson {
    /// Saves that are never awaited: flags reported ok that are not on the disk
    LostSaves,
    /// From callbacks to await: an error branch that forgets its callback
    Callbacks,
    /// One HTTP client under threads and under tasks: the difference and its cost
    Bare,
}

pub fn run(lesson: &Lesson) -> anyhow::Result<ExitCode> {
    match lesson {
        Lesson::LostSaves => lost_saves::run(),
        Lesson::Callbacks => callbacks::run(),
        Lesson::Bare => bare::run(),
    }?;
    Ok(ExitCode::SUCCESS)
}
