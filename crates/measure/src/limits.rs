//! How many files and sockets a process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises this process's limit of open files as far as the system allows without
/// privileges, and returns it. Each connection is an open file, and the usual soft limit
/// of 1,024 is less than the largest concurrency.
///
/// Where the system refuses, the limit stays as it is: a run that fits below it works.
pub fn raise_open_files() -> u64 {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return 0;
    };
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        Err(_) => soft,
    }
}
