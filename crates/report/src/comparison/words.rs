//! What is said of a comparison in sentences, the same in every form.

use super::columns::FULL_MARK;
use super::metric::Metric;
use super::raw::Scenario;
use super::rows::{FULL, Failure, Kind, Row, SERVER_FULL, Table};
use crate::format;
use crate::old_page::plural;

/// How to read the tables, as plain sentences.
pub fn how_to_read(tables: &[&Table]) -> Vec<String> {
    let mut sentences = vec![
        "In each round every engine downloads once, in random order, as a process of its own. \
         Numbers are medians over rounds; brackets hold the 95 % confidence interval of the \
         median."
            .to_owned(),
        "Wall time is that of the whole process; the ratio is to the baseline in the same round \
         (below 1 is faster)."
            .to_owned(),
        "The baseline runs twice in each round: the row called \"again\" is its second trial \
         over its first, which is what noise alone makes."
            .to_owned(),
        "A tie: the interval of the ratio overlaps that of the row called \"again\", widened to \
         include 1. This comparison does not tell the engine from the baseline, which is not to \
         say that they are the same."
            .to_owned(),
        "CPU is processor time of the client; machine is that of client and server as a share of \
         what all cores had to give. Busiest server core is the processor time of the server's \
         busiest thread as a share of the download. Memory is the most that was resident."
            .to_owned(),
    ];
    if tables.iter().any(|table| !table.scenario.server_here) {
        sentences.push(
            "The server ran already, maybe on another host: machine is the share of the client \
             alone, and what the server took is not in it."
                .to_owned(),
        );
    }
    let full = |table: &&Table| table.rows.iter().any(Row::fills_the_machine);
    if tables.iter().any(full) {
        sentences.push(format!(
            "{FULL_MARK} marks a row in which client and server together fill the machine \
             ({:.0} % of all cores or more): it tells how much work there is, not how well an \
             engine waits.",
            FULL * 100.0
        ));
    }
    let limit = |table: &&Table| table.rows.iter().any(Row::server_is_the_limit);
    if tables.iter().any(limit) {
        sentences.push(format!(
            "Where the busiest server core was busy for more than {:.0} % of the download \
             ({FULL_MARK}), the server was the limit, and there is no verdict on time.",
            SERVER_FULL * 100.0
        ));
    }
    sentences
}

/// What the columns of the other two tables mean.
pub fn other_columns() -> Vec<String> {
    vec![
        "Set-up is building the engine, download the call that downloads. Service time is from \
         a flag's turn to its outcome, queue wait from the start of the download to a flag's \
         turn; their percentiles are over the flags of a trial."
            .to_owned(),
        "User and system CPU are parts of CPU, server CPU is that of the server meanwhile. Systems that tell them apart by what they see at \
         each tick of a clock know the sum exactly, and the parts of a short trial badly."
            .to_owned(),
        "Switches of context are voluntary where a thread had to wait, and involuntary where \
         its time was up. Connections and requests in flight are as the server counted them. \
         Addresses reserved are those of the process, with the stacks of its threads."
            .to_owned(),
    ]
}

/// The scenario in a line: "259 flags, 20 at a time; 30 rounds; the baseline is threads".
pub fn caption(table: &Table) -> String {
    let scenario = &table.scenario;
    let delay = match scenario.delay_s {
        Some(delay) if delay > 0.0 => format!(", the server waits {}", format::seconds(delay)),
        _ => String::new(),
    };
    let rounds = if table.rounds == scenario.rounds {
        plural(table.rounds, "round")
    } else {
        let asked = scenario.rounds;
        format!("{} of {asked} rounds", table.rounds)
    };
    let flags = format::thousands(scenario.flags as f64);
    let what = if scenario.urls { "URL" } else { "flag" };
    let s = if scenario.flags == 1 { "" } else { "s" };
    format!(
        "{flags} {what}{s}, {} at a time{delay}; {}; {rounds}; the baseline is {}.",
        format::thousands(scenario.concurrency as f64),
        kept(scenario),
        scenario.baseline,
    )
}

fn kept(scenario: &Scenario) -> String {
    match scenario.store.as_str() {
        "directory" => "saved to disk".to_owned(),
        "memory" => "kept in memory".to_owned(),
        "null" => "not kept".to_owned(),
        other => format!("kept in {other}"),
    }
}

/// What else is to be said below a table.
pub fn notes(table: &Table) -> Vec<String> {
    let mut notes: Vec<String> = table.rows.iter().flat_map(failures).collect();
    let told_apart = table.noise.is_some();
    let engines = table.rows.iter().any(|row| row.kind == Kind::Engine);
    if !told_apart && engines {
        notes.push(
            "Too few rounds: with fewer than 6 there is no interval, and no engine is called \
             faster, slower or tied."
                .to_owned(),
        );
    }
    if let Some(drift) = table.drift.filter(|drift| drift.notable) {
        notes.push(format!(
            "The machine drifted: in the second half of the rounds {} took {} of the first. \
             Ratios are taken within rounds and bear it; wall times do not.",
            table.scenario.baseline,
            format::ratio(drift.ratio),
        ));
    }
    for row in &table.rows {
        let Some((two, wall)) = row.two_speeds.zip(row.figure(Metric::Wall)) else {
            continue;
        };
        notes.push(format!(
            "{} has two speeds: {} of {} trials took about {}, the others about {}.",
            row.label(),
            two.slow,
            wall.n,
            format::seconds(two.slow_s),
            format::seconds(two.fast_s),
        ));
    }
    notes
}

/// Why trials of a row came to nothing, a sentence for each reason.
fn failures(row: &Row) -> impl Iterator<Item = String> {
    row.failures
        .iter()
        .map(|failure| format!("{} {}.", row.label(), failed(row, failure)))
}

/// "failed in 3 of 20 rounds: too many open files".
pub fn failed(row: &Row, failure: &Failure) -> String {
    let error = failure.error.trim_end_matches('.');
    format!(
        "failed in {} of {}: {error}",
        failure.trials,
        plural(row.trials, "round")
    )
}
