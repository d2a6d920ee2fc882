//! Handles Ctrl-C, and SIGTERM and SIGHUP, which count as Ctrl-C.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Calls a function at the first Ctrl-C, or one that was set before; the second exits at once.
pub fn calls(first: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let again = AtomicBool::new(false);
    let handler = move || {
        if again.swap(true, Ordering::Relaxed) {
            std::process::exit(EXIT_CODE.into());
        }
        first();
    };
    match ctrlc::set_handler(handler) {
        Err(ctrlc::Error::MultipleHandlers) => Ok(()),
        set => set.context("cannot listen for Ctrl-C"),
    }
}

/// The exit code of work that Ctrl-C may have cancelled.
pub fn exit_code(cancel: &Cancel, failed: bool) -> ExitCode {
    ExitCode::from(match cancel.is_cancelled() {
        true => EXIT_CODE,
        false => failed.into(),
    })
}
