//! The `flagrace` command: one file per verb below `cmd/`, and this thin `main`.
//!
//! # Layout
//!
//! - `cmd/`: the verbs
//! - `args.rs`: options that several verbs share
//! - `server.rs`: the server that is downloaded from, as options
//! - `urls.rs`: a list of URLs, from a file
//! - `interrupt.rs`: Ctrl-C
//! - `output/`: what verbs print, and the files that they write
//! - `usage.rs`: wrong arguments, and exit codes
//!
//! # What it is not
//!
//! It measures and computes nothing: `flagrace-measure` and `flagrace-report` do.

// These panic if standard error is closed; `output::aside` does not.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod args;
mod cmd;
mod interrupt;
mod output;
mod server;
mod urls;
mod usage;

use std::process::ExitCode;

use clap::Parser;

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
    match cmd::run(Cli::parse().verb) {
        Ok(code) => code,
        Err(error) if usage::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::aside::tell(format_args!("flagrace: {error:#}"));
            usage::exit_code(&error)
        }
    }
}
