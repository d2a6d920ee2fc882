//! Ctrl-C, and the signals that count as one (SIGTERM, SIGHUP).

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use flagrace_core::Cancel;

/// Exit code of a program that Ctrl-C ended: 128 plus the number of SIGINT.
pub const EXIT_CODE: u8 = 130;

/// Cancels the job at the first Ctrl-C, so that what was done can be reported.
pub fn cancels(cancel: &Cancel) -> anyhow::Result<()> {
    let cancel = cancel.clone();
    calls(move || cancel.cancel())
}

/// Ends the program at Ctrl-C, after a last action.
pub fn ends(last: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    calls(move || {
        last();
        std::process::exit(i32::from(EXIT_CODE));
    })
}

/// Calls a function at the first Ctrl-C; the second ends the program at once.
pub fn calls(first: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let again = AtomicBool::new(false);
    let handler = move || {
        if again.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(EXIT_CODE));
        }
        first();
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")
}
