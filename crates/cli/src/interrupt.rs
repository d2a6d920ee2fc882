//! Handles Ctrl-C, and SIGTERM and SIGHUP, which count as Ctrl-C.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use flagrace_core::Cancel;

/// Exit code of a program that Ctrl-C ended: 128 plus the number of SIGINT.
pub const EXIT_CODE: u8 = 130;

/// Cancelled by the first Ctrl-C, so that the program can report what is done.
pub fn cancels() -> anyhow::Result<Cancel> {
    let cancel = Cancel::default();
    let cancelled = cancel.clone();
    calls(move || cancelled.cancel())?;
    Ok(cancel)
}

/// What the first Ctrl-C calls.
static FIRST: Mutex<Option<Box<dyn Fn() + Send>>> = Mutex::new(None);

/// Calls a function at the first Ctrl-C, and none that was given before; the second exits at once.
pub fn calls(first: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let call = || FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    if call().replace(Box::new(first)).is_some() {
        return Ok(());
    }
    let again = AtomicBool::new(false);
    let handler = move || {
        if again.swap(true, Ordering::Relaxed) {
            std::process::exit(EXIT_CODE.into());
        }
        call().iter().for_each(|first| first());
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")
}

/// The exit code of work that Ctrl-C may have cancelled.
pub fn exit_code(cancel: &Cancel, failed: bool) -> ExitCode {
    ExitCode::from(match cancel.is_cancelled() {
        true => EXIT_CODE,
        false => failed.into(),
    })
}
