//! A store that saves to a directory.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::NamedTempFile;

use crate::Store;

/// Saves flags as files in one directory.
///
/// A file has a temporary name, `.flagrace-*`, until it is complete: several processes may save into
/// one directory at once, and one that is killed leaves whole files under final names. Its temporary
/// files stay: they may be another's. A file that has the same content already is left as it is.
/// There is no fsync: it would dominate the measurement, and a flag can be downloaded again. After a
/// power failure a recently saved file may be empty, cut or missing, even if it replaced another.
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Saves into the directory at `path`, which is created if it does not exist.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        // Absolute, so that it no longer depends on the working directory.
        let path = fs::canonicalize(path)?;
        // Fail now rather than after the download.
        temporary_file(&path)?;
        Ok(Self(path))
    }
}

impl Store for Directory {
    fn save(&self, file_name: &str, body: Vec<u8>) -> io::Result<()> {
        let path = self.0.join(file_name);
        let exists = fs::symlink_metadata(&path).is_ok_and(|old| old.is_file());
        // A file that cannot be read is replaced.
        if exists && has_content(&path, &body).unwrap_or(false) {
            return Ok(());
        }
        let mut file = temporary_file(&self.0)?;
        file.write_all(&body)?;
        // ext4 flushes a file that is renamed over another, but not if the two are exchanged.
        #[cfg(target_os = "linux")]
        if exists && renameat_with(CWD, file.path(), CWD, &path, RenameFlags::EXCHANGE).is_ok() {
            // Dropping `file` removes the older file, which has the temporary name now.
            return Ok(());
        }
        file.persist(path)?;
        Ok(())
    }
}

/// Compares piece by piece, so that a large file is not in memory twice.
fn has_content(path: &Path, body: &[u8]) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let same_length = file.metadata()?.len() == body.len() as u64;
    let mut buffer = [0; 8192];
    let is_next = |part: &[u8]| {
        let piece = &mut buffer[..part.len()];
        file.read_exact(piece).is_ok() && piece == part
    };
    Ok(same_length && body.chunks(8192).all(is_next))
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
    fn only_a_file_with_other_content_is_replaced_and_as_readable_as_any_new_file() {
        let (_folder, store) = store();
        let [flag, plain] = ["br.gif", "plain"].map(|name| store.0.join(name));
        // Longer than what is compared at once.
        let body = vec![1; 20_000];
        store.save("br.gif", body.clone()).unwrap();
        let file = File::options().append(true).open(&flag).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        for end in [&[1][..], &[2], &[2, 2], &[]] {
            let next = [&body[1..], end].concat();
            store.save("br.gif", next.clone()).unwrap();
            assert_eq!(fs::read(&flag).unwrap(), next);
            let modified = fs::metadata(&flag).unwrap().modified().unwrap();
            assert_eq!(modified == std::time::UNIX_EPOCH, next == body);
        }
        assert_eq!(fs::read_dir(&store.0).unwrap().count(), 1);
        fs::write(&plain, b"x").unwrap();
        let permissions = |path| fs::metadata(path).unwrap().permissions();
        assert_eq!(permissions(flag), permissions(plain));
    }

    #[test]
    fn a_save_that_fails_leaves_nothing() {
        let (_folder, store) = store();
        fs::create_dir(store.0.join("br.gif")).unwrap();
        store.save("br.gif", b"x".to_vec()).unwrap_err();
        assert_eq!(fs::read_dir(&store.0).unwrap().count(), 1);
        fs::remove_dir_all(&store.0).unwrap();
        store.save("br.gif", b"x".to_vec()).unwrap_err();
    }
}
