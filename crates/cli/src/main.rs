//! The `flagrace` command: one file per verb below `cmd/`, and this thin `main`.
//!
//! # Layout
//!
//! - `cmd/get.rs`: download flags, or a list of URLs, with one of the engines
//! - `cmd/compare/`: engines in interleaved rounds, each trial a process of its own
//! - `cmd/serve.rs`: be the flag server
//! - `cmd/race/`: several engines at once, to be watched
//! - `cmd/spin/`: the spinner, one variant or all of them
//! - `cmd/lesson/`: a mistake and its cure, to be watched
//! - `cmd/report.rs`: show, check and record results
//! - `cmd/completions.rs`: completions for a shell
//! - `args.rs`: values that arguments of more than one verb have
//! - `engine.rs`: the engines by name
//! - `server.rs`: the options that shape a server, and the server that is downloaded from
//! - `urls.rs`: a list of URLs, from a file
//! - `interrupt.rs`: Ctrl-C
//! - `output/`: what `get` prints, as text, as a progress bar, as JSON, and the files it writes
//! - `usage.rs`: the errors that are the user's to mend

// Where standard error is closed, these panic: `output::aside` does not.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod args;
mod cmd;
mod engine;
mod interrupt;
mod output;
mod server;
mod urls;
mod usage;

use std::process::ExitCode;

use clap::Parser;

/// Threads or async, for this I/O-bound work? Download flags in four ways, and see.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: cmd::Verb,
}

fn main() -> ExitCode {
    // `get` runs this program once more as its flag server.
    flagrace_server::become_server_if_asked();
    match cmd::run(Cli::parse().verb) {
        Ok(code) => code,
        Err(error) if usage::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::aside::tell(format_args!("flagrace: {error:#}"));
            usage::exit_code(&error)
        }
    }
}
