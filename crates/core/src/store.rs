//! Where flags are saved.

use std::collections::HashMap;
use std::io;
use std::sync::Mutex;
use std::thread;

use crate::lock;

/// Saves flags.
pub trait Store: Send + Sync {
    /// Saves one file, replacing one of the same name. The store owns the body, so that it need not
    /// copy it.
    ///
    /// After `Ok` the whole file exists; after an error, no part of it is under its name.
    fn save(&self, file_name: &str, body: Vec<u8>) -> io::Result<()>;

    /// Whether `save` may block, so that an event loop must not call it. For a store in memory,
    /// moving to another thread would take longer than the save.
    fn may_block(&self) -> bool {
        true
    }
}

/// The number of threads that a runtime should use for saving: one per core, and at least two, so
/// that one slow save does not block the others. Tokio would start up to 512.
pub fn saving_threads() -> usize {
    thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

/// Saves flags in memory.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<String, Vec<u8>>>);

impl Memory {
    /// Removes and returns all files, by name.
    pub fn take(&self) -> HashMap<String, Vec<u8>> {
        std::mem::take(&mut *lock(&self.0))
    }
}

impl Store for Memory {
    fn save(&self, file_name: &str, body: Vec<u8>) -> io::Result<()> {
        let mut files = lock(&self.0);
        let replaced = files.insert(file_name.to_owned(), body);
        // Release the lock first: other threads need not wait for a deallocation.
        drop(files);
        drop(replaced);
        Ok(())
    }

    fn may_block(&self) -> bool {
        false
    }
}

/// Discards files, so that only the download is timed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl Store for Null {
    fn save(&self, _file_name: &str, _body: Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn may_block(&self) -> bool {
        false
    }
}
