//! Usage errors, and the exit codes of errors.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use anyhow::Error;

/// A wrong argument, as opposed to a failure of the system or the network: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(String);

impl Usage {
    /// Makes an error of one line: what is wrong, and what would be right.
    pub fn error(line: impl Display) -> Error {
        Error::new(Self(line.to_string()))
    }
}

/// 2 for a usage error, as clap exits with; 1 for everything else.
pub fn exit_code(error: &Error) -> ExitCode {
    ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
}

/// Whether the reader of the output has closed it (`flagrace get -v | head`).
pub fn is_broken_pipe(error: &Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
