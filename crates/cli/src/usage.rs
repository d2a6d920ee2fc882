//! Errors, by whose they are to mend.

use std::io;
use std::process::ExitCode;

use anyhow::Error;

/// An argument that is wrong in itself, whatever the world is like: exit code 2.
#[derive(Debug)]
pub struct Usage(String);

impl Usage {
    /// A usage error in one line: what is wrong, and what would be right.
    pub fn error(line: impl std::fmt::Display) -> Error {
        Error::new(Self(line.to_string()))
    }
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// 2 for a usage error, as clap's own; 1 for everything else.
pub fn exit_code(error: &Error) -> ExitCode {
    ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
}

/// Whoever read the output has read enough (`flagrace get -v | head`).
pub fn is_broken_pipe(error: &Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
