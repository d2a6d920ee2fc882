//! The protocol without I/O: bytes in, bytes out. Both models share it.

use std::io::Write;

use crate::index::{self, Character, Matches};

/// The most bytes of a line, without its end.
pub const MAX_LINE: usize = 1024;
/// A response is made in pieces of about this many bytes, each when the one before is written, so
/// that no query fills the memory.
pub const PIECE: usize = 8 * 1024;
/// The most bytes that a server reads at once.
pub(crate) const READ: usize = 512;
/// What a client gets if there is no thread for it.
pub(crate) const BUSY: &[u8] = b"Too many connections: try again later.\r\n";

const PROMPT: &[u8] = b"?> ";

/// What a server does next for a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this piece of a response.
    Send(Vec<u8>),
    /// Receive bytes.
    Receive,
    /// End the output. The client may still be sending, and bytes that are not received would
    /// reset the connection: the last line could be lost.
    Finish,
    /// Close the connection.
    Close,
}

/// The state of one connection.
#[derive(Debug)]
pub struct Conversation {
    /// What has arrived and is not answered.
    input: Vec<u8>,
    answer: Option<Answer>,
    state: State,
}

#[derive(Debug, PartialEq)]
enum State {
    Open,
    /// A line was too long.
    Refused,
    /// The rest of that line is thrown away.
    Skipping,
    Over,
}

/// A query whose matches are being sent.
#[derive(Debug)]
struct Answer {
    query: String,
    matches: Matches,
    sent: usize,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            // A blank line prompts, and so a conversation begins.
            input: b"\n".to_vec(),
            answer: None,
            state: State::Open,
        }
    }
}

impl Conversation {
    /// Takes bytes in pieces of any size; none are the end of input.
    pub fn receive(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.state == State::Skipping && bytes.contains(&b'\n') {
            self.state = State::Over;
        } else if self.state == State::Open {
            self.input.extend(bytes);
        }
    }

    /// What to do next.
    pub fn next(&mut self) -> Next {
        let mut piece = Vec::new();
        while piece.len() < PIECE && self.state == State::Open {
            match self.answer.take() {
                Some(answer) => self.answer = answer.go_on(&mut piece),
                None if self.take_line(&mut piece) => {}
                None => break,
            }
        }
        match self.state {
            _ if !piece.is_empty() => Next::Send(piece),
            State::Refused => {
                self.state = State::Skipping;
                Next::Finish
            }
            State::Over => Next::Close,
            State::Open | State::Skipping => Next::Receive,
        }
    }

    /// Begins to answer the next line; false if it has not arrived or must not be answered.
    fn take_line(&mut self, piece: &mut Vec<u8>) -> bool {
        let end = self.input.iter().position(|byte| *byte == b'\n');
        let line = &self.input[..end.unwrap_or(self.input.len())];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > MAX_LINE {
            let refusal = format!("A line has at most {MAX_LINE} bytes.\r\n");
            piece.extend(refusal.into_bytes());
            self.state = State::Refused;
            return false;
        }
        let text = str::from_utf8(line);
        let valid = match text {
            Ok(text) => !text.contains(char::is_control),
            // The rest of a character may still arrive, but not after the end of the line.
            Err(error) => end.is_none() && error.error_len().is_none(),
        };
        if !valid {
            self.state = State::Over;
        }
        let (Some(end), Ok(text), true) = (end, text, valid) else {
            return false;
        };
        let query = text.trim();
        if query.is_empty() {
            piece.extend(PROMPT);
        } else {
            self.answer = Some(Answer {
                query: query.to_owned(),
                matches: index::find(query),
                sent: 0,
            });
        }
        self.input.drain(..=end);
        true
    }
}

impl Answer {
    /// Adds the next match, or the last line and the prompt.
    fn go_on(mut self, piece: &mut Vec<u8>) -> Option<Self> {
        // A vector accepts all that is written.
        if let Some(character) = self.matches.next() {
            self.sent += 1;
            let Character { code, char, name } = character.into();
            let _ = write!(piece, "{code}\t{char}\t{name}\r\n");
            return Some(self);
        }
        let _ = write!(piece, "{}\r\n", summary(self.sent, &self.query));
        piece.extend(PROMPT);
        None
    }
}

/// The last line of a response.
pub(crate) fn summary(count: usize, query: &str) -> String {
    let matches = if count == 1 { "match" } else { "matches" };
    format!("{count} {matches} for '{query}'")
}
