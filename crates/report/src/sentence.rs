//! Sentences of an analysis: each number in them comes from the data.
//!
//! A sentence says faster, slower or equal only where the interval of at least 98.5 % says so
//! ([`Ratio::strict`](crate::analysis::Ratio)); tables show the verdict at 95 %.

use crate::analysis::{Analysis, Margins, Row, SERVER_FULL, TwoSpeeds, Verdict};
use crate::data::{Meta, Scenario};
use crate::format;
use crate::metric;
use crate::stats::Interval;

/// The engines of the answer: those of the model alone if measured, else those with the usual
/// clients.
const PAIRS: [(&str, &str); 2] = [("threads-bare", "async-bare"), ("threads", "async")];

/// The metrics in sentences, with their names there.
pub(crate) const JUDGED: [(&str, &str); 3] = [
    (metric::WALL, "time"),
    (metric::CPU, "processor time"),
    (metric::MEMORY, "memory"),
];

/// The answer of a run in one sentence: time, processor time and memory of tasks over threads.
/// Covers a scenario with delay and one without, if there are both. `None` if no interleaved
/// scenario has threads as its baseline and tasks beside them.
pub fn answer(analyses: &[Analysis]) -> Option<String> {
    let ((analysis, row), other) = answering_both(analyses)?;
    let (place, engine) = (circumstance(&analysis.scenario), &row.engine);
    let mut sentence = format!("{place}, {engine} {}", took(analysis, row));
    if let Some((analysis, row)) = other {
        let place = circumstance(&analysis.scenario);
        sentence += &format!("; {place}, it {}", ratios(analysis, row, ""));
    }
    let first = sentence.get(..1)?.to_uppercase();
    Some(first + &sentence[1..] + ".")
}

/// The first scenario of the answer.
pub fn answering(analyses: &[Analysis]) -> Option<&Analysis> {
    answering_both(analyses).map(|((analysis, _), _)| analysis)
}

/// A scenario, and its row of tasks.
type Compared<'a> = (&'a Analysis, &'a Row);

/// A scenario without delay and one with, if there are both.
fn answering_both(analyses: &[Analysis]) -> Option<(Compared<'_>, Option<Compared<'_>>)> {
    PAIRS.iter().find_map(|(threads, tasks)| {
        let mut with: Vec<Compared<'_>> = (analyses.iter())
            .filter(|one| one.scenario.is_interleaved() && one.scenario.point.is_none())
            .filter(|one| one.scenario.baseline() == *threads)
            .filter_map(|one| Some((one, one.row(tasks)?)))
            .collect();
        // Scenarios made for the question come first.
        with.sort_by_key(|(one, _)| !["bare", "delay", "local"].contains(&&*one.scenario.name));
        let waits = |one: &&Compared<'_>| one.0.scenario.workload.delay_s != Some(0.0);
        let waiting = with.iter().copied().find(|one| waits(&one));
        match with.iter().copied().find(|one| !waits(&one)) {
            Some(busy) => Some((busy, waiting)),
            None => Some((waiting?, None)),
        }
    })
}

/// The result of a row, by the strict verdicts: "took 0.87 times the time of threads (faster), 0.70
/// times the processor time (less) and 0.97 times the memory (equal within 10 %), with 1 OS thread
/// instead of 21".
pub fn took(analysis: &Analysis, row: &Row) -> String {
    let baseline = analysis.scenario.baseline();
    let mut words = ratios(analysis, row, &format!(" of {baseline}"));
    let there = analysis
        .row(baseline)
        .and_then(|row| row.median(metric::THREADS));
    if let (Some(here), Some(there)) = (row.median(metric::THREADS), there)
        && here != there
    {
        let (here, there) = (plural(here, "OS thread"), format::count(there));
        words += &format!(", with {here} instead of {there}");
    }
    words
}

