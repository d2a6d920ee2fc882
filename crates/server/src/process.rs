//! A server in its own process, for measurements.
//!
//! In one process, server and clients would share an allocator, limits and processor time. So a
//! program that measures runs itself again, and the copy becomes the server. They communicate over
//! the child's standard input and output, which opens no connection that would be counted. However
//! the parent ends, the pipe closes and the child stops.

use std::io::{self, BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, process};

use flagrace_core::BaseUrl;

use crate::{Profile, Server, Stats};

/// Environment variable of the child, with the profile as JSON.
const PROFILE: &str = "FLAGRACE_BECOME_SERVER";

/// A server in a child process, which stops when dropped.
pub struct ServerProcess {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    base_url: BaseUrl,
}

impl ServerProcess {
    /// Runs this program again as a server of the embedded flags, without the profile's `faults`.
    /// The program's `main` must begin with [`become_server_if_asked`].
    pub fn start(profile: &Profile) -> io::Result<Self> {
        let profile = serde_json::to_string(profile)?;
        let mut command = Command::new(env::current_exe()?);
        command.env(PROFILE, profile);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C reaches every process of a group. If the server stopped before its client,
        // cancelled downloads would become failures.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut output = BufReader::new(output).lines();
        let line = output.next().transpose()?.unwrap_or_default();
        let base_url = line.parse().map_err(|_| unexpected(&line))?;
        Ok(Self {
            child,
            output,
            base_url,
        })
    }

    /// The base URL of the flags.
    pub fn base_url(&self) -> BaseUrl {
        self.base_url.clone()
    }

    /// The process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the counters and resets them.
    pub fn take_stats(&mut self) -> io::Result<Stats> {
        let input = self.child.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        input.write_all(b"stats\n")?;
        let line = self.output.next().transpose()?.unwrap_or_default();
        serde_json::from_str(&line).map_err(|_| unexpected(&line))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // `wait` first closes the child's standard input, which stops the server.
        let _ = self.child.wait();
    }
}

/// Becomes the server and never returns, if [`ServerProcess::start`] started this process.
///
/// A program that measures must call this first.
pub fn become_server_if_asked() {
    if let Ok(profile) = env::var(PROFILE) {
        let served = serve_parent(&profile);
        if let Err(error) = &served {
            eprintln!("flag server: {error}");
        }
        process::exit(served.is_err().into());
    }
}

fn serve_parent(profile: &str) -> io::Result<()> {
    let profile: Profile = serde_json::from_str(profile)?;
    let server = Server::start(profile.into())?;
    // Flushed at the end of each line.
    let mut output = io::stdout();
    writeln!(output, "{}", server.base_url())?;
    for line in io::stdin().lines() {
        if line? == "stats" {
            let stats = serde_json::to_string(&server.take_stats())?;
            writeln!(output, "{stats}")?;
        }
    }
    Ok(())
}

fn unexpected(line: &str) -> io::Error {
    io::Error::other(format!(
        "the flag server's process said '{line}'; does main() begin with become_server_if_asked()?"
    ))
}
