//! Input that nobody wrote by hand, for the tests of parsers: valid input, changed at random. A
//! parser would refuse random bytes at the first of them.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Sets of bytes: a part has only bytes of a set, or none of them. Numbers are the likeliest.
const SETS: [&[u8]; 4] = [b"0123456789.", b"0123456789.", b" \"':=,{}[]\r\n", b"\n"];

/// One of the valid inputs with one or two changes: a part is replaced, removed or repeated. The end
/// may be cut off.
pub fn mutated(valid: Vec<String>) -> impl Strategy<Value = Bytes> {
    let mut words: Vec<Vec<u8>> = include_str!("words.txt").lines().map(Vec::from).collect();
    // Longer, and deeper, than any limit of a parser.
    words.push(vec![b'['; 20_000]);
    let text = prop_oneof![9 => select(words), 1 => vec(any::<u8>(), 0..4)];
    let text = prop::option::weighted(0.9, text);
    let part = (select(&SETS), prop::bool::weighted(0.7), any::<Index>());
    let cut = prop::option::weighted(0.1, any::<Index>());
    (select(valid), vec((part, text), 1..3), cut).prop_map(|(valid, changes, cut)| {
        let mut input = valid.into_bytes();
        for ((set, inside, at), text) in changes {
            let is_end = |byte: &u8| set.contains(byte) != inside;
            let at = at.index(input.len() + 1);
            let skip = input[at..].iter().position(|byte| !is_end(byte));
            let at = at + skip.unwrap_or(0);
            let (before, after) = input.split_at(at);
            let start = before.iter().rposition(is_end).map_or(0, |end| end + 1);
            let end = at + after.iter().position(is_end).unwrap_or(after.len());
            let old = &input[start..end];
            let new = text.unwrap_or_else(|| [old, old].join(&b"\r\n"[..]));
            input.splice(start..end, new);
        }
        input.truncate(cut.map_or(input.len(), |cut| cut.index(input.len() + 1)));
        input.into()
    })
}
