//! How much memory do one thread and one task take while they wait?
//!
//! Not timed, so not criterion's. Each sample is a process of its own, this program run once
//! more: in one process, the second sample would find the memory of the first.

use std::env;
use std::future;
use std::iter;
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::thread;

use anyhow::{Context, ensure};
use flagrace_benches::{About, Benchmark, Measured, is_quick, is_wanted, only_tests};
use flagrace_measure::Footprint;
use flagrace_report::metric;
use tokio::runtime::Builder;

/// Makes this program one sample: "thread 100", say.
const SAMPLE: &str = "FLAGRACE_MEMORY_SAMPLE";

/// What a sample counts.
const KINDS: [&str; 3] = ["", ": page tables", ": stacks in the kernel"];

pub fn run() -> anyhow::Result<Measured> {
    let about = About {
        name: "memory",
        title: "One thread against one task, in memory",
        axis: "how many there are",
        flags: 0,
        note: "Memory for each of them while all wait: what they wrote to, in stacks and on the \
               heap. A thread reserves 2 MiB of addresses for its stack, which take no memory \
               until they are written to. Page tables and stacks in the kernel are its memory.",
    };
    if !is_wanted(about.name) {
        return Ok(Vec::new());
    }
    let (counts, samples) = match (only_tests(), is_quick()) {
        (true, _) => (&[1, 100][..], 1),
        (false, true) => (&[1, 100, 10_000][..], 2),
        (false, false) => (&[1, 100, 10_000][..], 7),
    };
    let mut cells = Vec::new();
    for &count in counts {
        // In the kernel it takes many to see what one costs.
        let kinds = &KINDS[..if count == 10_000 { 3 } else { 1 }];
        for unit in ["thread", "task"] {
            let seen = (0..samples).map(|_| take_sample(unit, count));
            let seen = seen.collect::<anyhow::Result<Vec<_>>>()?;
            cells.extend(kinds.iter().enumerate().map(|(which, kind)| Benchmark {
                engine: unit.to_owned(),
                value: format!("{count}{kind}"),
                samples: seen.iter().map(|sample| sample[which]).collect(),
            }));
        }
    }
    Ok(about.scenarios(metric::BYTES, cells))
}

/// Runs one process: the bytes of one thread or task, of each kind.
fn take_sample(unit: &str, count: u32) -> anyhow::Result<Vec<f64>> {
    let mut command = Command::new(env::current_exe()?);
    command.env(SAMPLE, format!("{unit} {count}"));
    let output = command.output().context("cannot run a sample")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{count} of {unit}: {error}");
    let printed = String::from_utf8(output.stdout)?;
    let numbers = printed.split_whitespace().map(|number| Ok(number.parse()?));
    numbers.collect()
}

/// The sample that this process is to be, if any.
pub fn asked_sample() -> Option<String> {
    env::var(SAMPLE).ok()
}

/// Prints the bytes of one thread or task, one line for each kind.
pub fn be_a_sample(sample: &str) -> anyhow::Result<()> {
    let (unit, count) = sample.split_once(' ').context("which sample?")?;
    let count: usize = count.parse()?;
    let wait: fn(usize) -> anyhow::Result<Footprint> = match unit {
        "thread" => waiting_threads,
        "task" => waiting_tasks,
        _ => anyhow::bail!("there is no unit {unit:?}"),
    };
    // None at first, so that what the first of all allocates is not counted.
    let before = wait(0)?;
    let after = wait(count)?;
    let bytes = |seen: Footprint| [seen.written, seen.page_tables, seen.kernel_stacks];
    for (after, before) in iter::zip(bytes(after), bytes(before)) {
        println!("{}", after.saturating_sub(before) as f64 / count as f64);
    }
    Ok(())
}

/// Memory while so many threads wait. They end with this process.
fn waiting_threads(count: usize) -> anyhow::Result<Footprint> {
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
    Ok(Footprint::now()?)
}

/// Memory while so many tasks wait.
fn waiting_tasks(count: usize) -> anyhow::Result<Footprint> {
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
        Ok(Footprint::now()?)
    })
}
