//! The folder that the results are kept in, of which one comparison at a time has the use.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
#[cfg(unix)]
use nix::fcntl::{Flock, FlockArg};
use tempfile::TempDir;

/// What the names of folders begin with in which trials save flags.
const SAVED: &str = ".saved-";

/// The folder, for as long as a comparison is under way.
pub struct Place {
    path: PathBuf,
    saved: TempDir,
    /// On the folder itself, so that nothing is left behind, whatever ends the program.
    #[cfg(unix)]
    _lock: Flock<File>,
}

impl Place {
    /// Takes a folder, which is made where it is not there. Two comparisons in one folder would
    /// slow each other, and the later one would write over what the other has measured.
    pub fn take(path: &Path) -> anyhow::Result<Self> {
        let cannot = || format!("cannot keep results in {}", path.display());
        fs::create_dir_all(path).with_context(cannot)?;
        #[cfg(unix)]
        let lock = {
            let folder = File::open(path).with_context(cannot)?;
            match Flock::lock(folder, FlockArg::LockExclusiveNonblock) {
                Err((_, nix::Error::EWOULDBLOCK)) => anyhow::bail!(
                    "another comparison is under way in {}: wait for it, or name another folder \
                     with --output",
                    path.display()
                ),
                lock => lock.map_err(|(_, error)| error).with_context(cannot)?,
            }
        };
        clear(path).with_context(cannot)?;
        // On the disk that the results are on: a temporary directory may be memory.
        let saved = tempfile::Builder::new().prefix(SAVED).tempdir_in(path);
        Ok(Self {
            path: path.to_path_buf(),
            saved: saved.with_context(cannot)?,
            #[cfg(unix)]
            _lock: lock,
        })
    }

    /// Where the results are.
    pub fn results(&self) -> &Path {
        &self.path
    }

    /// Where trials save flags: a folder that goes with the comparison.
    pub fn saved(&self) -> &Path {
        self.saved.path()
    }
}

/// Removes what a comparison left behind that was killed: this one has the folder for itself.
fn clear(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(SAVED) && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
