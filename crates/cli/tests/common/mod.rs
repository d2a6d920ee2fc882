//! What the tests of the command share: the command, and servers of their own.

#![allow(clippy::unwrap_used, dead_code)]

use std::process::{Child, Command, Output, Stdio};

use flagrace_server::{Config, Fault, Profile, Server};

/// The engines, as the command line names them.
pub const ENGINES: [&str; 5] = ["seq", "threads", "rayon", "async", "async-multi"];

/// The command with these arguments, separated by spaces.
pub fn flagrace(arguments: &str) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("flagrace"));
    command.args(arguments.split_whitespace());
    command.stdin(Stdio::null());
    // What is around the test must not change what it sees.
    for name in ["http_proxy", "HTTP_PROXY", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end.
pub fn run(arguments: &str) -> Output {
    flagrace(arguments).output().unwrap()
}

/// Starts it with everything piped.
pub fn spawn(arguments: &str) -> Child {
    let mut command = flagrace(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Standard output as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Presses Ctrl-C.
pub fn interrupt(child: &Child) {
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
}

/// A server with these faults.
pub fn server(faults: &[(&str, Fault)]) -> Server {
    let faults = faults
        .iter()
        .map(|(code, fault)| (code.parse().unwrap(), *fault));
    Server::start(Config {
        profile: Profile {
            faults: faults.collect(),
            ..Profile::default()
        },
        ..Config::default()
    })
    .unwrap()
}
