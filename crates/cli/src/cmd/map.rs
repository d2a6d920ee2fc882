//! `flagrace map`: calibrates the law, and measures cells that were chosen before.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use flagrace_measure::map;
use flagrace_report::data::{Run, Writer};
use flagrace_report::map::table;

use super::compare::{HERE, meta};
use super::decide::measure;
use crate::args::at_least_one;
use crate::interrupt;
use crate::output::{print, tell};

#[derive(clap::Args)]
#[command(after_help = "\
It takes about 20 minutes, on Linux. Half of the cores are the client's. The same command continues
a file, on the same machine and at the same revision.
Exit code: 0 if nothing failed, 1 after an error or if a trial failed, 2 for a wrong argument, 130
after Ctrl-C, which keeps the completed rounds.")]
pub struct Args {
    /// File to write every trial to, as JSON Lines: each round as soon as it ends
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Seed of the cells and of the order within each round: one that was never used
    #[arg(long, value_name = "N")]
    seed: u64,
    /// Number of rounds of each cell
    #[arg(long, value_name = "N", value_parser = at_least_one, default_value_t = 20)]
    rounds: usize,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (path, seed, rounds) = (&args.output, args.seed, args.rounds);
    // The cells depend on the seed alone, which is in the file before anything is measured.
    let mut meta = meta(HERE);
    meta.command = format!("flagrace map --seed {seed} --rounds {rounds}");
    let half = (meta.cores / 2).max(1);
    let mut writer = match path.exists() {
        true => {
            let run = Run::read(path)?;
            ensure!(
                run.meta.is_like(&meta) && run.meta.command == meta.command,
                "{} is of another machine, revision, seed or number of rounds: name a new file",
                path.display()
            );
            Writer::resume(path, run)?
        }
        false => Writer::resume(path, Run::new(meta))?,
    };
    let mut scenarios = map::calibration(half);
    scenarios.extend(map::cells(seed, half, rounds));
    let kept = &writer.run().scenarios;
    scenarios.retain(|scenario| kept.iter().all(|one| one.name != scenario.name));
    let cancel = interrupt::cancels()?;
    let failed = measure(scenarios, seed, &cancel, &mut writer)?;
    print(&table(writer.run()))?;
    tell(format_args!("The trials are in {}.", path.display()));
    Ok(interrupt::exit_code(&cancel, failed))
}
