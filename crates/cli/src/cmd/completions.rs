//! `flagrace completions`: completions for a shell.

use std::io;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::Cli;

#[derive(clap::Args)]
pub struct Args {
    /// The shell
    shell: Shell,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    // Into memory first: clap_complete panics when the pipe it writes to is closed.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "flagrace", &mut script);
    io::Write::write_all(&mut io::stdout(), &script)?;
    Ok(ExitCode::SUCCESS)
}
