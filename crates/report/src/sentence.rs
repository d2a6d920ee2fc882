//! Sentences of an analysis: each number in them comes from the data.
//!
//! A sentence says faster, slower or equal only where the interval of at least 98.5 % says so
//! ([`Ratio::strict`](crate::analysis::Ratio)); tables show the verdict at 95 %.

use std::mem;

use crate::analysis::{Analysis, FULL, Margins, Ratio, Row, SERVER_FULL, Verdict};
use crate::data::{Meta, Workload};
use crate::stats::Interval;
use crate::{format, metric};

/// The engines of the answer, with their names there: those of the model alone if measured, else
/// those with the usual clients.
const PAIRS: [(&str, &str, [&str; 2]); 2] = [
    ("threads-bare", "async-bare", ["threads", "tasks"]),
    ("threads", "async", ["threads", "async"]),
];

/// The metrics in sentences, with their names there.
const JUDGED: [(&str, &str); 4] = [
    (metric::WALL, "time"),
    (metric::P99, "p99 latency"),
    (metric::CPU, "processor time"),
    (metric::MEMORY, "memory"),
];

/// A scenario, and its row of tasks.
type Compared<'a> = (&'a Analysis, &'a Row);

/// The names of the baseline and the other engine, and two scenarios: without and with a delay.
type Answering<'a> = ([&'static str; 2], [Option<Compared<'a>>; 2]);

/// The answer of a run in one sentence: time and processor time of tasks over threads, without
/// delay and while the server waits, if there are both. `None` if no interleaved scenario has
/// threads as its baseline and tasks beside them.
pub fn answer(analyses: &[Analysis]) -> Option<String> {
    let ([threads, tasks], scenarios) = compared(analyses)?;
    let part = |(analysis, row): Compared<'_>, verb: &str, of: &str| {
        let ratios = ratios(row, of, &[metric::WALL, metric::CPU]);
        format!("{}, {verb}{ratios}", circumstance(analysis))
    };
    let mut parts = scenarios.into_iter().flatten();
    let first = parts.next()?;
    let first = part(first, &format!("{tasks} took "), &format!(" of {threads}"));
    let rest = parts.map(|compared| format!("; {}", part(compared, "", "")));
    let letter = first.get(..1)?.to_uppercase();
    Some(letter + &first[1..] + &rest.collect::<String>() + ".")
}

/// The answers of a run to three questions, those that it measured: with [`answer`] at most 100
/// words. A fourth is about servers. None without [`answer`].
pub fn questions(analyses: &[Analysis]) -> Vec<String> {
    let Some(([_, tasks], [_, waiting])) = compared(analyses) else {
        return Vec::new();
    };
    let waiting = waiting.and_then(|(_, row)| {
        let ratio = row.ratios.get(metric::WALL)?;
        let choice = match ratio.strict {
            Verdict::Equal => "the same time, so take either".to_owned(),
            _ => format!("{tasks} took {}", times(metric::WALL, ratio, "")),
        };
        Some(format!("“I fetch 200 URLs from a slow API”: {choice}."))
    });
    let idle = by_concurrency(analyses).pop().and_then(|(_, analysis)| {
        let baseline = analysis.scenario.baseline();
        let (_, engine, _) = PAIRS.iter().find(|pair| pair.0 == baseline)?;
        let (each, most) = (held(analysis, engine)?, at_a_time(analysis));
        Some(format!(
            "“I hold 10,000 idle connections”: {each} as {tasks} ({most})."
        ))
    });
    let computing = analyses.iter().find_map(|analysis| {
        let work = &analysis.scenario.workload;
        if work.cpu_s == 0.0 || work.cpu_of.is_some() {
            return None;
        }
        let ratio = |engine| analysis.row(engine)?.ratios.get(metric::WALL);
        let (pool, on_loop) = (ratio("hybrid")?, ratio("async")?);
        let of = format!(" of {}", analysis.scenario.baseline());
        let pool = times(metric::WALL, pool, &of);
        let never = match on_loop.strict {
            Verdict::More => "never ",
            _ => "",
        };
        Some(format!(
            "“I also resize images”: with a pool, {pool}; {never}on the event loop, {} ({}).",
            format::ratio(on_loop.median),
            verdict(metric::WALL, on_loop.strict),
        ))
    });
    let all = [waiting, idle, computing, serving(analyses)];
    all.into_iter().flatten().collect()
}

