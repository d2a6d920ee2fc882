//! Exercise 8 (lesson 10): a client that never reads.
//!
//! Once its buffers are full, `write_all` waits, and the task keeps the answer in memory.

use tokio::io::{AsyncWriteExt, DuplexStream, Result};

/// Sends an answer, or fails if the client has not taken it within 50 ms.
pub async fn send(client: &mut DuplexStream, answer: &[u8]) -> Result<()> {
    // GAP: this waits for as long as the client likes.
    client.write_all(answer).await
}
