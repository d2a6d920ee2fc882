//! A process of its own, and what it took as a whole.

use std::io::{self, Read};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::UsageWho;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use thiserror::Error;

use crate::Cost;

/// What a process took, from before it was started until it had ended. Its processor time
/// and its switches are those of the whole process, its start and its end included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// By the clock of the process that started it, in seconds.
    pub wall_s: f64,
    /// Processor time in its own code, in seconds.
    pub user_s: f64,
    /// Processor time in the kernel, in seconds.
    pub system_s: f64,
    /// Switches of context because a thread had to wait.
    pub voluntary_switches: u64,
    /// Switches of context because a thread's time was up.
    pub involuntary_switches: u64,
}

/// A process that has ended by itself.
#[derive(Clone, Debug)]
pub struct Ended {
    /// What it took.
    pub usage: Usage,
    /// Whether it ended with exit code 0.
    pub success: bool,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it said on standard error.
    pub stderr: String,
}

/// A process that told nothing of use.
#[derive(Debug, Error)]
pub enum TrialError {
    /// It could not be started or waited for.
    #[error("the process could not be run: {0}")]
    Io(#[from] io::Error),
    /// It took too long, and was ended.
    #[error("it took longer than {}, and was ended", humantime::format_duration(*.0))]
    TimedOut(Duration),
}

/// Runs a process to its end, or for this long at most. No other child of this program may
/// end meanwhile: the system counts all of them together.
///
/// # Errors
///
/// If it cannot be run, or takes too long.
pub fn run_trial(command: &mut Command, at_most: Duration) -> Result<Ended, TrialError> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    // What all children that have ended took together.
    let children = || Cost::of(UsageWho::RUSAGE_CHILDREN).map_err(io::Error::from);
    let before = children()?;
    let start = Instant::now();
    let mut child = command.spawn()?;
    let pid = Pid::from_raw(child.id().try_into().map_err(io::Error::other)?);
    let watch = Watch::over(pid, at_most)?;
    // Standard error is read aside: a process that fills one pipe while the other is read
    // would wait for ever.
    let stderr = child.stderr.take().map(read_aside).transpose()?;
    let mut stdout = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut stdout)?;
    }
    // Waited for, but not yet reaped: until it is, its number belongs to nobody else, and
    // the watch cannot end a stranger.
    waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).map_err(io::Error::from)?;
    let wall = start.elapsed();
    let timed_out = watch.end();
    let status = child.wait()?;
    let after = children()?;
    let stderr = stderr.and_then(|reading| reading.join().ok());
    if timed_out {
        return Err(TrialError::TimedOut(at_most));
    }
    Ok(Ended {
        usage: Usage {
            wall_s: wall.as_secs_f64(),
            user_s: after.user_s - before.user_s,
            system_s: after.system_s - before.system_s,
            voluntary_switches: after.voluntary_switches - before.voluntary_switches,
            involuntary_switches: after.involuntary_switches - before.involuntary_switches,
        },
        success: status.success(),
        stdout,
        stderr: stderr.unwrap_or_default(),
    })
}

fn read_aside(mut pipe: ChildStderr) -> io::Result<thread::JoinHandle<String>> {
    thread::Builder::new()
        .name("stderr".to_owned())
        .spawn(move || {
            let mut text = Vec::new();
            // Whatever was read until an error is all that there will be.
            let _ = pipe.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        })
}

/// A thread that ends a process when its time is up.
struct Watch {
    over: mpsc::Sender<()>,
    thread: thread::JoinHandle<bool>,
}

impl Watch {
    fn over(pid: Pid, at_most: Duration) -> io::Result<Self> {
        let (over, done) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || {
                let in_time = done.recv_timeout(at_most) != Err(RecvTimeoutError::Timeout);
                // It may have ended just now; it cannot have been reaped.
                in_time || kill(pid, Signal::SIGKILL).is_err()
            })?;
        Ok(Self { over, thread })
    }

    /// Nothing is left to watch. Whether the process was ended by it.
    fn end(self) -> bool {
        // A thread whose time was up no longer listens.
        let _ = self.over.send(());
        !self.thread.join().unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One at a time: the system counts all children of a program together.
    #[test]
    fn a_trial_tells_what_its_process_took() {
        let mut sum = Command::new("sh");
        sum.args([
            "-c",
            "i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done; echo $i",
        ]);
        let ended = run_trial(&mut sum, Duration::from_secs(60)).unwrap();
        assert!(ended.success && ended.stdout == b"600000\n");
        let Usage {
            wall_s,
            user_s,
            system_s,
            ..
        } = ended.usage;
        // One thread cannot use more than there was; the clocks are not the same one.
        let used = user_s + system_s;
        // Six hundred thousand turns of a shell's loop: nothing else here takes as long.
        assert!(
            used > 0.02 && used < wall_s * 1.1 + 0.01,
            "{:?}",
            ended.usage
        );

        let mut chatty = Command::new("sh");
        chatty.args(["-c", "head -c 300000 /dev/zero >&2; echo told; exit 3"]);
        let ended = run_trial(&mut chatty, Duration::from_secs(60)).unwrap();
        assert!(!ended.success && ended.stdout == b"told\n");
        assert_eq!(ended.stderr.len(), 300_000);

        let mut endless = Command::new("sleep");
        let error = run_trial(endless.arg("600"), Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.to_string(), "it took longer than 50ms, and was ended");

        let mut nowhere = Command::new("/nowhere/at/all");
        assert!(run_trial(&mut nowhere, Duration::from_secs(1)).is_err());
    }
}