/// What a server takes with threads and with tasks, where the most connections are idle.
pub fn serving(analyses: &[Analysis]) -> Option<String> {
    let analysis = (analyses.iter()).max_by_key(|one| one.scenario.workload.idle)?;
    let (row, work) = (analysis.row("chars-task")?, &analysis.scenario.workload);
    let idle = work.idle.filter(|idle| *idle > 0)? as f64;
    let keys = [metric::WALL, metric::CPU];
    let each = held(analysis, &row.engine)?;
    let took = ratios(row, " of threads", &keys);
    let [all, idle] = [work.concurrency as f64, idle].map(format::count);
    Some(format!(
        "“I serve {all} connections, {idle} of them idle”: {each} as tasks, which took {took}."
    ))
}

/// "26 KiB each in 10,001 threads, 17 KiB each in 1": the resident memory of a connection.
fn held(analysis: &Analysis, engine: &str) -> Option<String> {
    let each = |engine: &str| {
        let row = analysis.row(engine)?;
        let bytes = format::bytes(row.median(metric::PER_CONNECTION)?);
        Some((bytes, row.median(metric::THREADS)?))
    };
    let baseline = analysis.scenario.baseline();
    let ((each_thread, threads), (each_task, few)) = (each(baseline)?, each(engine)?);
    let (threads, few) = (plural(threads, "thread"), format::count(few));
    let of = (analysis.scenario.workload.idle).map_or("", |_| " of resident memory");
    Some(format!(
        "{each_thread}{of} each in {threads}, {each_task} each in {few}"
    ))
}

/// The scenario of the answer: its first, without a delay if there is one.
pub fn answering(analyses: &[Analysis]) -> Option<&Analysis> {
    let (_, [busy, waiting]) = compared(analyses)?;
    busy.or(waiting).map(|(analysis, _)| analysis)
}

/// For the first of [`PAIRS`] that was measured.
fn compared(analyses: &[Analysis]) -> Option<Answering<'_>> {
    let is_plain = |one: &&Analysis| {
        let work = &one.scenario.workload;
        let more = work.cpu_s > 0.0 || work.rate.is_some() || work.body_bytes.is_some();
        let more = more || work.cancel_after.is_some();
        one.scenario.is_interleaved() && one.scenario.point.is_none() && !more
    };
    // Of a series the point that is closest to 100.
    let far = |x: f64| (x / 100.0).ln().abs();
    let points = by_concurrency(analyses).into_iter();
    let point = points.min_by(|a, b| far(a.0).total_cmp(&far(b.0)));
    PAIRS.iter().find_map(|(baseline, engine, names)| {
        let point = point.into_iter().map(|(_, one)| one);
        let mut with: Vec<Compared<'_>> = (point.chain(analyses.iter().filter(is_plain)))
            .filter(|one| one.scenario.baseline() == *baseline)
            .filter_map(|one| Some((one, one.row(engine)?)))
            .collect();
        // Scenarios made for the question come first.
        with.sort_by_key(|(one, _)| !["bare", "delay", "local"].contains(&&*one.scenario.name));
        let is_busy = |(one, _): &Compared<'_>| one.scenario.workload.delay_s == Some(0.0);
        let busy = with.iter().copied().find(is_busy);
        let waiting = with.iter().copied().find(|one| !is_busy(one));
        busy.or(waiting)?;
        Some((*names, [busy, waiting]))
    })
}

/// The points of every series by concurrency in which client and server share their cores and no
/// job is cancelled, from the smallest to the largest.
pub(crate) fn by_concurrency(analyses: &[Analysis]) -> Vec<(f64, &Analysis)> {
    points(analyses, |axis, work| {
        let plain = work.client_cores.is_none() && work.cancel_after.is_none();
        axis == "requests at a time" && plain
    })
}