fn ratios(analysis: &Analysis, row: &Row, of: &str) -> String {
    let parts = JUDGED.into_iter().filter_map(|(key, what)| {
        let ratio = row.ratios.get(key)?;
        let of = if key == metric::WALL { of } else { "" };
        let number = format::digits(ratio.median);
        let mut words = verdict(key, ratio.strict).to_owned();
        if ratio.strict == Verdict::Equal {
            words += &format!(" within {}", format::share(analysis.margins.of(key)));
        }
        Some(format!("{number} times the {what}{of} ({words})"))
    });
    match &parts.collect::<Vec<String>>()[..] {
        [] => "has no trial to compare".to_owned(),
        parts => format!("took {}", listed(parts)),
    }
}

/// A verdict in a few words.
pub fn verdict(key: &str, verdict: Verdict) -> &'static str {
    let time = [metric::WALL, metric::TIME].contains(&key);
    match verdict {
        Verdict::None => "",
        Verdict::TooFew => "too few rounds",
        Verdict::TooNoisy => "too noisy",
        Verdict::Server => "server limit",
        Verdict::Equal => "equal",
        Verdict::Less if time => "faster",
        Verdict::More if time => "slower",
        Verdict::Less => "less",
        Verdict::More => "more",
        Verdict::NotRepeated => "not repeated by a second run",
        Verdict::Undecided(_) => "undecided",
    }
}

/// "where the server takes 50 ms" or "with no delay".
fn circumstance(scenario: &Scenario) -> String {
    match scenario.workload.delay_s {
        Some(delay) if delay > 0.0 => format!("where the server takes {}", format::delay(delay)),
        Some(_) => "with no delay".to_owned(),
        None => format!("in {}", scenario.name),
    }
}

/// The workload in a line: "259 flags, 20 at a time, kept in memory; 20 rounds; baseline
/// threads; lag-1 correlation 0.05".
pub fn caption(analysis: &Analysis) -> String {
    let (scenario, work) = (&analysis.scenario, &analysis.scenario.workload);
    let mut parts = Vec::new();
    if work.requests > 0 {
        let what = plural(work.requests as f64, if work.urls { "URL" } else { "flag" });
        let at_a_time = format::count(work.concurrency as f64);
        let delay = match work.delay_s {
            Some(delay) if delay > 0.0 => format!(", the server waits {}", format::delay(delay)),
            _ => String::new(),
        };
        let kept = match &*work.store {
            "directory" => "saved to disk",
            "memory" => "kept in memory",
            _ => "not kept",
        };
        parts.push(format!("{what}, {at_a_time} at a time{delay}, {kept}"));
    }
    let asked = plural(scenario.rounds as f64, "round");
    parts.push(match analysis.rounds {
        _ if !scenario.is_interleaved() => "engines one after another, so no verdict".to_owned(),
        rounds if rounds == scenario.rounds => asked,
        rounds => format!("{rounds} of {asked}"),
    });
    parts.push(format!("baseline {}", scenario.baseline()));
    if let Some(lag1) = analysis.lag1 {
        parts.push(format!("lag-1 correlation {lag1:.2}"));
    }
    let caption = format!("{}. {}", parts.join("; "), scenario.note);
    caption.trim_end().to_owned()
}

