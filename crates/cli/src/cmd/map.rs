//! `flagrace map`: calibrates the law, and measures cells that were chosen before.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use flagrace_measure::map;
use flagrace_report::data::{Meta, Run, Writer};
use flagrace_report::map::table;

use super::compare::{HERE, meta};
use super::decide::{cores, measure};
use crate::args::at_least_one;
use crate::interrupt;
use crate::output::{print, tell};

#[derive(clap::Args)]
#[command(after_help = "\
It takes about 20 minutes. Half of the cores are the client's. The same command continues a run
that was interrupted, on the same machine and revision.
Exit code: 0, 1 after an error, 2 for a wrong argument, 130 after Ctrl-C, which keeps the
completed rounds.")]
pub struct Args {
    /// File to write every trial to, as JSON Lines
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Seed of the cells and of the order within each round [default: that of the file, or a random
    /// one, which is recorded]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of rounds of each cell
    #[arg(long, value_name = "N", value_parser = at_least_one, default_value_t = 20)]
    rounds: usize,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let kept = args.output.exists().then(|| Run::read(&args.output));
    let kept = kept.transpose()?;
    let seed = args.seed.or(kept.as_ref().and_then(seed));
    let seed = seed.unwrap_or_else(|| fastrand::u32(..).into());
    // The cells depend on the seed, so it is in the file before anything is measured.
    let rounds = args.rounds;
    let command = format!("flagrace map --seed {seed} --rounds {rounds}");
    let meta = Meta {
        command,
        ..meta(HERE)
    };
    let mut writer = match kept {
        Some(run) => {
            ensure!(
                run.meta.is_like(&meta) && run.meta.command == meta.command,
                "{} is of another machine, revision, seed or number of rounds: name a new file",
                args.output.display()
            );
            Writer::resume(&args.output, run)?
        }
        None => Writer::create(&args.output, meta)?,
    };
    let half = (cores() / 2).max(1);
    let mut scenarios = map::calibration(half);
    scenarios.extend(map::cells(seed, half, rounds));
    let known = |name: &str| writer.run().scenarios.iter().any(|one| one.name == name);
    scenarios.retain(|one| !known(&one.name));
    let cancel = interrupt::cancels()?;
    let failed = measure(scenarios, seed, &cancel, &mut writer)?;
    print(&table(writer.run()))?;
    tell(format_args!("The trials are in {}.", args.output.display()));
    Ok(interrupt::exit_code(&cancel, failed))
}

/// The seed in a run's command.
fn seed(run: &Run) -> Option<u64> {
    let mut words = run.meta.command.split(' ');
    words.find(|word| *word == "--seed")?;
    words.next()?.parse().ok()
}
