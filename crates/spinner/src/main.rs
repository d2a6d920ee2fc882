//! Four variants at once, on one screen. With the name of a variant, runs that for the screen.

use std::process::{Command, exit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, io};

use flagrace_spinner::{VARIANTS, Work, compare, report};

const WORK: Work = Work::Sleep(Duration::from_secs(3));

static CANCELLED: AtomicBool = AtomicBool::new(false);

fn main() -> io::Result<()> {
    let name = env::args().nth(1);
    if let Some(variant) = VARIANTS
        .iter()
        .find(|one| Some(one.name) == name.as_deref())
    {
        return report(|spinner| (variant.demo)(spinner, WORK));
    }
    ctrlc::set_handler(|| CANCELLED.store(true, Ordering::Relaxed)).map_err(io::Error::other)?;
    let mut variants = Vec::new();
    for variant in &VARIANTS[..4] {
        let mut command = Command::new(env::current_exe()?);
        command.arg(variant.name);
        variants.push((variant, WORK, command));
    }
    if !compare(variants, || CANCELLED.load(Ordering::Relaxed))? {
        exit(130);
    }
    Ok(())
}
