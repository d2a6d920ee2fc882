//! What is served: the embedded flags, or those in a directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use bytes::Bytes;
use flagrace_core::{CountryCode, metadata};
use thiserror::Error;

/// The flags that a server serves, all in memory: a disk in the way would be measured too.
#[derive(Clone, Debug, Default)]
pub struct FlagSet(BTreeMap<CountryCode, Flag>);

/// One flag.
#[derive(Clone, Debug)]
pub(crate) struct Flag {
    /// The country's name.
    pub(crate) country: String,
    /// The image.
    pub(crate) gif: Bytes,
    /// The content of `metadata.json`.
    pub(crate) metadata: Bytes,
}

/// The directory holds no flags, or not all that a flag needs.
#[derive(Debug, Error)]
pub enum FlagSetError {
    /// Something could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What could not be read.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There is not a single flag.
    #[error("{} holds no flags: a flag is a folder such as br with br.gif and metadata.json", .0.display())]
    Empty(PathBuf),
    /// A file of a flag is missing.
    #[error("{} is missing: beside each cc.gif there must be a metadata.json, and the other way round", .0.display())]
    Missing(PathBuf),
    /// A `metadata.json` names no country.
    #[error("{} names no country: it must be JSON with a text in \"country\"", .0.display())]
    Metadata(PathBuf),
}

impl FlagSet {
    /// The flags that are built in.
    pub fn embedded() -> Self {
        let flags = flagrace_catalog::all().iter().filter_map(|flag| {
            let code = flag.code.parse().ok()?;
            let flag = Flag {
                country: flag.country.to_owned(),
                gif: Bytes::from_static(flag.gif),
                metadata: Bytes::from_static(flag.metadata.as_bytes()),
            };
            Some((code, flag))
        });
        Self(flags.collect())
    }

    /// The flags in a directory laid out as `cc/cc.gif` and `cc/metadata.json`. Folders
    /// whose name is no country code are none of our business.
    ///
    /// # Errors
    ///
    /// If something cannot be read, a file of a flag is missing, or there is no flag.
    pub fn from_directory(path: &Path) -> Result<Self, FlagSetError> {
        let unreadable = |path: &Path, source| FlagSetError::Read {
            path: path.to_owned(),
            source,
        };
        let mut flags = BTreeMap::new();
        for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
            let folder = entry.map_err(|error| unreadable(path, error))?.path();
            let code = folder
                .file_name()
                .and_then(|name| name.to_str())
                .and_then(|name| name.parse::<CountryCode>().ok());
            if let Some(code) = code.filter(|_| folder.is_dir()) {
                flags.insert(code, read_flag(&folder, code)?);
            }
        }
        if flags.is_empty() {
            return Err(FlagSetError::Empty(path.to_owned()));
        }
        Ok(Self(flags))
    }

    /// The codes of all flags, in order.
    pub fn codes(&self) -> impl Iterator<Item = CountryCode> + '_ {
        self.0.keys().copied()
    }

    /// The image of a flag.
    pub fn image(&self, code: CountryCode) -> Option<&[u8]> {
        self.get(code).map(|flag| &flag.gif[..])
    }

    pub(crate) fn get(&self, code: CountryCode) -> Option<&Flag> {
        self.0.get(&code)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (CountryCode, &Flag)> {
        self.0.iter().map(|(code, flag)| (*code, flag))
    }
}

fn read_flag(folder: &Path, code: CountryCode) -> Result<Flag, FlagSetError> {
    let read = |name: &str| {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(content) => Ok(Bytes::from(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(FlagSetError::Missing(path))
            }
            Err(source) => Err(FlagSetError::Read { path, source }),
        }
    };
    let gif = read(&format!("{}.gif", code.lower()))?;
    let metadata = read("metadata.json")?;
    let country = metadata::country(&metadata)
        .map_err(|_| FlagSetError::Metadata(folder.join("metadata.json")))?;
    Ok(Flag {
        country,
        gif,
        metadata,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(root: &Path, cc: &str, gif: bool, metadata: Option<&str>) {
        fs::create_dir(root.join(cc)).unwrap();
        if gif {
            fs::write(root.join(cc).join(format!("{cc}.gif")), b"GIF89a").unwrap();
        }
        if let Some(text) = metadata {
            fs::write(root.join(cc).join("metadata.json"), text).unwrap();
        }
    }

    fn problem(root: &Path) -> String {
        FlagSet::from_directory(root).unwrap_err().to_string()
    }

    #[test]
    fn a_directory_of_flags_is_read_and_strangers_are_left_alone() {
        let root = tempfile::tempdir().unwrap();
        flag(root.path(), "br", true, Some(r#"{"country":"Brazil"}"#));
        fs::create_dir(root.path().join("notes")).unwrap();
        fs::write(root.path().join("fr"), b"a file, not a folder").unwrap();
        let set = FlagSet::from_directory(root.path()).unwrap();
        assert_eq!(set.codes().collect::<Vec<_>>(), ["BR".parse().unwrap()]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let root = tempfile::tempdir().unwrap();
        assert!(problem(root.path()).contains("holds no flags"));
        assert!(problem(&root.path().join("nowhere")).ends_with("nowhere"));

        flag(root.path(), "br", true, None);
        assert!(problem(root.path()).contains("metadata.json is missing"));
        fs::write(root.path().join("br/metadata.json"), "[]").unwrap();
        assert!(problem(root.path()).contains("names no country"));
        fs::remove_file(root.path().join("br/br.gif")).unwrap();
        assert!(problem(root.path()).contains("br.gif is missing"));
    }
}
