//! The protocol without I/O: bytes in, bytes out. Both models share it.

use std::mem;

use crate::index::{Matches, describe, find};

/// The longest line, in bytes.
pub const MAX_LINE: usize = 1024;
/// The most bytes that are received at once.
pub const READ: usize = 512;
/// About the most bytes that are sent at once. The next piece is made only then, so that a query
/// with many matches does not fill the memory.
pub const PIECE: usize = 8 * 1024;
/// All that a client gets if there is no thread for it.
pub const BUSY: &[u8] = b"Too many connections: try again later.\r\n";
const PROMPT: &str = "?> ";

/// What a server does next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// Send this piece of a response.
    Send(Vec<u8>),
    /// Receive bytes.
    #[default]
    Receive,
    /// Let others have a turn within a long response. The system sees to that between threads.
    Pause,
    /// End the output, but receive: to close with bytes unread might lose the last line.
    Finish,
    /// Close the connection.
    Close,
}

/// The state of one connection.
#[derive(Default)]
pub struct Conversation {
    /// What has arrived and is not answered.
    input: Vec<u8>,
    /// The query that is being answered, and its matches so far.
    answer: Option<(String, usize, Matches)>,
    /// What comes after the answers.
    then: Next,
    /// Whether the rest of the line is skipped, and the connection is closed at its end.
    skips: bool,
}

impl Conversation {
    /// Takes bytes in pieces of any size; none are the end of input.
    pub fn receive(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.skips && bytes.contains(&b'\n') {
            self.then = Next::Close;
        } else if !self.skips {
            self.input.extend(bytes);
        }
    }

    /// What to do next.
    pub fn proceed(&mut self) -> Next {
        let mut piece = String::new();
        while piece.len() < PIECE && self.then == Next::Receive && self.go_on(&mut piece) {}
        if piece.is_empty() {
            return mem::take(&mut self.then);
        }
        if self.answer.is_some() {
            self.then = Next::Pause;
        }
        Next::Send(piece.into())
    }

    /// Adds a line or a prompt, or begins to answer; false if no whole line has arrived.
    fn go_on(&mut self, piece: &mut String) -> bool {
        if let Some((query, count, matches)) = &mut self.answer {
            if let Some(char) = matches.next() {
                *count += 1;
                *piece += &(describe(char).join("\t") + "\r\n");
            } else {
                *piece += &(summary(*count, query) + "\r\n" + PROMPT);
                self.answer = None;
            }
            return true;
        }
        let end = self.input.iter().position(|byte| *byte == b'\n');
        let line = &self.input[..end.unwrap_or(self.input.len())];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > MAX_LINE {
            *piece += &format!("A line has at most {MAX_LINE} bytes.\r\n");
            self.input.clear();
            (self.then, self.skips) = (Next::Finish, true);
            return false;
        }
        let text = str::from_utf8(line);
        let valid = match text {
            Ok(text) => !text.contains(char::is_control),
            // The rest of a character may still arrive.
            Err(error) => end.is_none() && error.error_len().is_none(),
        };
        if !valid {
            self.then = Next::Close;
        }
        let (true, Some(end), Ok(text)) = (valid, end, text) else {
            return false;
        };
        match text.trim() {
            "" => *piece += PROMPT,
            query => self.answer = Some((query.to_owned(), 0, find(query))),
        }
        self.input.drain(..=end);
        true
    }
}

/// The last line of an answer.
pub(crate) fn summary(count: usize, query: &str) -> String {
    let matches = if count == 1 { "match" } else { "matches" };
    format!("{count} {matches} for '{query}'")
}