/// The points of every interleaved series that fit, by axis and work, from the smallest on.
pub(crate) fn points(
    analyses: &[Analysis],
    fits: fn(&str, &Workload) -> bool,
) -> Vec<(f64, &Analysis)> {
    let point = |analysis: &Analysis| {
        let point = analysis.scenario.point.as_ref()?;
        let fits = fits(&point.axis, &analysis.scenario.workload) && point.x > 0.0;
        (fits && analysis.scenario.is_interleaved()).then_some(point.x)
    };
    let points = analyses.iter().filter_map(|one| Some((point(one)?, one)));
    let mut points: Vec<(f64, &Analysis)> = points.collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// The result of a row, by the strict verdicts: "took 0.87x the time of threads (faster), 0.70x
/// the processor time (less) and 0.97x the memory (equal)".
pub fn took(analysis: &Analysis, row: &Row) -> String {
    let of = format!(" of {}", analysis.scenario.baseline());
    match &*ratios(row, &of, &JUDGED.map(|(key, _)| key)) {
        "" => "had no trial to compare".to_owned(),
        ratios => format!("took {ratios}"),
    }
}

/// The ratios of a row; the first says of what.
fn ratios(row: &Row, mut of: &str, keys: &[&str]) -> String {
    let known = |key: &&str| Some(times(key, row.ratios.get(*key)?, mem::take(&mut of)));
    listed(&keys.iter().filter_map(known).collect::<Vec<_>>())
}

/// "0.87x the time of threads (faster)".
fn times(key: &str, ratio: &Ratio, of: &str) -> String {
    let what = JUDGED.iter().find(|(judged, _)| *judged == key);
    let what = what.map_or(key, |(_, what)| what);
    let (ratio, verdict) = (format::ratio(ratio.median), verdict(key, ratio.strict));
    format!("{ratio} the {what}{of} ({verdict})")
}

pub fn verdict(key: &str, verdict: Verdict) -> &'static str {
    let time = [metric::WALL, metric::TIME, metric::P99].contains(&key);
    match verdict {
        Verdict::None => "",
        Verdict::TooFew => "too few",
        Verdict::TooNoisy => "too noisy",
        Verdict::Unsteady => "unsteady",
        Verdict::Server => "server limit",
        Verdict::Generator => "generator limit",
        Verdict::Equal => "equal",
        Verdict::Less if time => "faster",
        Verdict::More if time => "slower",
        Verdict::Less => "less",
        Verdict::More => "more",
        Verdict::NotRepeated => "not repeated",
        Verdict::Undecided(_) => "undecided",
    }
}

/// "where the server takes 50 ms" or "with no delay".
fn circumstance(analysis: &Analysis) -> String {
    match analysis.scenario.workload.delay_s {
        Some(delay) if delay > 0.0 => {
            // The mean of a range is not round.
            let digit = 10_f64.powf(delay.log10().floor() - 1.0);
            let delay = (delay / digit).round() * digit;
            format!("where the server takes {}", format::delay(delay))
        }
        Some(_) => "with no delay".to_owned(),
        None => format!("in {}", analysis.scenario.name),
    }
}

/// "20 at a time", or "10,000 allowed, 6,500 in flight" if these are fewer.
pub(crate) fn at_a_time(analysis: &Analysis) -> String {
    let allowed = format::count(analysis.scenario.workload.concurrency as f64);
    match analysis.in_flight().map(format::count) {
        None => format!("{allowed} at a time"),
        Some(fewer) => format!("{allowed} allowed, {fewer} in flight"),
    }
}

