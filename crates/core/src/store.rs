//! Where flags are kept: a directory, memory, or nowhere.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Keeps flags.
pub trait Store: Send + Sync {
    /// Keeps one file, replacing one of the same name.
    ///
    /// When it returns `Ok` the file is there, whole; when it fails, no part of it is
    /// under its name.
    fn save(&self, file_name: &str, body: &[u8]) -> io::Result<()>;

    /// Whether `save` may wait for a device, so that an event loop must not call it
    /// itself. A store that only touches memory says no: handing a flag to another thread
    /// takes longer than copying it.
    fn may_block(&self) -> bool {
        true
    }
}

/// Keeps flags as files in one directory.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Keeps flags in the directory at `path`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be made, is no directory, or no file can be made in it.
    pub fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path)?;
        // Better to learn now that nothing can be written here than after the download.
        Self::temporary(&path)?;
        Ok(Self { path })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".flagrace-");
        // tempfile makes private files; a flag is as public as any other download.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(path)
    }
}

impl Store for Directory {
    fn save(&self, file_name: &str, body: &[u8]) -> io::Result<()> {
        // Written under a temporary name and renamed, so that no partial file is ever
        // under its final name. No fsync: it would be most of what is measured, and a
        // flag can be downloaded again.
        let mut file = Self::temporary(&self.path)?;
        file.write_all(body)?;
        file.persist(self.path.join(file_name))
            .map_err(|failed| failed.error)?;
        Ok(())
    }
}

/// Keeps flags in memory.
#[derive(Debug, Default)]
pub struct Memory {
    files: Mutex<HashMap<String, Vec<u8>>>,
}

impl Memory {
    /// Takes out all that was kept, by file name.
    pub fn take(&self) -> HashMap<String, Vec<u8>> {
        std::mem::take(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Memory {
    fn save(&self, file_name: &str, body: &[u8]) -> io::Result<()> {
        // The copy is made outside the lock.
        let body = body.to_vec();
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        match files.get_mut(file_name) {
            Some(kept) => *kept = body,
            None => {
                files.insert(file_name.to_owned(), body);
            }
        }
        Ok(())
    }

    fn may_block(&self) -> bool {
        false
    }
}

/// Keeps nothing: what is timed is the download alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl Store for Null {
    fn save(&self, _file_name: &str, _body: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn may_block(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::create(folder.path().join("a/b")).unwrap();
        store.save("br.gif", b"first, and longer").unwrap();
        store.save("br.gif", b"second").unwrap();
        let names: Vec<_> = fs::read_dir(store.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["br.gif"]);
        let kept = fs::read(store.path().join("br.gif")).unwrap();
        assert_eq!(kept, b"second");
    }

    #[cfg(unix)]
    #[test]
    fn a_flag_is_as_readable_as_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::create(folder.path()).unwrap();
        store.save("br.gif", b"x").unwrap();
        fs::write(folder.path().join("plain"), b"x").unwrap();
        let mode = |name| {
            fs::metadata(folder.path().join(name))
                .unwrap()
                .permissions()
                .mode()
        };
        assert_eq!(mode("br.gif"), mode("plain"));
    }

    #[test]
    fn a_save_that_fails_leaves_no_part() {
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::create(folder.path()).unwrap();
        fs::create_dir(folder.path().join("br.gif")).unwrap();
        store.save("br.gif", b"x").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_no_directory() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        Directory::create(&file).unwrap_err();
    }

    #[test]
    fn memory_keeps_the_last_of_each_name() {
        let store = Memory::default();
        store.save("br.gif", b"first").unwrap();
        store.save("br.gif", b"second").unwrap();
        assert_eq!(store.take()["br.gif"], b"second");
    }
}
