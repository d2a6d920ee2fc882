//! A server in a process of its own, as measuring wants it.
//!
//! In one process with its clients a server would share their memory allocator, their
//! limits and their count of processor time. So a program that measures runs *itself*
//! once more and becomes the server there. The two talk over the child's standard input
//! and output, a line each way, so that asking for the counts opens no connection that
//! would be counted. When the parent ends, however it ends, its end of the pipe closes
//! and the child stops.

use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, process};

use flagrace_core::BaseUrl;
use thiserror::Error;

use crate::server::base_url;
use crate::{Config, Profile, Server, Stats};

/// Set in the environment of the child; its value is the profile as JSON.
const ASKED: &str = "FLAGRACE_BECOME_SERVER";

/// The server's process could not be started, or did not answer.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// The program could not be run once more, or the pipe to it broke.
    #[error("the flag server's process failed")]
    Io(#[from] io::Error),
    /// It said something else than it should.
    #[error(
        "the flag server's process said '{0}'; does main() begin with become_server_if_asked()?"
    )]
    Answer(String),
}

/// A server in a child process. It stops when this is dropped.
pub struct ServerProcess {
    child: Child,
    address: SocketAddr,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl ServerProcess {
    /// Runs this program once more as a server with the embedded flags. The program's
    /// `main` must begin with [`become_server_if_asked`]. A profile's single faults do
    /// not travel.
    ///
    /// # Errors
    ///
    /// If the process cannot be started or does not become a server.
    pub fn start(profile: &Profile) -> Result<Self, ProcessError> {
        let mut command = Command::new(env::current_exe()?);
        command
            .env(
                ASKED,
                serde_json::to_string(profile).map_err(io::Error::from)?,
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // Ctrl-C on a terminal reaches every process of a group. It is for the one that
        // downloads: a server that went first would turn what is cancelled into failures.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(broken)?;
        let mut server = Self {
            child,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            input,
            output: BufReader::new(output),
        };
        let line = server.read()?;
        server.address = line.parse().map_err(|_| ProcessError::Answer(line))?;
        Ok(server)
    }

    /// Where the flags are.
    pub fn base_url(&self) -> BaseUrl {
        base_url(self.address)
    }

    /// What it has seen since it started or was last asked: asking starts anew.
    ///
    /// # Errors
    ///
    /// If the process is gone.
    pub fn take_stats(&mut self) -> Result<Stats, ProcessError> {
        let input = self.input.as_mut().ok_or_else(broken)?;
        input.write_all(b"stats\n")?;
        let line = self.read()?;
        serde_json::from_str(&line).map_err(|_| ProcessError::Answer(line))
    }

    fn read(&mut self) -> Result<String, ProcessError> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Closing its input is what tells it to stop.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// Becomes the server and never returns, if this process was started to be one.
///
/// A program that measures calls it first of all.
pub fn become_server_if_asked() {
    if let Ok(profile) = env::var(ASKED) {
        let status = match serve_parent(&profile) {
            Ok(()) => 0,
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}"));
                eprintln!("flag server: {error}{}", cause.unwrap_or_default());
                1
            }
        };
        process::exit(status);
    }
}

fn serve_parent(profile: &str) -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start(Config {
        profile: serde_json::from_str(profile)?,
        ..Config::default()
    })?;
    let mut output = io::stdout();
    writeln!(output, "{}", server.address())?;
    output.flush()?;
    for line in io::stdin().lines() {
        if line? == "stats" {
            let stats = server.stats();
            server.reset_stats();
            serde_json::to_writer(&mut output, &stats)?;
            output.write_all(b"\n")?;
            output.flush()?;
        }
    }
    Ok(())
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "its pipe is closed")
}
