//! What is said on standard error, beside the results.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Says a line. Where nobody can hear it, because standard error is closed or the disk that it
/// goes to is full, the results are worth having all the same.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Whether bars can be drawn there: on a terminal whose cursor can be moved.
pub fn can_draw() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|kind| kind != "dumb")
}
