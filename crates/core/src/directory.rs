//! A store that saves to a directory.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::Store;

/// Saves flags as files in one directory.
///
/// A file has a temporary name until it is complete. There is no fsync: it would dominate the
/// measurement, and a flag can be downloaded again.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Saves into the directory at `path`, which is created if it does not exist.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        // Absolute, so that it no longer depends on the working directory.
        let path = fs::canonicalize(path)?;
        // Fail now rather than after the download.
        temporary_file(&path)?;
        Ok(Self { path })
    }
}

impl Store for Directory {
    fn save(&self, file_name: &str, body: Vec<u8>) -> io::Result<()> {
        let mut file = temporary_file(&self.path)?;
        file.write_all(&body)?;
        file.persist(self.path.join(file_name))?;
        Ok(())
    }
}

fn temporary_file(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".flagrace-");
    // tempfile creates private files by default.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests {
    use tempfile::{TempDir, tempdir};

    use super::*;

    fn store() -> (TempDir, Directory) {
        let folder = tempdir().unwrap();
        let store = Directory::create(folder.path().join("a/b")).unwrap();
        (folder, store)
    }

    #[test]
    fn a_file_is_replaced_whole_and_as_readable_as_any_new_file() {
        let (_folder, store) = store();
        store.save("br.gif", b"first, and longer".to_vec()).unwrap();
        store.save("br.gif", b"second".to_vec()).unwrap();
        let [flag, plain] = ["br.gif", "plain"].map(|name| store.path.join(name));
        assert_eq!(fs::read(&flag).unwrap(), b"second");
        fs::write(&plain, b"x").unwrap();
        let permissions = |path| fs::metadata(path).unwrap().permissions();
        assert_eq!(permissions(flag), permissions(plain));
    }

    #[test]
    fn a_save_that_fails_leaves_nothing() {
        let (_folder, store) = store();
        fs::create_dir(store.path.join("br.gif")).unwrap();
        store.save("br.gif", b"x".to_vec()).unwrap_err();
        assert_eq!(fs::read_dir(&store.path).unwrap().count(), 1);
        fs::remove_dir_all(&store.path).unwrap();
        store.save("br.gif", b"x".to_vec()).unwrap_err();
    }
}
