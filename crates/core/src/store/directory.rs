//! Flags as files in one directory.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::Store;

/// Keeps flags as files in one directory.
///
/// No partial file is ever under its final name. There is no fsync: it would be most of
/// what is measured, and a flag can be downloaded again.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// Whether the file system has shown no sign of refusing files without a name.
    unnamed: AtomicBool,
}

impl Directory {
    /// Keeps flags in the directory at `path`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be made, is no directory, or no file can be made in it.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        // A path that does not depend on the working directory is looked up once, here.
        let path = fs::canonicalize(path)?;
        // Better to learn now that nothing can be written here than after the download.
        temporary(&path)?;
        let unnamed = AtomicBool::new(cfg!(target_os = "linux"));
        Ok(Self { path, unnamed })
    }

    /// The directory.
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
        // Under a temporary name, and renamed: the way that replaces a file, and that
        // every system has.
        let mut file = temporary(&self.path)?;
        file.write_all(&body)?;
        file.persist(target).map_err(|failed| failed.error)?;
        Ok(())
    }
}

fn temporary(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".flagrace-");
    // tempfile makes private files; a flag is as public as any other download.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

/// A file that has no name until it is whole: `O_TMPFILE`, then a link (open(2), Linux).
///
/// The directory is changed once where a temporary name and a rename change it twice, and
/// a directory can be changed by one thread at a time. Nothing is left over, however the
/// program ends.
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
        /// There is a file of this name, and a link replaces nothing.
        NameTaken,
        /// The file system makes no files without a name, or there is no `/proc` to name
        /// them by.
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
            // The directory itself may be gone, which the other way will tell.
            Err(Errno::ENOENT) => Ok(Saved::Unsupported),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    fn a_file_is_replaced_whole_and_nothing_else_is_left(#[values(true, false)] unnamed: bool) {
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::create(folder.path().join("a/b")).unwrap();
        store.unnamed.store(unnamed, Relaxed);
        store.save("br.gif", b"first, and longer".to_vec()).unwrap();
        store.save("br.gif", b"second".to_vec()).unwrap();
        let names: Vec<_> = fs::read_dir(store.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["br.gif"]);
        let kept = fs::read(store.path().join("br.gif")).unwrap();
        assert_eq!(kept, b"second");
    }

    #[cfg(unix)]
    #[rstest]
    fn a_flag_is_as_readable_as_any_new_file(#[values(true, false)] unnamed: bool) {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::create(folder.path()).unwrap();
        store.unnamed.store(unnamed, Relaxed);
        store.save("br.gif", b"x".to_vec()).unwrap();
        fs::write(folder.path().join("plain"), b"x").unwrap();
        let mode = |name| {
            let file = fs::metadata(folder.path().join(name)).unwrap();
            file.permissions().mode()
        };
        assert_eq!(mode("br.gif"), mode("plain"));
    }

    #[rstest]
    fn a_save_that_fails_leaves_no_part(#[values(true, false)] unnamed: bool) {
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::create(folder.path()).unwrap();
        store.unnamed.store(unnamed, Relaxed);
        fs::create_dir(folder.path().join("br.gif")).unwrap();
        store.save("br.gif", b"x".to_vec()).unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_is_gone_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = Directory::create(folder.path().join("gone")).unwrap();
        fs::remove_dir(store.path()).unwrap();
        store.save("br.gif", b"x".to_vec()).unwrap_err();
    }

    #[test]
    fn a_file_is_no_directory() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        Directory::create(&file).unwrap_err();
    }
}
