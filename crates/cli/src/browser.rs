//! The user's browser: the one that `BROWSER` names, or else the system's.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A browser that has not ended by then is showing the page.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is looked whether it has.
const GLANCE: Duration = Duration::from_millis(10);

/// Shows a file in a browser, and does not wait until the reader has read it. The error says
/// why there is none, for a person.
pub fn open(file: &Path) -> Result<(), String> {
    let named = env::var("BROWSER").unwrap_or_default();
    let commands = if named.is_empty() {
        if !has_display() {
            return Err("there is no display to show a browser on, and no $BROWSER".to_owned());
        }
        open::commands(file)
    } else {
        named
            .split(':')
            .filter_map(|one| parse(one, file))
            .collect()
    };
    let mut tried = Vec::new();
    for mut command in commands {
        if shows(&mut command) {
            return Ok(());
        }
        tried.push(command.get_program().to_string_lossy().into_owned());
    }
    Err(format!("no browser could be opened ({})", tried.join(", ")))
}

/// A command of `BROWSER`: words, in which `%s` stands for what is opened. Where it does not,
/// that is the last word.
fn parse(command: &str, file: &Path) -> Option<Command> {
    let mut words = command.split_whitespace();
    let mut parsed = Command::new(words.next()?);
    let mut placed = false;
    for word in words {
        if word == "%s" {
            parsed.arg(file);
            placed = true;
        } else {
            parsed.arg(word);
        }
    }
    if !placed {
        parsed.arg(file);
    }
    Some(parsed)
}

/// Whether there is anything that a window could be on. Elsewhere than on Unix with its
/// servers of windows there always is.
fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(unix) || cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Starts it, and sees whether it gives up.
fn shows(command: &mut Command) -> bool {
    command.stdin(Stdio::null());
    // What a browser says of itself is not for whoever reads a report.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    {
        // Ctrl-C in this terminal is not for a browser.
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(GLANCE),
            Err(_) => return false,
        }
    }
    true
}
