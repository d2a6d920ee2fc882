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
    /// A run contradicts itself, or is not to be recorded.
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
    /// A table could not be written.
    #[error("cannot write the results as CSV")]
    Csv(#[source] csv::Error),
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
