//! Four variants at once, on one screen. With the name of a variant, runs that for the screen.

use std::process::{Command, exit};
use std::time::Duration;
use std::{env, io};

use flagrace_spinner::{VARIANTS, Work, compare, report};

const WORK: Work = Work::Sleep(Duration::from_secs(3));

fn main() {
    let code = run().unwrap_or_else(|error| {
        eprintln!("flagrace-spinner: {error}");
        1
    });
    exit(code);
}

fn run() -> io::Result<i32> {
    if let Some(name) = env::args().nth(1) {
        let variant = VARIANTS.iter().find(|one| one.name == name);
        let right = "expected no argument, or the name of a variant, such as blocked-task";
        let variant = variant.ok_or_else(|| io::Error::other(right))?;
        report(variant, WORK)?;
        return Ok(0);
    }
    let mut variants = Vec::new();
    for variant in &VARIANTS[..4] {
        let mut command = Command::new(env::current_exe()?);
        command.arg(variant.name);
        variants.push((variant, WORK, command));
    }
    Ok(if compare(variants)? { 0 } else { 130 })
}
