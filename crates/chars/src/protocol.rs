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
const PROMPT: &str = "?> ";

/// What a server does next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// Send this piece of a response.
    Send(Vec<u8>),
    /// Receive bytes.
    #[default]
    Receive,
    /// Let others have a turn, within a response or before the next. The system does it for threads.
    Pause,
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
}

impl Conversation {
    /// Takes bytes in pieces of any size; none are the end of input.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.input.extend(bytes);
        if bytes.is_empty() {
            self.then = Next::Close;
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
                if self.input.contains(&b'\n') {
                    self.then = Next::Pause;
                }
            }
            return true;
        }
        let end = self.input.iter().position(|byte| *byte == b'\n');
        let line = &self.input[..end.unwrap_or(self.input.len())];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_long = line.len() > MAX_LINE;
        let text = str::from_utf8(line);
        let is_valid = match text {
            _ if is_long => true,
            Ok(text) => !text.contains(char::is_control),
            // The rest of a character may still arrive.
            Err(error) => end.is_none() && error.error_len().is_none(),
        };
        if !is_valid {
            self.then = Next::Close;
        }
        let Some(end) = end.filter(|_| is_valid) else {
            // Enough of a long line to know it as one.
            self.input.truncate(MAX_LINE + 2);
            return false;
        };
        match text.unwrap_or_default().trim() {
            _ if is_long => *piece += &format!("A line has at most {MAX_LINE} bytes.\r\n{PROMPT}"),
            "" => *piece += PROMPT,
            query => self.answer = Some((query.to_owned(), 0, find(query))),
        }
        self.input.drain(..=end);
        true
    }
}

/// The last line of an answer.
pub fn summary(count: usize, query: &str) -> String {
    let matches = if count == 1 { "match" } else { "matches" };
    format!("{count} {matches} for '{query}'")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const HBAR: &str = "U+210F\tℏ\tPLANCK CONSTANT OVER TWO PI\r\n1 match for";
    const TOO_LONG: &str = "A line has at most 1024 bytes.\r\n?> ";

    /// All that is sent for these bytes, received so many at a time, and what comes next.
    fn sent(bytes: &[u8], at_a_time: usize) -> (String, Next) {
        let mut conversation = Conversation::default();
        let mut bytes = bytes.chunks(at_a_time);
        let (mut sent, mut full) = (Vec::new(), false);
        loop {
            match (conversation.proceed(), bytes.len()) {
                (Next::Send(piece), _) => {
                    assert!(!full && piece.len() <= PIECE + 2 * MAX_LINE);
                    full = piece.len() >= PIECE;
                    sent.extend(piece);
                }
                (Next::Pause, _) => full = false,
                (Next::Receive, 1..) => {
                    assert!(conversation.input.capacity() <= 4 * MAX_LINE);
                    conversation.receive(bytes.next().unwrap());
                }
                (next, _) => return (String::from_utf8(sent).unwrap(), next),
            }
        }
    }

    #[rstest]
    #[case::in_any_order(b"two planck\r\n", format!("{HBAR} 'two planck'\r\n?> "), Next::Receive)]
    #[case::by_part(b" Planck-TWO \n", format!("{HBAR} 'Planck-TWO'\r\n?> "), Next::Receive)]
    #[case::no_words(b"-\n", "0 matches for '-'\r\n?> ".into(), Next::Receive)]
    #[case::blank_lines(b"\r\n \n\n", "?> ?> ?> ".into(), Next::Receive)]
    #[case::two_bytes("é\n".as_bytes(), "0 matches for 'é'\r\n?> ".into(), Next::Receive)]
    #[case::not_a_line(b"cat\xc3", String::new(), Next::Receive)]
    #[case::control_character(b"-\nca\x03", "0 matches for '-'\r\n?> ".into(), Next::Close)]
    #[case::ctrl_c_of_telnet(b"\n\xff\xf4\xff\xfd\x06", "?> ".into(), Next::Close)]
    #[case::half_a_character(b"\xc3\n\n", String::new(), Next::Close)]
    #[case::endless(&[b'a'; 9000], String::new(), Next::Receive)]
    #[case::too_long(&[&[b'a'; 9000], &b"\n\n"[..]].concat(), format!("{TOO_LONG}?> "), Next::Receive)]
    fn a_line_gets_this(#[case] bytes: &[u8], #[case] text: String, #[case] next: Next) {
        for size in [1, 2, 5, 2000] {
            assert_eq!(sent(bytes, size), (text.clone(), next.clone()), "{size}");
        }
    }

    #[test]
    fn others_have_a_turn_between_two_queries() {
        let mut conversation = Conversation::default();
        conversation.receive(b"-\n-\n");
        let next = [(); 4].map(|()| conversation.proceed());
        let answer = Next::Send(b"0 matches for '-'\r\n?> ".into());
        assert_eq!(next, [answer.clone(), Next::Pause, answer, Next::Receive]);
    }

    #[test]
    fn the_end_of_input_closes() {
        let mut conversation = Conversation::default();
        conversation.receive(b"ca");
        conversation.receive(b"");
        assert_eq!(conversation.proceed(), Next::Close);
    }

    /// `sent` checks that each piece is small, and that others have a turn after a full one.
    #[test]
    fn a_flood_is_sent_in_pieces_and_in_code_point_order() {
        let (flood, _) = sent(b"letter\n", 512);
        let codes = flood.lines().filter_map(|line| line.split_once('\t'));
        let codes = codes.map(|(code, _)| u32::from_str_radix(&code[2..], 16).unwrap());
        let codes: Vec<_> = codes.collect();
        assert!(codes.is_sorted() && codes.len() > 10_000);
        assert_eq!(codes.len(), find("LETTER").count());
    }
}
