//! Exercise 5 (lesson 6): a save that is not forgotten.
//!
//! No flag is ok before it is on the disk, a failed save is an error, and meanwhile the event loop
//! is free.

use std::io;
use std::sync::Arc;

use flagrace_core::Store;
use tokio::task::spawn_blocking;

/// Saves a flag. `Store::save` blocks, so it runs on another thread.
pub async fn save(store: Arc<dyn Store>, name: String, image: Vec<u8>) -> io::Result<()> {
    // GAP: the save has begun; what is its result?
    spawn_blocking(move || store.save(&name, image));
    Ok(())
}
