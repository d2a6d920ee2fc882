//! Where flags are kept: a directory, memory, or nowhere.

mod directory;
mod memory;

use std::io;
use std::thread;

pub use directory::Directory;
pub use memory::{Memory, Null};

/// Keeps flags.
pub trait Store: Send + Sync {
    /// Keeps one file, replacing one of the same name. The body is handed over whole, so
    /// that a store can keep it without a copy.
    ///
    /// When it returns `Ok` the file is there, whole; when it fails, no part of it is
    /// under its name.
    fn save(&self, file_name: &str, body: Vec<u8>) -> io::Result<()>;

    /// Whether `save` may wait for a device, so that an event loop must not call it
    /// itself. A store that only touches memory says no: handing a flag to another thread
    /// takes longer than keeping it.
    fn may_block(&self) -> bool {
        true
    }
}

/// How many threads a runtime should have for saving. Tokio would start up to 512, and more
/// than there are cores only get in each other's way; two, so that one slow save holds up no
/// other.
pub fn saving_threads() -> usize {
    thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}
