//! The flagrace command.

fn main() {}
