//! One trial: `flagrace get` as a process of its own, and what came of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use flagrace_measure::{Cost, Summary, run_trial};
use flagrace_report::comparison::Measured;
use flagrace_server::Stats;

use super::counts::Server;
use super::scenarios::{Scenario, Work};
use crate::engine::Engine;

/// What all trials of a comparison have in common.
pub struct Common {
    /// This program.
    pub program: PathBuf,
    /// More arguments for each trial: those that say what to download, where it is no flags.
    pub more: Vec<String>,
    /// What is saved to disk is saved below it.
    pub saved: PathBuf,
}

/// How many flags met each end: ok, not found, failed.
pub type Counts = (usize, usize, usize);

impl Scenario {
    /// The arguments of a trial. Someone who types them sees what the trial did.
    pub fn arguments(&self, common: &Common, engine: &str, url: &str, output: &str) -> Vec<String> {
        let mut arguments: Vec<String> = vec!["get".into(), "--summary".into()];
        let mut add = |words: &[&str]| arguments.extend(words.iter().map(|&word| word.to_owned()));
        match self.work {
            Work::Popular => {}
            Work::All => add(&["--all"]),
            Work::Flags(n) => add(&["--all", "--total", &n.to_string()]),
            Work::Urls(_) => {}
        }
        let concurrency = self.concurrency.to_string();
        add(&["--max-req", &concurrency, "--max-concurrency", &concurrency]);
        if self.metadata {
            add(&["--metadata"]);
        }
        add(&["--store", self.store.name()]);
        if self.store.name() == "directory" {
            add(&["--output", output]);
        }
        add(&["--engine", engine]);
        match self.work {
            Work::Urls(_) => arguments.extend(common.more.iter().cloned()),
            _ => add(&["--server", url]),
        }
        arguments
    }

    /// Runs a trial, which must come to what the baseline came to, where that is known. The
    /// error is what a user would see. URLs that were not downloaded are added to `missed`.
    pub fn trial(
        &self,
        common: &Common,
        engine: Engine,
        server: &mut Server,
        saved: &Path,
        baseline: Option<Counts>,
        missed: &mut BTreeMap<String, String>,
    ) -> Result<(Measured, Counts), String> {
        let url = server.base_url().map(|url| url.to_string());
        let output = saved.to_string_lossy();
        let arguments = self.arguments(
            common,
            &engine.name(),
            url.as_deref().unwrap_or_default(),
            &output,
        );
        let before = server.settle();
        let mut command = Command::new(&common.program);
        let ended = run_trial(command.args(arguments), self.patience).map_err(|e| e.to_string())?;
        let counted = server.take();
        let spent = before
            .zip(counted.as_ref())
            .map(|(before, after)| spent(&before, after));
        let spent = spent.filter(|threads| !threads.is_empty());
        let Ok(summary) = Summary::parse(&ended.stdout) else {
            return Err(last_line(&ended.stderr));
        };
        for (url, why) in &summary.missed {
            missed.entry(url.clone()).or_insert_with(|| why.clone());
        }
        let counts = (summary.ok, summary.not_found, summary.errors);
        let usage = ended.usage;
        let bytes = |kib: Option<u64>| kib.map(|kib| kib * 1024);
        let Cost { resident_kib, .. } = summary.idle;
        let measured = Measured {
            wall_s: usage.wall_s,
            setup_s: round(summary.setup_s),
            download_s: round(summary.download_s),
            user_s: round(usage.user_s),
            system_s: round(usage.system_s),
            server_s: spent.as_ref().map(|spent| round(spent.iter().sum())),
            server_busiest_s: spent
                .and_then(|spent| spent.into_iter().reduce(f64::max))
                .map(round),
            idle_memory: bytes(resident_kib),
            peak_memory: bytes(summary.done.peak_resident_kib),
            peak_reserved: bytes(summary.done.peak_reserved_kib),
            threads: summary.done.threads,
            voluntary_switches: usage.voluntary_switches,
            involuntary_switches: usage.involuntary_switches,
            connections: counted.as_ref().map(|counted| counted.connections_accepted),
            peak_in_flight: counted.as_ref().map(|counted| counted.peak_in_flight),
            resent: summary.resent,
            service_s: summary.service_s,
            queue_s: summary.queue_s,
        };
        let is_wrong = match self.expected(server) {
            Some(expected) => counts != expected,
            None => counts.0 == 0,
        };
        if is_wrong {
            return Err(wrong(&summary));
        }
        if let Some(due) = baseline.filter(|due| *due != counts) {
            return Err(format!(
                "{}; the baseline had {}",
                wrong(&summary),
                words(due)
            ));
        }
        Ok((measured, counts))
    }

    /// The expected counts for the profile of a server of our own; another has its own profile.
    pub fn expected(&self, server: &Server) -> Option<Counts> {
        if !server.is_here() {
            return None;
        }
        let codes = self.codes()?;
        let refused = codes
            .iter()
            .filter(|&&code| self.profile.plan(code).fault.is_some());
        let refused = refused.count();
        Some((codes.len() - refused, 0, refused))
    }
}

/// The processor time of each of the server's threads meanwhile.
fn spent(before: &Stats, after: &Stats) -> Vec<f64> {
    let after = after.cpu_seconds_by_thread.iter();
    let both = after.zip(&before.cpu_seconds_by_thread);
    both.map(|(after, before)| after - before).collect()
}

/// To the nanosecond: differences of floating-point numbers have a tail that means nothing.
fn round(seconds: f64) -> f64 {
    (seconds * 1e9).round() / 1e9
}

/// Why a download that came to its end is worth nothing.
fn wrong(summary: &Summary) -> String {
    let flags = summary.ok + summary.not_found + summary.errors;
    match &summary.first_error {
        Some(first) => format!("{} of {flags} failed, the first: {first}", summary.errors),
        None => format!("{} of {flags} were not found", summary.not_found),
    }
}

fn words((ok, not_found, failed): Counts) -> String {
    format!("{ok} ok, {not_found} not found, {failed} failed")
}

/// What a process that told nothing said last.
fn last_line(stderr: &str) -> String {
    let line = stderr.lines().rfind(|line| !line.trim().is_empty());
    let line = line.unwrap_or("it ended without a word");
    line.strip_prefix("flagrace: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_what_is_told() {
        assert_eq!(
            last_line("note\nflagrace: no threads left\n\n"),
            "no threads left"
        );
        assert_eq!(last_line(""), "it ended without a word");
    }
}
