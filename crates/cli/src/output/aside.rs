//! Standard error, beside the results.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Prints a line. A closed or full standard error changes nothing about the results.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Whether standard error is a terminal that can show progress bars.
pub fn can_draw() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|kind| kind != "dumb")
}
