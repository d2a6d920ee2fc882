//! How much memory do one thread and one task take while they wait?
//!
//! It is not timed, so it does not use criterion. Each sample is a process of its own, this program
//! run again: within one process, the second sample would reuse the memory of the first.

use std::env;
use std::future;
use std::iter;
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::thread;

use anyhow::{Context, ensure};
use flagrace_benches::{About, is_quick, is_wanted, only_tests};
use flagrace_measure::footprint;
use flagrace_report::data::Run;
use flagrace_report::metric;
use tokio::runtime::Builder;

/// Turns this program into one sample: "thread 100", for example.
const SAMPLE: &str = "FLAGRACE_MEMORY_SAMPLE";

/// What a sample counts: see [`footprint`].
const KINDS: [&str; 3] = ["", ": page tables", ": stacks in the kernel"];

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    let about = About {
        name: "memory",
        title: "One thread against one task, in memory",
        axis: "how many there are",
        flags: 0,
        note: "Memory for each of them while all wait: what they wrote to, in stacks and on the \
               heap. A thread reserves 2 MiB of addresses for its stack, which take no memory \
               until they are written to. Page tables and stacks in the kernel are its memory.",
    };
    // Only Linux reports it.
    if !is_wanted(about.name) || footprint().is_err() {
        return Ok(());
    }
    let (counts, samples) = match (only_tests(), is_quick()) {
        (true, _) => (&[1, 100][..], 1),
        (false, true) => (&[1, 100, 10_000][..], 2),
        (false, false) => (&[1, 100, 10_000][..], 7),
    };
    for &count in counts {
        // In the kernel, only many units show the cost of one.
        let kinds = &KINDS[..if count == 10_000 { 3 } else { 1 }];
        for unit in ["thread", "task"] {
            let seen = (0..samples).map(|_| take_sample(unit, count));
            let seen = seen.collect::<anyhow::Result<Vec<_>>>()?;
            for (which, kind) in kinds.iter().enumerate() {
                let value = format!("{count}{kind}");
                let samples = seen.iter().map(|sample| sample[which]).collect();
                about.add(run, metric::BYTES, unit, &value, samples);
            }
        }
    }
    Ok(())
}

/// Runs one process: the bytes per thread or task, of each kind.
fn take_sample(unit: &str, count: u32) -> anyhow::Result<Vec<f64>> {
    let mut command = Command::new(env::current_exe()?);
    let output = command.env(SAMPLE, format!("{unit} {count}")).output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{count} of {unit}: {error}");
    let printed = String::from_utf8(output.stdout)?;
    let numbers = printed.split_whitespace().map(|number| Ok(number.parse()?));
    numbers.collect()
}

/// Prints the bytes per thread or task, one line for each kind, if this process was started as a
/// sample. Returns whether it was.
pub fn was_a_sample() -> anyhow::Result<bool> {
    let Ok(sample) = env::var(SAMPLE) else {
        return Ok(false);
    };
    let (unit, count) = sample.split_once(' ').context("which sample?")?;
    let count: usize = count.parse()?;
    let wait = match unit {
        "thread" => waiting_threads,
        _ => waiting_tasks,
    };
    // None at first, so that the initial allocations are not counted.
    let (before, after) = (wait(0)?, wait(count)?);
    for (after, before) in iter::zip(after, before) {
        println!("{}", after.saturating_sub(before) as f64 / count as f64);
    }
    Ok(true)
}

/// Memory while this many threads wait. They end with this process.
fn waiting_threads(count: usize) -> anyhow::Result<[u64; 3]> {
    let all = Arc::new(Barrier::new(count + 1));
    for _ in 0..count {
        let all = Arc::clone(&all);
        thread::Builder::new().spawn(move || {
            all.wait();
            loop {
                thread::park();
            }
        })?;
    }
    all.wait();
    Ok(footprint()?)
}

fn waiting_tasks(count: usize) -> anyhow::Result<[u64; 3]> {
    Builder::new_current_thread().build()?.block_on(async {
        let all = Arc::new(tokio::sync::Barrier::new(count + 1));
        for _ in 0..count {
            let all = Arc::clone(&all);
            tokio::spawn(async move {
                all.wait().await;
                future::pending::<()>().await;
            });
        }
        all.wait().await;
        Ok(footprint()?)
    })
}