/// The workload in a line: "259 flags, 20 at a time, kept in memory; 20 rounds; baseline
/// threads; lag-1 correlation 0.05".
pub fn caption(analysis: &Analysis) -> String {
    let (scenario, work) = (&analysis.scenario, &analysis.scenario.workload);
    let mut parts = Vec::new();
    if let Some(idle) = work.idle {
        let [queries, silent] = [work.requests, idle].map(|n| format::count(n as f64));
        let all = plural(work.concurrency as f64, "connection");
        let loops = format!("time and CPU are of a closed loop of {queries} queries over {all}");
        let idle = (idle > 0).then(|| format!(", {silent} of them idle"));
        parts.push(loops + &idle.unwrap_or_default());
    } else if work.requests > 0 {
        let what = plural(work.requests as f64, if work.urls { "URL" } else { "flag" });
        let delay = work.delay_s.filter(|delay| *delay > 0.0).map(format::delay);
        let bytes = work.body_bytes.map(|bytes| format::bytes(bytes as f64));
        let mut facts = vec![what, at_a_time(analysis)];
        facts.extend(delay.map(|delay| format!("the server waits {delay}")));
        facts.extend(bytes.map(|bytes| format!("bodies of {bytes}")));
        let kept = match &*work.store {
            "directory" => "saved to disk",
            "memory" => "kept in memory",
            _ => "not kept",
        };
        facts.push(kept.to_owned());
        parts.push(facts.join(", "));
    }
    if work.cpu_s > 0.0 {
        let on =
            (work.cpu_of.as_ref()).map_or("each body".to_owned(), |of| format!("that of {of}"));
        let cpu = format::delay(work.cpu_s);
        parts.push(format!("{cpu} of computing on {on}"));
    }
    if let Some(rate) = work.rate.map(format::count) {
        let what = work.idle.map_or("requests", |_| "queries");
        parts.push(format!(
            "open loop, {rate} {what} a second, latency from when each was due"
        ));
    }
    parts.extend(work.cancel_after.map(|requests| {
        let requests = plural(requests as f64, "request");
        format!("cancelled after {requests}: time and CPU are from there until the engine returned")
    }));
    if work.warm {
        parts.push("time and CPU are the download's: connections were open before".to_owned());
    }
    if let Some(cores) = work.client_cores {
        let cores = plural(cores as f64, "core");
        parts.push(match work.idle {
            Some(_) => format!("each server had {cores}, the load generator others"),
            None => format!("the client had {cores}, the server others"),
        });
    }
    let asked = plural(scenario.rounds as f64, "round");
    parts.push(match analysis.rounds {
        _ if !scenario.is_interleaved() => "engines one after another, so no verdict".to_owned(),
        rounds if rounds == scenario.rounds => asked,
        rounds => format!("{rounds} of {asked}"),
    });
    parts.push(format!("baseline {}", scenario.baseline()));
    parts.extend((analysis.lag1).map(|lag1| format!("lag-1 correlation {lag1:.2}")));
    let caption = format!("{}. {}", parts.join("; "), scenario.note);
    caption.trim_end().to_owned()
}

/// Notes on a scenario: failures, noise, limits, and what disturbed it.
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
    let mut too_few = false;
    let [mut unsteady, mut open, mut limited, mut late] = [const { Vec::new() }; 4];
    for (key, name) in JUDGED {
        let mut noisy = false;
        for row in &analysis.rows {
            let what = format!("{name} of {}", row.engine);
            match row.ratios.get(key).map(|ratio| ratio.verdict) {
                Some(Verdict::TooFew) => too_few = true,
                Some(Verdict::TooNoisy) => noisy = true,
                Some(Verdict::Unsteady) => unsteady.push(what),
                Some(Verdict::Generator) if key == metric::P99 => late.push(row.engine.clone()),
                Some(Verdict::Server | Verdict::Generator) => limited.push(row.engine.clone()),
                Some(Verdict::Undecided(rounds)) => open.push(format!("{what} (about {rounds})")),
                _ => {}
            }
        }
        let control = (analysis.control()).and_then(|row| row.ratios.get(key)?.interval);
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
    let cores = analysis.scenario.workload.client_cores;
    let busy = |row: &Row| match row.median(metric::THREADS) {
        _ if cores == Some(1) => row.median(metric::CLIENT_BUSY),
        Some(1.0) => Some(row.median(metric::CPU)? / row.median(metric::WALL)?),
        _ => None,
    };
    let full = (analysis.rows.iter()).filter(|row| busy(row) > Some(FULL));
    let full = full.map(Row::label).collect();
    let of_servers = (analysis.scenario.workload.idle).map(|_| ("load generator", "closed loop"));
    let (what, of) = of_servers.unwrap_or(("server", "download"));
    let [server_full, one_core] = [SERVER_FULL, FULL].map(format::share);
    let texts = [
        "Unsteady, so no verdict: {}. A ratio depends on that of the round before.",
        "Undecided, with the rounds that would decide: {}.",
        &format!(
            "The {what} was the limit, with a core busy for more than {server_full} of the {of}: \
             no verdict on the time of {{}}."
        ),
        "The load generator sent late: at p99 by more than half of the latency, so no verdict on \
         the p99 latency of {}.",
        &format!(
            "The one core of {{}} was busy for more than {one_core} of the time, so the time is \
             that core's."
        ),
    ];
    for (names, text) in [unsteady, open, limited, late, full].iter().zip(texts) {
        if !names.is_empty() {
            notes.push(text.replace("{}", &listed(names)));
        }
    }
    for (key, number) in &analysis.disturbances {
        let (count, share) = (format::count(*number), format::share(*number));
        notes.push(match *key {
            "listen_overflows" => {
                format!("The listen queue overflowed {count} times: a client waits a second.")
            }
            "syn_retransmitted" => {
                format!("{count} connections were asked for again after a second.")
            }
            _ => format!("The host took {share} of the time (steal)."),
        });
    }
    notes
}

