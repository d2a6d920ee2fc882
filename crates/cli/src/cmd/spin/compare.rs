//! All variants one after another, and one table.

use std::io::{self, Write};
use std::time::Duration;

use flagrace_spinner::{Evidence, Variant};

use super::{Args, Stages, time, work};
use crate::output::table;
use crate::server::Source;
use work::Kind;

const VARIANTS: [(&str, Variant); 7] = [
    ("thread", Variant::Thread),
    ("task", Variant::Task),
    ("blocked-task", Variant::BlockedTask),
    ("rescued-task", Variant::RescuedTask),
    ("napping-task", Variant::NappingTask),
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

pub fn run(args: &Args, stages: &Stages, source: Option<&Source>) -> anyhow::Result<()> {
    let (mut rows, mut answers) = (Vec::new(), Vec::new());
    for (name, variant) in VARIANTS {
        let kind = args.work.unwrap_or_else(|| Kind::usual(variant));
        writeln!(io::stdout(), "{name}")?;
        let (answer, evidence, _) = stages.run(variant, || {
            let time = args.seconds.unwrap_or(Duration::from_secs(1));
            work::build(kind, variant, time, None, source)
        })?;
        rows.push(row(name, &evidence));
        answers.push(answer);
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
    for answer in answers {
        answer?;
    }
    Ok(())
}

fn row(name: &str, evidence: &Evidence) -> [String; 8] {
    let told = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let mark = if evidence.stood_still() { "! " } else { "" };
    [
        name.to_owned(),
        time(evidence.wall),
        evidence.frames.to_string(),
        format!("{mark}{}", time(evidence.longest_gap)),
        told(evidence.threads),
        told(evidence.switches),
        time(evidence.create),
        time(evidence.cancel),
    ]
}
