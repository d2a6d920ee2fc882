//! What one thread and one task cost in memory while they wait.
//!
//! Not timed, so not criterion's: each sample is a process of its own, this program run once
//! more, that makes so many of them and looks at its memory before and after. In one process
//! the second sample would find the first one's memory still there.

use std::env;
use std::io;
use std::process::Command;

use anyhow::{Context, ensure};
use flagrace_benches::{About, is_quick, is_wanted, only_tests};
use flagrace_measure::Footprint;
use flagrace_report::{Cell, Group, Quantity};
use flagrace_spinner::units::{tasks, threads};

/// Tells this program to be a sample: "thread 100", say.
const SAMPLE: &str = "FLAGRACE_MEMORY_SAMPLE";

const UNITS: [&str; 2] = ["thread", "task"];
const COUNTS: [usize; 3] = [1, 100, 10_000];

pub fn run() -> anyhow::Result<Option<Group>> {
    let about = About {
        name: "memory",
        title: "One thread against one task, in memory",
        axis: "how many there are",
        flags: 0,
        note: "Memory for each of them while all of them wait: what they have written to, in \
               stacks and on the heap. Threads reserve 2 MiB of addresses each for a stack, \
               which takes no memory until it is written to. The last rows are what the kernel \
               keeps for them on top: page tables, and a stack in the kernel.",
    };
    if !is_wanted(&about) {
        return Ok(None);
    }
    let (counts, samples) = match (only_tests(), is_quick()) {
        (true, _) => (&COUNTS[..2], 1),
        (false, true) => (&COUNTS[..], 2),
        (false, false) => (&COUNTS[..], 7),
    };
    let mut cells = Vec::new();
    for &count in counts {
        let is_last = count == COUNTS[COUNTS.len() - 1];
        for unit in UNITS {
            let seen: Vec<[f64; 3]> = (0..samples)
                .map(|_| take_sample(unit, count))
                .collect::<anyhow::Result<_>>()?;
            let mut cell = |scenario: String, x: Option<f64>, which: usize| {
                cells.push(Cell {
                    engine: unit.to_owned(),
                    scenario,
                    x,
                    samples: seen.iter().map(|sample| sample[which]).collect(),
                });
            };
            cell(count.to_string(), Some(count as f64), 0);
            if is_last {
                cell(format!("{count}: page tables"), None, 1);
                cell(format!("{count}: stacks in the kernel"), None, 2);
            }
        }
    }
    let group = about.group(Quantity::Memory, cells);
    Ok((!only_tests()).then_some(group))
}

/// One process with so many units: what one of them takes, in bytes.
fn take_sample(unit: &str, count: usize) -> anyhow::Result<[f64; 3]> {
    let mut command = Command::new(env::current_exe()?);
    command.env(SAMPLE, format!("{unit} {count}"));
    let output = command.output().context("cannot run a sample")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{count} of {unit}: {said}");
    let told = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = told
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    numbers
        .try_into()
        .map_err(|_| anyhow::anyhow!("no sample: {told:?}"))
}

/// Which sample this process is to be, if any.
pub fn asked_sample() -> Option<String> {
    env::var(SAMPLE).ok()
}

/// Prints what one unit takes: written memory, page tables, kernel stacks, in bytes.
pub fn be_a_sample(sample: &str) -> anyhow::Result<()> {
    let (unit, count) = sample.split_once(' ').context("what sample?")?;
    let count: usize = count.parse()?;
    let keep: fn(usize, &mut dyn FnMut() -> Look) -> io::Result<Look> = match unit {
        "thread" => |count, look| threads::keep(count, look),
        "task" => |count, look| tasks::keep(count, look),
        _ => anyhow::bail!("there is no unit {unit:?}"),
    };
    // None at first: what the first of all takes along, a runtime say, is not theirs.
    let before = keep(0, &mut Footprint::now)??;
    let after = keep(count, &mut Footprint::now)??;
    let each =
        |of: fn(&Footprint) -> u64| of(&after).saturating_sub(of(&before)) as f64 / count as f64;
    let written = each(|footprint| footprint.written);
    let page_tables = each(|footprint| footprint.page_tables);
    let kernel_stacks = each(|footprint| footprint.kernel_stacks);
    println!("{written} {page_tables} {kernel_stacks}");
    Ok(())
}

type Look = Result<Footprint, flagrace_measure::CostError>;