pub(crate) fn how_to_read(margins: Margins, analyses: &[Analysis]) -> Vec<String> {
    let margin = |key| format::share(margins.of(key));
    let (time, memory) = (margin(metric::WALL), margin(metric::MEMORY));
    let verdicts = format!(
        "Equal: the interval is within {time} (memory {memory}). Faster, slower, less, more: the \
         interval lies on one side of 1, and is not equal. Undecided: neither."
    );
    let mut sentences = vec![
        "In each round every engine or server runs once, in random order, as a process of its own. \
         Numbers are medians over rounds; brackets hold the 95 % confidence interval.",
        "A ratio is taken within each round, over the geometric mean of the baseline's two \
         trials. Below 1 is faster, or less.",
        &verdicts,
        "Too noisy: the interval of the baseline's second trials over its first (the row \
         \"again\") is not within that, so there is no verdict. Unsteady: a ratio depends on that \
         of the round before.",
    ];
    let is_of_servers = |one: &Analysis| one.scenario.workload.idle.is_some();
    if !analyses.iter().all(is_of_servers) {
        sentences.push(
            "CPU is the client's processor time, in its own code and in the kernel. Memory is the \
             most that was resident. Server busy is its busiest thread's processor time as a share \
             of the download; client busy is the client's as a share of its cores; machine busy is \
             both as a share of all cores. Over the ideal is the download less the time of the \
             server's delays alone.",
        );
    }
    if analyses.iter().any(is_of_servers) {
        sentences.extend([
            "Of servers, CPU is the server's processor time in the closed loop; server busy is that \
             as a share of its cores. Generator busy is the load generator's one thread as a share \
             of the loop; machine busy is both as a share of all cores. Queries a second and CPU \
             per query are of that loop, too. Latency is of the open loop, from when a query was \
             due; lateness is how late it was sent.",
            "Connect is the time until each connection had its prompt. Memory is the most that was \
             resident. Memory per connection is its growth since before them, divided by their \
             number, without the kernel's about 23 KiB for a thread and its socket buffers.",
        ]);
    }
    sentences.into_iter().map(str::to_owned).collect()
}

pub fn about(meta: &Meta) -> Vec<String> {
    let memory = match meta.memory_kib {
        0 => "–".to_owned(),
        kib => format::bytes(kib as f64 * 1024.0),
    };
    let (cpu, os, kernel) = (&meta.cpu, &meta.os, &meta.kernel);
    let cores = plural(meta.cores as f64, "core");
    let dirty = if meta.dirty { " with changes" } else { "" };
    let limits = [
        meta.somaxconn.map(|most| format!("listen queue {most}")),
        meta.open_files.map(|most| format!("open files {most}")),
        (meta.governor.as_ref()).map(|name| format!("governor {name}")),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    let mut about = vec![
        format!("Command: {} ({})", meta.command, meta.date),
        format!("Machine: {cpu}, {cores}, {memory}, {os}, kernel {kernel}"),
        format!("Server: {}", meta.server),
        format!(
            "Source: version {}, revision {}{dirty}, Cargo.lock {}; {}",
            meta.version, meta.revision, meta.lock_hash, meta.rustc
        ),
    ];
    about.extend((!limits.is_empty()).then(|| format!("Limits: {}", limits.join(", "))));
    about
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
