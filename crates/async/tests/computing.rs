//! Where the engines compute.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use flagrace_async::Async;
use flagrace_core::{Compute, Downloader, Job, Setup};
use flagrace_server::{Config, Server};
use procfs::process::Process;

/// The processor time of the threads whose name begins like this, in hundredths of a second.
fn spent(name: &str) -> u64 {
    let tasks = Process::myself().unwrap().tasks().unwrap();
    let tasks = tasks.map(|task| task.unwrap().stat().unwrap());
    let named = tasks.filter(|task| task.comm.starts_with(name));
    named.map(|task| task.utime + task.stime).sum()
}

#[test]
fn each_engine_computes_on_its_own_pool() {
    let server = Server::start(Config::default()).unwrap();
    let mut job = Job::new(server.base_url(), ["BR".parse().unwrap()]);
    job.compute = Compute::lasting(Duration::from_millis(200));
    for (engine, threads) in [
        (Async::spawn_blocking(&Setup::default()), "tokio"),
        (Async::hybrid(&Setup::default()), "compute-"),
    ] {
        let engine = engine.unwrap();
        engine.download_many(&job).unwrap();
        // Half of it: the clock was calibrated in the fastest moment.
        assert!(spent(threads) >= 10, "{threads}");
    }
}
