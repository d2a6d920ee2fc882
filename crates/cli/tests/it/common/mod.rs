//! Helpers for the tests of the command: the command, terminals and servers.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

pub use flagrace_conformance::{faulty as server, gated, wait_until};
use nix::sys::signal::Signal;
use nix::sys::termios::{self, LocalFlags, SetArg};
use pty_process::Size;
use tempfile::TempDir;

/// The engines, by their names on the command line. The first five support https.
pub const ENGINES: [&str; 10] = [
    "seq",
    "threads",
    "rayon",
    "async",
    "async-multi",
    "threads-bare",
    "async-bare",
    "async-multi-bare",
    "thread-per-request",
    "task-per-request",
];

/// The command with these arguments, separated by spaces.
pub fn flagrace(arguments: &str) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("flagrace"));
    command.args(arguments.split_whitespace());
    command.stdin(Stdio::null());
    for name in ["http_proxy", "HTTP_PROXY", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

pub fn run(arguments: &str) -> Output {
    flagrace(arguments).output().unwrap()
}

pub fn spawn(arguments: &str) -> Child {
    let mut command = flagrace(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Standard output of a command that succeeded.
pub fn shown(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    stdout(output)
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Standard error of a failed command, which must be one line.
pub fn complaint(output: &Output) -> String {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// The cells of a table's row, without its name. Bars above the table do not count.
pub fn row<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let mut lines = text.lines().rev().map(str::trim_start);
    let cells = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix("  "));
    let cells = cells.unwrap_or_else(|| panic!("no {name:?} in {text}"));
    let cells = cells.split("  ").map(str::trim);
    cells.filter(|cell| !cell.is_empty()).collect()
}

pub fn interrupt(child: &Child) {
    send(child, Signal::SIGINT);
}

pub fn send(child: &Child, signal: Signal) {
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, signal).unwrap();
}

/// The command in its own terminal of 80 x 30.
pub struct OnTerminal {
    keyboard: File,
    /// The command's end of the terminal, kept open: when its last copy closes, Linux may lose the
    /// last bytes.
    pub slave: File,
    shown: Receiver<Vec<u8>>,
    child: Child,
    pub raw: Vec<u8>,
    pub screen: vt100::Parser,
}

impl OnTerminal {
    pub fn start(arguments: &str, environment: &[(&str, &str)]) -> Self {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(Size::new(30, 80)).unwrap();
        let slave = File::from(pts.as_fd().try_clone_to_owned().unwrap());
        // Ctrl-C must not echo ^C or discard output, so that tests always see the same.
        let mut modes = termios::tcgetattr(&slave).unwrap();
        modes.local_flags.remove(LocalFlags::ECHO);
        modes.local_flags.insert(LocalFlags::NOFLSH);
        termios::tcsetattr(&slave, SetArg::TCSANOW, &modes).unwrap();
        // It controls the terminal, so that Ctrl-C reaches it.
        let command = pty_process::blocking::Command::from(flagrace(arguments));
        let command = command.env("TERM", "xterm").env_remove("NO_COLOR");
        let child = command.envs(environment.iter().copied()).spawn(pts);
        let keyboard = File::from(OwnedFd::from(pty));
        let mut master = keyboard.try_clone().unwrap();
        let (sender, shown) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // A terminal whose other end is closed fails to read (EIO) instead of ending.
            while let Ok(count @ 1..) = master.read(&mut buffer)
                && sender.send(buffer[..count].to_vec()).is_ok()
            {}
        });
        Self {
            keyboard,
            slave,
            shown,
            child: child.unwrap(),
            raw: Vec::new(),
            screen: vt100::Parser::new(30, 80, 0),
        }
    }

    pub fn wait_for(&mut self, text: &str) {
        while !self.text().contains(text) {
            self.look();
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    pub fn end(&mut self) -> Option<i32> {
        let status = self.child.wait().unwrap();
        // A zero byte marks the end of the command's output.
        self.slave.write_all(&[0]).unwrap();
        while self.raw.pop_if(|byte| *byte == 0).is_none() {
            self.look();
        }
        status.code()
    }

    pub fn text(&self) -> String {
        let rows = self.screen.screen().rows(0, 80);
        let rows: Vec<_> = rows.map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// Waits for the next bytes, and shows them on the screen.
    pub fn look(&mut self) {
        // The limit only ends a test that would hang.
        let shown = self.shown.recv_timeout(Duration::from_secs(20));
        let bytes = shown.unwrap_or_else(|_| panic!("nothing more comes: {:?}", self.text()));
        self.screen.process(&bytes);
        self.raw.extend(bytes);
    }
}

/// The files in a folder. Folders in it appear without content.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let named = |entry: fs::DirEntry| {
        let content = fs::read(entry.path()).unwrap_or_default();
        (entry.file_name().into_string().unwrap(), content)
    };
    entries.map(named).collect()
}

/// A folder with a file `urls` that contains these lines.
pub fn folder(lines: &[String]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("urls"), lines.join("\n")).unwrap();
    folder
}

/// Replaces `DIR` with the path of the folder.
pub fn within(folder: &TempDir, arguments: &str) -> String {
    arguments.replace("DIR", folder.path().to_str().unwrap())
}
