//! All variants one after another, and one table.

use std::io::{self, Write};
use std::time::Duration;

use flagrace_spinner::{Measurements, Variant};

use super::{Args, Demos, time};
use crate::output::table;

const VARIANTS: [(&str, Variant); 7] = [
    ("thread", Variant::Thread),
    ("task", Variant::Task),
    ("blocked-task", Variant::BlockedTask),
    ("spawn-blocking-task", Variant::SpawnBlockingTask),
    ("yielding-task", Variant::YieldingTask),
    ("1 of 2 blocked", of_two_workers(1)),
    ("2 of 2 blocked", of_two_workers(2)),
];

const fn of_two_workers(blockers: usize) -> Variant {
    Variant::BlockedWorkers {
        workers: 2,
        blockers,
    }
}

const LEGEND: &str = "\
! the spinner stood still most of the time
frames: how often it was drawn; longest gap: the longest time without a frame
create: making the spinner; cancel: from telling it to stop until it was gone
threads, switches: all of this process, with the work
1 of 2 blocked: blocked-task --workers 2 --blockers 1
Each was run once; `cargo bench -- spinner` measures threads and tasks.";

pub fn run(args: &Args, demos: &Demos) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (name, variant) in VARIANTS {
        writeln!(io::stdout(), "{name}")?;
        let work = args.work(variant, Duration::from_secs(1));
        let (_, measurements) = demos.run(variant, work)?;
        rows.push(row(name, &measurements));
    }
    let header = [
        "",
        "wall",
        "frames",
        "longest\ngap",
        "OS\nthreads",
        "context\nswitches",
        "create",
        "cancel",
    ];
    let table = table::render(header, rows, 7);
    writeln!(io::stdout(), "\n{table}\n\n{LEGEND}")?;
    Ok(())
}

fn row(name: &str, measurements: &Measurements) -> [String; 8] {
    let told = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let mark = if measurements.stood_still() { " !" } else { "" };
    [
        format!("{name}{mark}"),
        time(measurements.wall),
        measurements.frames.to_string(),
        time(measurements.longest_gap),
        told(measurements.threads),
        told(measurements.switches),
        time(measurements.create),
        time(measurements.cancel),
    ]
}