/// Notes on a scenario: failures, noise, limits, drift.
pub fn notes(analysis: &Analysis) -> Vec<String> {
    let baseline = analysis.scenario.baseline();
    let mut notes = Vec::new();
    for row in &analysis.rows {
        let (label, rounds) = (row.label(), plural(row.trials as f64, "round"));
        for (why, trials) in &row.failures {
            let why = why.trim_end_matches('.');
            notes.push(format!("{label} failed in {trials} of {rounds}: {why}."));
        }
    }
    let gone = (analysis.scenario.engines.iter()).filter(|one| analysis.row(one).is_none());
    notes.extend(gone.map(|engine| format!("{engine} did not run: it had failed before.")));
    let (mut too_few, mut limited, mut open) = (false, Vec::new(), Vec::new());
    for (key, name) in JUDGED {
        let mut noisy = false;
        for row in &analysis.rows {
            match row.ratios.get(key).map(|ratio| ratio.verdict) {
                Some(Verdict::TooFew) => too_few = true,
                Some(Verdict::TooNoisy) => noisy = true,
                Some(Verdict::Server) => limited.push(row.engine.clone()),
                Some(Verdict::Undecided(rounds)) => {
                    open.push(format!("{name} of {} (about {rounds})", row.engine));
                }
                _ => {}
            }
        }
        let control = analysis
            .control()
            .and_then(|row| row.ratios.get(key)?.interval);
        if let (true, Some(Interval { low, high })) = (noisy, control) {
            let margin = format::share(analysis.margins.of(key));
            notes.push(format!(
                "Too noisy for a verdict on {name}: {baseline} against itself is from {low:.3} to \
                 {high:.3} times, which is not within {margin}."
            ));
        }
    }
    if too_few {
        notes.push("Too few rounds for a verdict: an interval needs 6.".to_owned());
    }
    if !open.is_empty() {
        let open = listed(&open);
        notes.push(format!(
            "Undecided, with the rounds that would decide: {open}."
        ));
    }
    if !limited.is_empty() {
        let (full, limited) = (format::share(SERVER_FULL), listed(&limited));
        notes.push(format!(
            "The server was the limit, with a core busy for more than {full} of the download: no \
             verdict on the time of {limited}."
        ));
    }
    if let Some(drift) = analysis.drift {
        let drift = format::digits(drift);
        notes.push(format!(
            "The machine drifted: in the second half of the rounds {baseline} took {drift} times \
             as long. Ratios within rounds bear it; times do not."
        ));
    }
    for row in &analysis.rows {
        if let Some(TwoSpeeds {
            fast_s,
            slow_s,
            slow,
        }) = row.two_speeds
        {
            let (label, trials) = (row.label(), row.trials - row.failed());
            let [fast, long] = [fast_s, slow_s].map(format::seconds);
            notes.push(format!(
                "{label} has two speeds: {slow} of {trials} trials took about {long}, the others \
                 about {fast}."
            ));
        }
    }
    notes
}

/// How to read the tables.
pub fn how_to_read(margins: Margins) -> Vec<String> {
    vec![
        "In each round every engine downloads once, in random order, as a process of its own. \
         Numbers are medians over rounds; brackets hold the 95 % confidence interval."
            .to_owned(),
        "A ratio is taken within each round, over the geometric mean of the baseline's two \
         trials. Below 1 is faster, or less."
            .to_owned(),
        format!(
            "Equal: the interval is within {} (memory {}). Faster, slower, less, more: the \
             interval lies on one side of 1, and is not equal. Undecided: neither.",
            format::share(margins.time),
            format::share(margins.memory),
        ),
        "Too noisy: the interval of the baseline's second trials over its first (the row \
         \"again\") is not within that, so there is no verdict."
            .to_owned(),
        "CPU is the client's processor time, in its own code and in the kernel. Memory is the \
         most that was resident. Server busy is its busiest thread's processor time as a share \
         of the download; machine busy is client and server as a share of all cores."
            .to_owned(),
    ]
}

/// The metadata of a run, in sentences.
pub fn about(meta: &Meta) -> Vec<String> {
    let memory = format::bytes(meta.memory_kib as f64 * 1024.0);
    let dirty = if meta.dirty { " with changes" } else { "" };
    vec![
        format!("Command: {} ({})", meta.command, meta.date),
        format!(
            "Machine: {}, {}, {memory}, {}, kernel {}",
            meta.cpu,
            plural(meta.cores as f64, "core"),
            meta.os,
            meta.kernel
        ),
        format!("Server: {}", meta.server),
        format!(
            "Source: version {}, revision {}{dirty}, Cargo.lock {}; {}",
            meta.version, meta.revision, meta.lock_hash, meta.rustc
        ),
    ]
}

/// "a", "a and b", "a, b and c".
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn plural(number: f64, what: &str) -> String {
    let s = if number == 1.0 { "" } else { "s" };
    format!("{} {what}{s}", format::count(number))
}
