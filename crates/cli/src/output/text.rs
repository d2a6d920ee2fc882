//! Text, as the book's `flags2` prints it.

use std::collections::BTreeSet;
use std::io::{self, Write};

use flagrace_core::{Failure, Item, Observer, Origin, Outcome, Report, Status};

use crate::server::Source;

/// Up to this many codes or hosts are listed, more are told from first to last, or counted.
const LISTED: usize = 10;

/// What the things of an origin are called.
pub fn noun(origin: &Origin) -> &'static str {
    match origin {
        Origin::Flags(_) => "flag",
        Origin::Urls(_) => "URL",
    }
}

/// The opening lines.
pub fn opening(
    source: Option<&Source>,
    origin: &Origin,
    items: &[Item],
    concurrency: usize,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if let Some(source) = source {
        writeln!(out, "{} site: {}", source.label, source.base_url)?;
    }
    let what = count(items.len(), noun(origin));
    writeln!(out, "Searching for {what}{}", whereabouts(origin, items))?;
    let connections = count(concurrency, "concurrent connection");
    writeln!(out, "{connections} will be used.")
}

/// Which flags, or on which hosts.
fn whereabouts(origin: &Origin, items: &[Item]) -> String {
    match origin {
        Origin::Flags(_) => match items {
            [first, .., last] if items.len() > LISTED => {
                let (first, last) = (origin.label(*first), origin.label(*last));
                format!(": from {first} to {last}")
            }
            few => {
                let few: Vec<_> = few.iter().map(|&item| origin.label(item)).collect();
                format!(": {}", few.join(", "))
            }
        },
        Origin::Urls(list) => {
            let hosts = items.iter().filter_map(|&item| match item {
                Item::Url(place) => Some(list.host(place)),
                Item::Flag(_) => None,
            });
            let hosts: Vec<_> = BTreeSet::from_iter(hosts).into_iter().collect();
            let told = count(hosts.len(), "host");
            match hosts.len() {
                0..=LISTED => format!(" on {told}: {}", hosts.join(", ")),
                _ => format!(" on {told}"),
            }
        }
    }
}

/// The closing lines.
pub fn closing(origin: &Origin, report: &Report) -> io::Result<()> {
    let tally = report.tally();
    let mut out = io::stdout().lock();
    writeln!(out, "{}", "-".repeat(20))?;
    writeln!(out, "{} downloaded.", count(tally.ok, noun(origin)))?;
    if tally.not_found > 0 {
        writeln!(out, "{} not found.", tally.not_found)?;
    }
    let cancelled = tally.failed_with(Failure::Cancelled);
    let errors = tally.errors() - cancelled;
    if errors > 0 {
        writeln!(out, "{}.", count(errors, "error"))?;
    }
    if cancelled > 0 {
        writeln!(out, "{cancelled} cancelled.")?;
    }
    if report.resent() > 0 {
        let requests = count(report.resent() as usize, "request");
        writeln!(
            out,
            "{requests} sent once more: an idle connection had died."
        )?;
    }
    writeln!(out, "Elapsed time: {:.2}s", report.elapsed.as_secs_f64())
}

/// One line where nothing at all had an answer, or the address has no flags: then the server is
/// at fault, and one line says more than one for each flag.
pub fn nothing_there(origin: &Origin, report: &Report) -> Option<String> {
    if no_flags_there(report) {
        return Some(not_found(origin, report));
    }
    let unanswered = Status::Failed(Failure::Transport);
    let all = report.outcomes.iter().all(|one| one.status == unanswered);
    let first = report.outcomes.first().filter(|_| all)?;
    let why = first.detail.as_deref().unwrap_or("no reason known");
    // rustls says so of a certificate that was signed by nobody whom it trusts.
    let untrusted = why.contains("UnknownIssuer");
    let hint = match origin {
        _ if untrusted => "; --ca names a file of certificates to trust",
        Origin::Flags(_) => "; `flagrace serve` starts a flag server",
        Origin::Urls(_) => "",
    };
    let nobody = match origin {
        Origin::Flags(base_url) => format!("{base_url} gave no answer"),
        Origin::Urls(_) => match &report.outcomes[..] {
            [one] => format!("{} gave no answer", origin.label(one.item)),
            all => format!("none of {} URLs gave an answer", all.len()),
        },
    };
    Some(format!("{nobody}: {why}{hint}"))
}

/// Whether not one flag was found, though flags were asked for that exist.
pub fn no_flags_there(report: &Report) -> bool {
    let exists = |one: &Outcome| {
        let code = one.item.code();
        code.is_some_and(|code| flagrace_catalog::find(code.as_str()).is_some())
    };
    let mut outcomes = report.outcomes.iter();
    report.tally().not_found == report.outcomes.len() && outcomes.any(exists)
}

/// One line where flags were not found that should be there: where the first of them would be.
fn not_found(origin: &Origin, report: &Report) -> String {
    let missing = |one: &&Outcome| one.status == Status::NotFound;
    let n = report.outcomes.iter().filter(missing).count();
    let mut line = format!(
        "{n} of {} not found",
        count(report.outcomes.len(), noun(origin))
    );
    if let Some(first) = report.outcomes.iter().find(missing) {
        let label = origin.label(first.item);
        line += &format!(", the first: {label} would be {}", origin.url(first.item));
    }
    match origin {
        Origin::Flags(base_url) if base_url.as_str().ends_with("/flags") => line,
        _ => line + "; does the address lack /flags?",
    }
}

/// "1 flag", "2 flags".
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A line for each item, as it is done. Those that Ctrl-C cancels are counted at the end.
pub struct Verbose(pub Origin);

impl Observer for Verbose {
    fn finished(&self, outcome: &Outcome) {
        let label = self.0.label(outcome.item);
        let mut out = io::stdout().lock();
        // A reader who has left is told of at the end; downloads go on.
        let _ = match outcome.status {
            Status::Ok => writeln!(out, "{label} OK"),
            Status::NotFound => writeln!(out, "{label} not found"),
            Status::Failed(Failure::Cancelled) => Ok(()),
            Status::Failed(why) => {
                writeln!(out, "*** Error for {label}: {}", reason(why, outcome))
            }
        };
    }
}

/// Why one failed. What a client says of a time limit is only that there is one.
pub fn reason(failure: Failure, outcome: &Outcome) -> String {
    match &outcome.detail {
        Some(detail) if failure != Failure::Timeout => format!("{failure}: {detail}"),
        _ => failure.to_string(),
    }
}

/// One line where some failed, not because of Ctrl-C: why the first of them did.
pub fn some_failed(origin: &Origin, report: &Report) -> Option<String> {
    let mut failed = report.outcomes.iter().filter_map(|one| match one.status {
        Status::Failed(why) if why != Failure::Cancelled => Some((why, one)),
        _ => None,
    });
    let (why, first) = failed.next()?;
    Some(format!(
        "{} of {} failed, the first: {}: {}",
        1 + failed.count(),
        count(report.outcomes.len(), noun(origin)),
        origin.label(first.item),
        reason(why, first)
    ))
}
