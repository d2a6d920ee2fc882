//! A store that saves to a directory.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::Store;

/// Saves flags as files in one directory.
///
/// A file has its final name only when it is whole. There is no fsync: it would be most of what
/// is measured, and a flag can be downloaded again.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// Whether to try files without a name: until the file system refuses one.
    unnamed: AtomicBool,
}

impl Directory {
    /// Saves into the directory at `path`, which is created if it does not exist.
    ///
    /// # Errors
    ///
    /// If the directory cannot be created, or no file can be created in it.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        // Absolute, so that it no longer depends on the working directory.
        let path = fs::canonicalize(path)?;
        // Better to fail now than after the download.
        temporary(&path)?;
        let unnamed = AtomicBool::new(cfg!(target_os = "linux"));
        Ok(Self { path, unnamed })
    }

    /// The absolute path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Store for Directory {
    fn save(&self, file_name: &str, body: Vec<u8>) -> io::Result<()> {
        let target = self.path.join(file_name);
        #[cfg(target_os = "linux")]
        if self.unnamed.load(Relaxed) {
            match unnamed::save(&self.path, &target, &body)? {
                unnamed::Saved::Yes => return Ok(()),
                unnamed::Saved::NameTaken => {}
                unnamed::Saved::Unsupported => self.unnamed.store(false, Relaxed),
            }
        }
        // A rename works on every system, and replaces a file.
        let mut file = temporary(&self.path)?;
        file.write_all(&body)?;
        file.persist(target).map_err(|failed| failed.error)?;
        Ok(())
    }
}

fn temporary(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".flagrace-");
    // By default tempfile makes private files.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

/// A file that has no name until it is whole: `O_TMPFILE`, then a link (open(2), Linux).
///
/// This changes the directory once, where a temporary name and a rename change it twice: only
/// one thread at a time can change a directory. Nothing is left over, however the program ends.
#[cfg(target_os = "linux")]
mod unnamed {
    use std::fs::OpenOptions;
    use std::io::{self, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    use nix::errno::Errno;
    use nix::fcntl::{AT_FDCWD, AtFlags, OFlag};
    use nix::unistd::linkat;

    pub(super) enum Saved {
        Yes,
        /// A file of this name exists, and a link does not replace it.
        NameTaken,
        /// The file system has no files without a name, or `/proc` is not mounted.
        Unsupported,
    }

    pub(super) fn save(directory: &Path, target: &Path, body: &[u8]) -> io::Result<Saved> {
        let file = OpenOptions::new()
            .write(true)
            .mode(0o666)
            .custom_flags(OFlag::O_TMPFILE.bits())
            .open(directory);
        let mut file = match file {
            Ok(file) => file,
            Err(error) => {
                return match error.raw_os_error().map(Errno::from_raw) {
                    Some(Errno::EOPNOTSUPP | Errno::EISDIR) => Ok(Saved::Unsupported),
                    _ => Err(error),
                };
            }
        };
        file.write_all(body)?;
        let open = format!("/proc/self/fd/{}", file.as_raw_fd());
        let follow = AtFlags::AT_SYMLINK_FOLLOW;
        match linkat(AT_FDCWD, open.as_str(), AT_FDCWD, target, follow) {
            Ok(()) => Ok(Saved::Yes),
            Err(Errno::EEXIST) => Ok(Saved::NameTaken),
            // If the directory itself is gone, the rename will fail as well.
            Err(Errno::ENOENT) => Ok(Saved::Unsupported),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tempfile::TempDir;

    use super::*;

    fn store(unnamed: bool) -> (TempDir, Directory) {
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::create(folder.path().join("a/b")).unwrap();
        store.unnamed.store(unnamed, Relaxed);
        (folder, store)
    }

    fn names(store: &Directory) -> Vec<String> {
        let entries = fs::read_dir(store.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    }

    #[rstest]
    fn a_file_is_replaced_whole_and_nothing_else_is_left(#[values(true, false)] unnamed: bool) {
        let (_folder, store) = store(unnamed);
        store.save("br.gif", b"first, and longer".to_vec()).unwrap();
        store.save("br.gif", b"second".to_vec()).unwrap();
        assert_eq!(names(&store), ["br.gif"]);
        assert_eq!(fs::read(store.path().join("br.gif")).unwrap(), b"second");
    }

    #[cfg(unix)]
    #[rstest]
    fn a_file_is_as_readable_as_any_new_file(#[values(true, false)] unnamed: bool) {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, store) = store(unnamed);
        store.save("br.gif", b"x".to_vec()).unwrap();
        fs::write(store.path().join("plain"), b"x").unwrap();
        let mode =
            |name| fs::metadata(store.path().join(name)).map(|file| file.permissions().mode());
        assert_eq!(mode("br.gif").unwrap(), mode("plain").unwrap());
    }

    #[rstest]
    fn a_save_that_fails_leaves_nothing(#[values(true, false)] unnamed: bool) {
        let (_folder, store) = store(unnamed);
        fs::create_dir(store.path().join("br.gif")).unwrap();
        store.save("br.gif", b"x".to_vec()).unwrap_err();
        assert_eq!(names(&store), ["br.gif"]);
        fs::remove_dir_all(store.path()).unwrap();
        store.save("br.gif", b"x".to_vec()).unwrap_err();
    }

    #[test]
    fn a_file_is_not_a_directory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        Directory::create(file.path()).unwrap_err();
    }
}
