//! What can go wrong between a raw result and a page, each with its path and
//! with what would be right.

use std::io;
use std::path::{Path, PathBuf};

/// A failure to read, draw, write or record results.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or a folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// Why it could not be.
        source: io::Error,
    },
    /// A file or a folder could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why it could not be.
        source: io::Error,
    },
    /// A file is not the JSON that was expected.
    #[error("{} is not {expected}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// Where it departs from that.
        source: serde_json::Error,
    },
    /// A run was written in another version of the raw format.
    #[error("{} is in format {found}; this program reads format {expected}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format it names.
        found: u32,
        /// The format that is understood.
        expected: u32,
    },
    /// A run contradicts itself.
    #[error("{}: {what}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// A result could not be serialised.
    #[error("cannot write the results as JSON")]
    Serialise(#[source] serde_json::Error),
    /// A plot could not be drawn.
    #[error("cannot draw {plot}: {why}")]
    Draw {
        /// The plot.
        plot: &'static str,
        /// What the drawing library says.
        why: String,
    },
    /// There is nothing to record.
    #[error("{} holds no run of `cargo bench`, without which nothing is recorded: run it, and `flagrace compare --scenario all`, first", path.display())]
    NothingToRecord {
        /// Where a run was looked for.
        path: PathBuf,
    },
    /// A quick run has too few samples for an interval.
    #[error(
        "{} is a quick run, which has too few samples to be recorded: run `cargo bench` without `--quick`",
        path.display()
    )]
    Quick {
        /// The run.
        path: PathBuf,
    },
    /// Nobody could repeat a run of a tree that was never committed.
    #[error(
        "{} was measured on a tree with uncommitted changes (at revision {revision}): commit them and run `cargo bench` again, or allow it",
        path.display()
    )]
    Dirty {
        /// The run.
        path: PathBuf,
        /// The revision beneath the changes.
        revision: String,
    },
    /// A run lacks groups that a recorded run must have.
    #[error("{} lacks {}: run the whole of `cargo bench`", path.display(), missing.join(", "))]
    Incomplete {
        /// The run.
        path: PathBuf,
        /// The groups that are not there.
        missing: Vec<String>,
    },
    /// A recorded run has a comparison beside the samples of criterion.
    #[error("there is no comparison at {}: run `flagrace compare --scenario all` first", path.display())]
    NoComparison {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The comparison is not of the run beside it.
    #[error(
        "{} holds two runs: the {what} of raw.json is {run}, of compare.jsonl {comparison}; make both anew",
        path.display()
    )]
    TwoRuns {
        /// The folder.
        path: PathBuf,
        /// By what they differ.
        what: &'static str,
        /// What it is in the run.
        run: String,
        /// What it is in the comparison.
        comparison: String,
    },
    /// A comparison lacks scenarios that a recorded run must have.
    #[error("{} lacks {}: run `flagrace compare --scenario all`", path.display(), missing.join(", "))]
    LacksScenarios {
        /// The comparison.
        path: PathBuf,
        /// The scenarios and families that are not there.
        missing: Vec<String>,
    },
    /// A scenario was interrupted.
    #[error(
        "{}: in scenario {scenario}, {what}: run `flagrace compare --scenario {scenario}` to its end",
        path.display()
    )]
    Unfinished {
        /// The comparison.
        path: PathBuf,
        /// The scenario.
        scenario: String,
        /// What it lacks.
        what: String,
    },
    /// The markers between which the README's section goes are not there.
    #[error("{}: {what}; it needs the lines\n{begin}\n{end}\nonce each, in this order", path.display())]
    Markers {
        /// The README.
        path: PathBuf,
        /// What is wrong with them.
        what: &'static str,
        /// The opening marker.
        begin: &'static str,
        /// The closing marker.
        end: &'static str,
    },
    /// The README could not link to the results.
    #[error(
        "{} is not below the folder of {}, which links to it by a relative path",
        results.display(),
        readme.display()
    )]
    NotBelow {
        /// The folder of recorded runs.
        results: PathBuf,
        /// The README.
        readme: PathBuf,
    },
}

impl Error {
    /// For `map_err` after a read.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Read { path, source }
    }

    /// For `map_err` after a write.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Write { path, source }
    }
}
