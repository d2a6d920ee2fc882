//! Output as text, as the book's `flags2` prints it.

use std::io::{self, Write};

use flagrace_core::{Failure, Item, Origin, Outcome, Report, Status};

/// Longer lists of codes show only the first and the last.
const LISTED: usize = 10;

pub fn noun(origin: &Origin) -> &'static str {
    match origin {
        Origin::Flags(_) => "flag",
        Origin::Urls(_) => "URL",
    }
}

/// "1 flag", "2 flags".
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

pub fn opening(site: &str, origin: &Origin, items: &[Item], concurrency: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let what = count(items.len(), noun(origin));
    match origin {
        Origin::Urls(_) => writeln!(out, "Searching for {what}")?,
        Origin::Flags(base_url) => {
            let label = |item: &Item| origin.label(*item);
            let codes = match items {
                [first, .., last] if items.len() > LISTED => {
                    format!("from {} to {}", label(first), label(last))
                }
                few => few.iter().map(label).collect::<Vec<_>>().join(", "),
            };
            writeln!(out, "{site} site: {base_url}")?;
            writeln!(out, "Searching for {what}: {codes}")?;
        }
    }
    let connections = count(concurrency, "concurrent connection");
    writeln!(out, "{connections} will be used.")
}

pub fn closing(origin: &Origin, report: &Report) -> io::Result<()> {
    let tally = report.tally();
    let mut out = io::stdout().lock();
    writeln!(out, "{}", "-".repeat(20))?;
    writeln!(out, "{} downloaded.", count(tally.ok, noun(origin)))?;
    if tally.not_found > 0 {
        writeln!(out, "{} not found.", tally.not_found)?;
    }
    if tally.failed > 0 {
        writeln!(out, "{}.", count(tally.failed, "error"))?;
    }
    if tally.cancelled > 0 {
        writeln!(out, "{} cancelled.", tally.cancelled)?;
    }
    writeln!(out, "Elapsed time: {:.2}s", report.elapsed.as_secs_f64())
}

/// The line of a finished item. What Ctrl-C cancels is only counted, at the end.
pub fn line(origin: &Origin, outcome: &Outcome) -> Option<String> {
    let label = origin.label(outcome.item);
    match outcome.status {
        Status::Ok => Some(format!("{label} OK")),
        Status::NotFound => Some(format!("{label} not found")),
        Status::Failed(Failure::Cancelled) => None,
        Status::Failed(_) => Some(format!("*** Error for {label}: {}", outcome.reason())),
    }
}

/// One line if downloads failed: how many, why the first one did, and a hint.
pub fn complaint(origin: &Origin, report: &Report) -> Option<String> {
    let total = report.outcomes.len();
    // No flag was found, although some of the requested flags exist.
    let mut codes = report.outcomes.iter().filter_map(|one| one.item.code());
    let wrong_address = report.tally().not_found == total
        && codes.any(|code| flagrace_catalog::find(code.as_str()).is_some());
    let failed = |one: &&Outcome| match one.status {
        Status::Ok => false,
        Status::NotFound => wrong_address,
        Status::Failed(why) => why != Failure::Cancelled,
    };
    let failed: Vec<_> = report.outcomes.iter().filter(failed).collect();
    let first = failed.first()?;
    let unreachable = |one: &&Outcome| one.status == Status::Failed(Failure::Transport);
    let hint = match (origin, first.detail.as_deref()) {
        // rustls reports this for a certificate that no trusted CA has signed.
        (_, Some(why)) if why.contains("UnknownIssuer") => {
            "; --ca names a file of certificates to trust"
        }
        (_, Some(why)) if why.contains("; raise `ulimit ") => "",
        (Origin::Flags(url), _) if wrong_address && !url.as_str().ends_with("/flags") => {
            "; does the address lack /flags?"
        }
        (Origin::Flags(_), _) if failed.len() == total && failed.iter().all(unreachable) => {
            "; `flagrace serve` starts a flag server"
        }
        _ => match first.status {
            Status::Failed(Failure::Timeout) => "; --timeout allows more",
            Status::Failed(Failure::TooLarge) => "; --max-body allows more",
            // Nothing is retried.
            Status::Failed(Failure::Transport | Failure::Truncated) => "; check the server",
            Status::Failed(Failure::Http(_) | Failure::HeadTooLarge | Failure::Metadata) => {
                "; only the server can mend it"
            }
            _ => "",
        },
    };
    Some(format!(
        "{} of {} failed, the first: {}: {}{hint}",
        failed.len(),
        count(total, noun(origin)),
        origin.url(first.item),
        first.reason(),
    ))
}
