//! The `flagrace` command: one file per verb below `cmd/`, and this thin `main`.
//!
//! # Layout
//!
//! - `cmd/`: the verbs
//! - `args.rs`: options that several verbs share, and wrong arguments
//! - `server.rs`: options for the server to download from
//! - `interrupt.rs`: Ctrl-C
//! - `output/`: what verbs print, and the files that they write
//!
//! # What it is not
//!
//! It measures and computes nothing: `flagrace-measure` and `flagrace-report` do.

// These panic if standard error is closed; `output::tell` does not.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod args;
mod cmd;
mod interrupt;
mod output;
mod server;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Usage;

/// Threads or async, for this I/O-bound work? Download flags in four ways, and see.
#[derive(Parser)]
#[command(version = flagrace_measure::VERSION, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: cmd::Verb,
}

fn main() -> ExitCode {
    // This program starts itself as the flag server, and as a trial.
    flagrace_server::become_server_if_asked();
    flagrace_measure::become_trial_if_asked();
    let error = match cmd::run(Cli::parse().verb) {
        Ok(code) => return code,
        Err(error) => error,
    };
    // The reader of the output has closed it: `flagrace get -v | head`.
    if error.downcast_ref().map(io::Error::kind) == Some(io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    output::tell(format_args!("flagrace: {error:#}"));
    // clap exits with 2 as well.
    ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
}
