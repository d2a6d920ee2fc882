//! The served flags: the embedded ones, or those of a directory.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;
use std::{fs, io};

use bytes::Bytes;
use flagrace_core::{CountryCode, metadata};

/// The served flags, in memory: reading a disk would be part of every measurement.
#[derive(Clone, Debug, Default)]
pub struct FlagSet(pub(crate) BTreeMap<CountryCode, Flag>);

#[derive(Clone, Debug)]
pub(crate) struct Flag {
    pub(crate) gif: Bytes,
    /// The content of `metadata.json`.
    pub(crate) metadata: Bytes,
}

impl FlagSet {
    /// The embedded flags.
    pub fn embedded() -> Self {
        let flags = flagrace_catalog::all().iter().filter_map(|flag| {
            let code = flag.code.parse().ok()?;
            let flag = Flag {
                gif: Bytes::from_static(flag.gif),
                metadata: Bytes::from_static(flag.metadata.as_bytes()),
            };
            Some((code, flag))
        });
        Self(flags.collect())
    }

    /// The flags of a directory with files `cc/cc.gif` and `cc/metadata.json`. Folders not named
    /// after a country code are skipped, and so are links.
    pub fn from_directory(path: &Path) -> io::Result<Self> {
        let mut flags = BTreeMap::new();
        for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
            let entry = entry?;
            let (folder, kind) = (entry.path(), entry.file_type()?);
            let name = folder.file_name().and_then(|name| name.to_str());
            let code = name.and_then(|name| name.parse().ok());
            if let Some(code) = code.filter(|_| kind.is_dir()) {
                flags.insert(code, read_flag(&folder, code)?);
            }
        }
        if flags.is_empty() {
            return Err(problem(path, "holds no flags", LAYOUT));
        }
        Ok(Self(flags))
    }

    /// The codes of all flags, in order.
    pub fn codes(&self) -> impl Iterator<Item = CountryCode> + '_ {
        self.0.keys().copied()
    }
}

fn read_flag(folder: &Path, code: CountryCode) -> io::Result<Flag> {
    // A link may lead out of the directory, and opening a pipe waits.
    let read = |path: &Path| match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => Err(problem(path, "is not a regular file", LAYOUT)),
        _ => fs::read(path).map_err(|error| unreadable(path, error)),
    };
    let gif = read(&folder.join(format!("{}.gif", code.lower())))?.into();
    let path = folder.join("metadata.json");
    let metadata = read(&path)?;
    metadata::country(&metadata)
        .map_err(|_| problem(&path, "names no country", "it must have a text \"country\""))?;
    Ok(Flag {
        gif,
        metadata: metadata.into(),
    })
}

const LAYOUT: &str = "a flag is a folder such as br with br.gif and metadata.json";

fn unreadable(path: &Path, error: io::Error) -> io::Error {
    problem(path, "cannot be read", format!("{error}; {LAYOUT}"))
}

fn problem(path: &Path, what: &str, why: impl Display) -> io::Error {
    io::Error::other(format!("{} {what}: {why}", path.display()))
}

#[cfg(unix)]
#[test]
fn a_directory_is_read_and_its_errors_name_the_file() {
    use std::os::unix::fs::symlink;

    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let problem = |path: &Path| FlagSet::from_directory(path).unwrap_err().to_string();
    assert!(problem(root).contains("holds no flags"));
    assert!(problem(&root.join("nowhere")).contains("nowhere cannot be read"));

    // Neither of these is a flag.
    fs::create_dir(root.join("notes")).unwrap();
    fs::write(root.join("fr"), b"a file, not a folder").unwrap();
    fs::create_dir(root.join("br")).unwrap();
    assert!(problem(root).contains("br.gif cannot be read"));
    fs::write(root.join("br/br.gif"), b"GIF89a").unwrap();
    assert!(problem(root).contains("metadata.json cannot be read"));
    fs::write(root.join("br/metadata.json"), "[]").unwrap();
    assert!(problem(root).contains("names no country"));
    fs::write(root.join("br/metadata.json"), r#"{"country":"Brazil"}"#).unwrap();
    let flags = FlagSet::from_directory(root).unwrap();
    assert!(flags.codes().eq(["BR".parse().unwrap()]));

    // Nothing outside is read, and a pipe does not block.
    symlink(root.join("br"), root.join("de")).unwrap();
    assert_eq!(FlagSet::from_directory(root).unwrap().codes().count(), 1);
    fs::remove_file(root.join("br/br.gif")).unwrap();
    symlink(root.join("fr"), root.join("br/br.gif")).unwrap();
    assert!(problem(root).contains("br.gif is not a regular file"));
    fs::remove_file(root.join("br/br.gif")).unwrap();
    let mut pipe = std::process::Command::new("mkfifo");
    assert!(pipe.arg(root.join("br/br.gif")).status().unwrap().success());
    assert!(problem(root).contains("br.gif is not a regular file"));
}
