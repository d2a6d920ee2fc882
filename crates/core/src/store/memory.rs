//! Flags in memory, and flags nowhere.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use super::Store;

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
    fn save(&self, file_name: &str, body: Vec<u8>) -> io::Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let replaced = files.insert(file_name.to_owned(), body);
        // Others wait for the lock, not for memory to be given back.
        drop(files);
        drop(replaced);
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
    fn save(&self, _file_name: &str, _body: Vec<u8>) -> io::Result<()> {
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
    fn memory_keeps_the_last_of_each_name() {
        let store = Memory::default();
        store.save("br.gif", b"first".to_vec()).unwrap();
        store.save("br.gif", b"second".to_vec()).unwrap();
        assert_eq!(store.take()["br.gif"], b"second");
    }
}
