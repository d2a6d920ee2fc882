//! Ctrl-C, and the requests to end that count as one (SIGTERM, SIGHUP).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};

use anyhow::Context;
use flagrace_core::Cancel;

/// The exit code of a program that Ctrl-C ended: 128 and the number of SIGINT.
pub const EXIT_CODE: u8 = 130;

/// The first Ctrl-C cancels the job, so that what was done can be reported; a second one
/// ends the program on the spot.
pub fn cancels(cancel: &Cancel) -> anyhow::Result<()> {
    let cancel = cancel.clone();
    set(move || cancel.cancel())
}

/// The first Ctrl-C sends a message, a second one ends the program on the spot.
pub fn channel() -> anyhow::Result<Receiver<()>> {
    let (sender, receiver) = mpsc::channel();
    set(move || {
        // Nobody listens any more when the program is about to end anyway.
        let _ = sender.send(());
    })?;
    Ok(receiver)
}

/// Ctrl-C ends the program, after this.
pub fn ends(first: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    set(move || {
        first();
        std::process::exit(i32::from(EXIT_CODE));
    })
}

fn set(first: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let again = AtomicBool::new(false);
    let handler = move || {
        if again.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(EXIT_CODE));
        }
        first();
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")
}
